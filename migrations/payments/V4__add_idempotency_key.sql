-- The Idempotency-Key of the call that topped up, kept for as long as the ledger is: the call
-- made again, whenever and however often, finds its entry here.
ALTER TABLE ledger_entries ADD COLUMN idempotency_key text COLLATE "C"
CHECK (idempotency_key ~ '^[!-~]{1,255}$'),
ADD CHECK (kind = 'TOP_UP' OR idempotency_key IS NULL);

CREATE UNIQUE INDEX ledger_entries_user_id_idempotency_key_idx
ON ledger_entries (user_id, idempotency_key)
WHERE idempotency_key IS NOT NULL;
