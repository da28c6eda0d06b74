-- A budget that is full has no row.

-- name: guess_budget
select full_at from guess_budget where guesser = :guesser;

-- name: spend_guess
insert into guess_budget (guesser, full_at) values (:guesser, :full_at)
on conflict (guesser) do update set full_at = excluded.full_at;

-- name: budgets_over
delete from guess_budget where guesser in (
  select guesser from guess_budget where full_at <= :now limit :limit
) returning guesser;
