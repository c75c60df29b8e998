-- The Idempotency-Key of the call that made an order, kept for as long as the order is: the
-- call made again, whenever and however often, finds the order here.
ALTER TABLE orders ADD COLUMN idempotency_key text COLLATE "C"
CHECK (idempotency_key ~ '^[!-~]{1,255}$');

CREATE UNIQUE INDEX orders_user_id_idempotency_key_idx ON orders (user_id, idempotency_key)
WHERE idempotency_key IS NOT NULL;
