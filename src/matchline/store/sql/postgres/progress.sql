-- name: progress_of
select s.id, s.matched, n.grp, n.text, r.code, r.expires_at
from session s
left join reservation r on r.id = s.reservation_id and r.outcome is null and r.expires_at > :now
left join number n on n.id = r.number_id
where s.id in (select json_array_elements_text(:ids::json)) and s.ends_at > :now;

-- name: matched_lately
select distinct session_id from call_log
where id > (select max(id) from call_log) - :newest and at > :since
  and session_id in (select json_array_elements_text(:ids::json));
