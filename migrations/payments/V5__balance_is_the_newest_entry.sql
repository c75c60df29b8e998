-- An account's balance is what its newest ledger entry left: kept once, so that it cannot
-- differ, and no row is written twice. Kept in the account's row it left a dead version with
-- each batch, and while a snapshot held those, charging had to pass them all.
-- Copies of the service from before are refused by this: two rules must not decide on the
-- same money.
ALTER TABLE accounts DROP COLUMN balance, DROP COLUMN last_entry, RESET (fillfactor);
-- FOR UPDATE asks for the right to update some column.
GRANT UPDATE (create_time) ON accounts TO ${service_role};
COMMENT ON TABLE accounts IS 'who has an account; locked while its next ledger entry is decided on';
COMMENT ON COLUMN ledger_entries.balance_after IS 'the newest entry''s is the account''s balance';
