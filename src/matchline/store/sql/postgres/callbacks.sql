-- One booking of a calendar after the other.
-- name: lock_calendar
select pg_advisory_xact_lock(hashtextextended(:calendar, 5));
