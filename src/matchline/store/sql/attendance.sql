-- Who is there: visits of the UI, and nodes.

-- name: end_visits_over
delete from visit where ends_at <= :now or idle_at <= :now;

-- name: begin_visit
insert into visit (digest, name, role, proof, ends_at, idle_at)
values (:digest, :name, :role, :proof, :ends_at, :idle_at);

-- name: find_visit
select digest, name, role, proof, ends_at, idle_at from visit
where digest = :digest and ends_at > :now and idle_at > :now;

-- name: prolong_visit
update visit set idle_at = :idle_at where digest = :digest;

-- name: end_visit
delete from visit where digest = :digest;

-- name: report_node
insert into node (id, seen_at, report) values (:id, :now, :report)
on conflict (id) do update set seen_at = excluded.seen_at, report = excluded.report;

-- name: leave_gone_nodes
delete from node where seen_at <= :gone;

-- name: is_node_switched_off
select switched_off from node where id = :id;

-- name: list_nodes
select report, seen_at, switched_off from node where seen_at > :gone;

-- name: switch_node
update node set switched_off = :off where id = :id;

-- name: leave_node
delete from node where id = :id;
