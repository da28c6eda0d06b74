-- Appended at the end of the table, so that an entry touches one page; hence no index but the id.

-- name: log_call
insert into call_log (at, number, caller, reason, late, repeated, session_id, service, call_id)
values (:at, :number, :caller, :reason, :late, :repeated, :session_id, :service, :call_id);

-- name: newest_calls
select id, at, number, caller, reason, late, repeated, session_id, service, call_id
from call_log where id < :before order by id desc limit :limit;

-- The oldest stand first; those that are younger among them stay.
-- name: calls_over
delete from call_log where id in (
  select id from (select id, at from call_log order by id limit :limit) as oldest where at < :before
) returning id;
