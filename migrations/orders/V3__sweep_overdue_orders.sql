-- An order that stays NEW has its payment requested again, later each time.
ALTER TABLE orders ADD COLUMN sweep_time timestamptz;

COMMENT ON COLUMN orders.sweep_time IS 'taken for create_time by the sweeper, once it has requested the payment again';

-- What is overdue is all that stands before one time, and nothing else.
CREATE INDEX orders_sweep_idx ON orders (coalesce(sweep_time, create_time)) WHERE status = 'NEW';

GRANT UPDATE (sweep_time) ON orders TO ${service_role};
