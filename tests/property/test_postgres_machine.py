"""The store on PostgreSQL answers as its plain model does; fewer examples, for each takes longer."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.postgres import PostgresServer

from matchline.store import Store, open_store

from .test_store_machine import StoreMachine

EXAMPLES = 25
STEPS = 40  # of each example


def test_postgres_answers_as_the_model_does(postgres: PostgresServer) -> None:
    class PostgresMachine(StoreMachine):
        def new_store(self) -> Store:
            return open_store(postgres.empty())

    run_state_machine_as_test(
        PostgresMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
