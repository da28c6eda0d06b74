-- One guess of a caller after the other.
-- name: lock_guesser
select pg_advisory_xact_lock(hashtextextended(:guesser, 3));

-- name: budgets_over
delete from guess_budget where guesser in (
  select guesser from guess_budget where full_at <= :now limit :limit for update skip locked
) returning guesser;
