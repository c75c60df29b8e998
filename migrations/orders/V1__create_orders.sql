-- Orders and the outbox of their events.
-- Run by the owner role; ${service_role} is the role orders-service logs in as.

-- Set-based statements must keep their index plans when tables grow.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET random_page_cost = 1.1', current_database());
    EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
END $$;

CREATE TABLE orders (
    id            uuid PRIMARY KEY,
    user_id       text COLLATE "C" NOT NULL
        CHECK (user_id ~ '^[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}$'),
    amount        bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    description   text NOT NULL CHECK (char_length(description) <= 1000),
    status        text NOT NULL CHECK (status IN ('NEW', 'FINISHED', 'CANCELLED')),
    cancel_reason text CHECK (cancel_reason IN ('INSUFFICIENT_FUNDS', 'ACCOUNT_NOT_FOUND')),
    create_time   timestamptz NOT NULL,
    update_time   timestamptz NOT NULL,
    CHECK ((status = 'CANCELLED') = (cancel_reason IS NOT NULL))
);

-- A user's orders, newest first: ids are UUID v7.
CREATE INDEX orders_user_id_id_idx ON orders (user_id, id DESC);

-- Committed events waiting for the broker; a row is deleted once confirmed.
CREATE TABLE outbox (
    event_id       uuid PRIMARY KEY,
    type           text NOT NULL,
    correlation_id uuid NOT NULL,
    partition_key  text NOT NULL,
    payload        bytea NOT NULL,
    trace          text NOT NULL,
    create_time    timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

COMMENT ON COLUMN outbox.type IS 'full protobuf name; the routing key';
COMMENT ON COLUMN outbox.correlation_id IS 'the order''s id';
COMMENT ON COLUMN outbox.partition_key IS 'the user''s id, by which systems can be sharded';
COMMENT ON COLUMN outbox.trace IS 'W3C traceparent of the call that wrote the row, or empty';

GRANT SELECT, INSERT ON orders TO ${service_role};
GRANT UPDATE (status, cancel_reason, update_time) ON orders TO ${service_role};
GRANT SELECT, INSERT, DELETE ON outbox TO ${service_role};
-- FOR UPDATE asks for the right to update some column.
GRANT UPDATE (create_time) ON outbox TO ${service_role};
