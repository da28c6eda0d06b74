-- Many sessions in one look, each by its key. ids: a JSON list.

-- name: progress_of
select s.id, s.matched, n.grp, n.text, r.code, r.expires_at
from session s
left join reservation r on r.id = s.reservation_id and r.outcome is null and r.expires_at > :now
left join number n on n.id = r.number_id
where s.id in (select value from json_each(:ids)) and s.ends_at > :now;

-- A session that a match deleted has left its entry in the call log, among the last.
-- name: matched_lately
select distinct session_id from call_log
where id > (select max(id) from call_log) - :newest and at > :since
  and session_id in (select value from json_each(:ids));
