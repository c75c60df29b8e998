-- What is too old stands at one end. Its vacuum does not wait until a fifth of a
-- day's events is dead.
CREATE INDEX inbox_receive_time_idx ON inbox (receive_time);
ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000);
