-- The walks go by the tables' own keys: what would lead to a person more quickly every match would pay for.

-- name: walk_sessions
select id, data_id, phone_text from session where id > :id order by id limit :limit;

-- name: walk_reservations
select id, session_id, data_id, phone from reservation where id > :id order by id limit :limit;

-- name: walk_bindings
select number_id, kind, key, session_id, data_id, phone from binding
where (number_id, kind, key, session_id) > (:number_id, :kind, :key, :session_id)
order by number_id, kind, key, session_id limit :limit;

-- name: walk_calls
select id, session_id, caller from call_log where id > :id order by id limit :limit;

-- name: walk_events
select id, session_id from event where id > :id order by id limit :limit;

-- name: forget_call
delete from call_log where id = :id returning id;

-- name: forget_event
delete from event where id = :id returning id;

-- name: forget_binding
delete from binding where number_id = :number_id and kind = :kind and key = :key and session_id = :session_id
returning session_id;

-- name: forget_answers
delete from idempotency where session_id = :session_id returning key;

-- name: forget_session
delete from session where id = :id returning id;

-- name: forget_record
delete from record where id = :id and owner is null returning id;

-- What is settled or over stays while its slot rests, and tells nothing of anyone.
-- name: forget_reservation
update reservation set session_id = '', data_id = '', phone = '', outcome = coalesce(outcome, 'expired'),
  sweep_at = busy_until
where id = :id;

-- name: forget_budget
delete from guess_budget where guesser = :guesser returning guesser;
