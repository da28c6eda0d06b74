-- One claim of a client that is near its quota after the other.
-- name: lock_client
select pg_advisory_xact_lock(hashtextextended(:client, 4));
