-- pgbench: an order and the event that tells of it, one by one, as anybody would write it.
\set person random(1, 50)
\set amount random(1, 1000)
BEGIN;
INSERT INTO orders (id, user_id, amount, description, status, create_time, update_time)
VALUES (gen_random_uuid(), 'user-' || :person, :amount, 'load', 'NEW', now(), now())
RETURNING id AS order_id \gset
INSERT INTO outbox (event_id, type, correlation_id, partition_key, payload, trace)
VALUES (gen_random_uuid(), 'orders.events.v1.PaymentRequested', :order_id, 'user-' || :person, decode(repeat('ab', 80), 'hex'), '');
COMMIT;
