-- Callbacks, and the places in calendars that they take up.

-- name: booked_in_slot
select count(*) from callback
where calendar = :calendar and desired_at >= :start and desired_at < :end and session_id <> :session_id;

-- name: bookings
select desired_at, count(*) from callback
where calendar = :calendar and desired_at >= :start and desired_at < :end group by desired_at;

-- name: add_callback
insert into callback (session_id, service, phone, phone_text, state, desired_at, calendar)
values (:session_id, :service, :phone, :phone_text, :state, :desired_at, :calendar);

-- name: callback_state_of
select state from callback where session_id = :session_id;

-- What is completed before its time takes up nothing.
-- name: change_callback
update callback set state = :state, reason = coalesce(:reason, reason),
  calendar = case when :completed = 1 and desired_at > :now then null else calendar end
where session_id = :session_id;

-- name: reschedule_callback
update callback set desired_at = :desired_at, calendar = :calendar where session_id = :session_id;

-- name: prolong_session
update session set ends_at = :ends_at where id = :id and ends_at < :ends_at;

-- name: remove_callback
delete from callback where session_id = :session_id;

-- name: callback_of_session
select c.session_id, c.service, c.phone_text, c.state, c.reason, c.desired_at, s.ends_at, s.maker
from callback c join session s on s.id = c.session_id
where c.session_id = :session_id and s.ends_at > :now and (:phone = '' or c.phone = :phone)
  and (:state = '' or c.state = :state) and (:service = '' or c.service = :service)
order by c.session_id desc limit :limit;

-- name: callbacks_of_customer
select c.session_id, c.service, c.phone_text, c.state, c.reason, c.desired_at, s.ends_at, s.maker
from callback c join session s on s.id = c.session_id
where c.phone = :phone and s.ends_at > :now
  and (:state = '' or c.state = :state) and (:service = '' or c.service = :service)
order by c.session_id desc limit :limit;

-- name: callbacks_in_state
select c.session_id, c.service, c.phone_text, c.state, c.reason, c.desired_at, s.ends_at, s.maker
from callback c join session s on s.id = c.session_id
where c.state = :state and s.ends_at > :now and (:service = '' or c.service = :service)
order by c.session_id desc limit :limit;

-- name: newest_callbacks
select c.session_id, c.service, c.phone_text, c.state, c.reason, c.desired_at, s.ends_at, s.maker
from callback c join session s on s.id = c.session_id
where s.ends_at > :now and (:service = '' or c.service = :service)
order by c.session_id desc limit :limit;
