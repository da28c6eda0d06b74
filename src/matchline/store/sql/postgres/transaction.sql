-- How a transaction begins and ends, and what it asks to keep others off. One order everywhere: call or key, guesser
-- or client, configuration, session, reservation, number, codes in use, record.

-- name: begin
begin isolation level read committed;

-- name: begin_reading
begin isolation level repeatable read read only;

-- Its own id, by which its outcome is found out when the connection is lost, and the id of the reservation that it
-- may make.
-- name: introduce
select cast(pg_current_xact_id() as text), null;

-- name: introduce_claim
select cast(pg_current_xact_id() as text), nextval('reservation_id_seq');

-- name: commit
commit;

-- name: rollback
rollback;

-- name: outcome
select pg_xact_status(cast(cast(:id as text) as xid8));

-- The server may take long to notice that its client is gone.
-- name: end_transaction
select pg_terminate_backend(pid) from pg_stat_activity
where backend_xid = cast(cast(cast(:id as text) as xid8) as xid);

-- Two requests with the same key, two reports of the same call: one after the other.

-- name: lock_key
select pg_advisory_xact_lock(hashtextextended(:key, 1));

-- name: lock_call
select pg_advisory_xact_lock(hashtextextended(:key, 2));

-- name: lock_version
select 1 from meta where name = 'version' for update;

-- name: lock_session
select 1 from session where id = :id for update;

-- Dividing by none fails: a candidate that is not as it was read makes the step begin again.
-- name: lock_candidate
with same as (
  select id from reservation
  where id = :id and outcome is null and phone = :phone and started_at = :started_at and expires_at = :expires_at
  for update
)
select 1 / count(*) from same;

-- name: lock_number
select 1 from number where id = :id for update;

-- A record that is not there cannot be locked, so one that is over is made.
-- name: lock_record
insert into record (id, expires_at, sweep_at, hidden, body) values (:id, 0, 0, 1, '')
on conflict (id) do update set id = excluded.id;
