-- Whether the client holds more than so many others; the walk ends there.
-- name: holds_more
select 1 from reservation
where client = :client and client <> '' and outcome is null and expires_at > :now
limit 1 offset :others;

-- name: first_to_expire
select min(expires_at) from reservation
where client = :client and client <> '' and outcome is null and expires_at > :now;
