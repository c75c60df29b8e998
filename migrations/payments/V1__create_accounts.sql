-- Accounts, their ledger, the decisions on payments, inbox and outbox.
-- Run by the owner role; ${service_role} is the role payments-service logs in as.

-- Joining accounts with a batch must stay an index plan when tables grow.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET random_page_cost = 1.1', current_database());
    EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
END $$;

-- fillfactor leaves room for HOT updates: a balance changes often.
CREATE TABLE accounts (
    user_id      text COLLATE "C" PRIMARY KEY
        CHECK (user_id ~ '^[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}$'),
    id           uuid NOT NULL,
    balance      bigint NOT NULL CHECK (balance BETWEEN 0 AND 9007199254740991),
    last_entry   bigint NOT NULL CHECK (last_entry >= 0),
    create_time  timestamptz NOT NULL
) WITH (fillfactor = 70);

COMMENT ON COLUMN accounts.id IS 'made by the creating command; tells its own re-run from a second creation';
COMMENT ON COLUMN accounts.last_entry IS 'entry_number of the newest ledger entry, 0 before the first';

-- Append-only: every top-up and charge with the balance after it.
CREATE TABLE ledger_entries (
    id            uuid PRIMARY KEY,
    user_id       text COLLATE "C" NOT NULL,
    entry_number  bigint NOT NULL CHECK (entry_number > 0),
    kind          text NOT NULL CHECK (kind IN ('TOP_UP', 'CHARGE')),
    amount        bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    balance_after bigint NOT NULL CHECK (balance_after BETWEEN 0 AND 9007199254740991),
    order_id      uuid,
    create_time   timestamptz NOT NULL,
    CHECK ((kind = 'CHARGE') = (order_id IS NOT NULL)),
    UNIQUE (user_id, entry_number)
);

COMMENT ON COLUMN ledger_entries.entry_number IS '1, 2, 3 .. per account, given under the account''s row lock';

-- The decision on each order's payment: the lasting guard against a second charge.
CREATE TABLE payment_transactions (
    order_id       uuid PRIMARY KEY,
    user_id        text COLLATE "C" NOT NULL,
    amount         bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    outcome        text NOT NULL CHECK (outcome IN ('SUCCEEDED', 'DECLINED')),
    decline_reason text CHECK (decline_reason IN ('INSUFFICIENT_FUNDS', 'ACCOUNT_NOT_FOUND')),
    create_time    timestamptz NOT NULL,
    CHECK ((outcome = 'DECLINED') = (decline_reason IS NOT NULL))
);

-- Ids of events already applied. Saves work on redelivery; the guard is above.
CREATE TABLE inbox (
    event_id      uuid PRIMARY KEY,
    partition_key text NOT NULL,
    receive_time  timestamptz NOT NULL DEFAULT now()
);

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
COMMENT ON COLUMN inbox.partition_key IS 'the user''s id, by which systems can be sharded';

GRANT SELECT, INSERT ON accounts TO ${service_role};
GRANT UPDATE (balance, last_entry) ON accounts TO ${service_role};
GRANT SELECT, INSERT ON ledger_entries TO ${service_role};
GRANT SELECT, INSERT ON payment_transactions TO ${service_role};
GRANT SELECT, INSERT, DELETE ON inbox TO ${service_role};
GRANT SELECT, INSERT, DELETE ON outbox TO ${service_role};
-- FOR UPDATE asks for the right to update some column.
GRANT UPDATE (receive_time) ON inbox TO ${service_role};
GRANT UPDATE (create_time) ON outbox TO ${service_role};
