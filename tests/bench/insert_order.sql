-- pgbench: the shortest write there is, one row in a transaction of its own.
INSERT INTO orders (id, user_id, amount, description, status, create_time, update_time)
VALUES (gen_random_uuid(), 'user', 1, 'load', 'NEW', now(), now());
