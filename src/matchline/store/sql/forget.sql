-- There is no index for these: a person is forgotten now and then, and every match would pay for it.

-- name: phones_of_sessions
select id, data_id, phone_text from session where phone_text is not null;

-- name: reservations_of_phone
select session_id, data_id from reservation where phone = :phone;

-- name: reservations_of_session
select id from reservation where session_id = :session_id;

-- name: bindings_of_phone
select session_id, data_id from binding where phone = :phone;

-- name: forget_answers
delete from idempotency where session_id = :session_id returning key;

-- name: forget_session
delete from session where id = :session_id returning id;

-- What is settled or over stays while its slot rests, and tells nothing of anyone.
-- name: forget_reservations
update reservation set session_id = '', data_id = '', phone = '', outcome = coalesce(outcome, 'expired'),
  sweep_at = busy_until
where session_id = :session_id;

-- name: forget_record
delete from record where id = :id and owner is null returning id;

-- name: forget_bindings
delete from binding where session_id = :session_id returning session_id;

-- What a caller told ends in the caller's number, whose session it ever was.
-- name: forget_repeats_of_phone
delete from binding
where kind = 'repeat' and substr(key, length(key) - length(cast(:phone as text))) = '/' || cast(:phone as text)
returning session_id;

-- name: forget_calls
delete from call_log where session_id = :session_id returning id;

-- name: forget_calls_of_phone
delete from call_log where caller = :phone returning id;

-- name: forget_events
delete from event where session_id = :session_id returning id;

-- name: forget_budget
delete from guess_budget where guesser = :guesser returning guesser;
