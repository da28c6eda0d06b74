-- name: add_audit_entry
insert into audit (at, who, what, was, became) values (:now, :who, :what, :was, :became);

-- name: list_audit
select id, at, who, what, was, became from audit where id < :before order by id desc limit :limit;
