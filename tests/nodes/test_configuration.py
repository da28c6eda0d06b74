"""What is changed on one node is in force on the others within a second."""

import time
from collections.abc import Callable
from functools import partial

from tests.acceptance.command import LIMIT_SECONDS, POLL_SECONDS, run, succeeded

from .cluster import NUMBERS, Node, execute

IN_FORCE = 1.0  # seconds, which is what is promised

ADMIN = "/genesys/1/admin"


def in_force(is_so: Callable[[], bool]) -> None:
    """It is so within a second from now."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < LIMIT_SECONDS
        time.sleep(POLL_SECONDS)
    assert time.monotonic() - begun < IN_FORCE


def answers_in(node: Node, seconds: int) -> bool:
    """Whether reservations are that long by this node's answer."""
    session = node.reserve()
    node.end(session)
    expires_in: object = session["_expiration_time"]
    return int(str(expires_in)) == seconds


def set_timeout(node: Node, seconds: int) -> None:
    option = {"_booking_expiration_timeout": str(seconds)}
    assert node.client.patch(f"{ADMIN}/options/resources.DNIS", json=option).status_code == 200


def test_an_option_is_in_force_on_the_other(pair: list[Node]) -> None:
    one, other = pair
    for node, follower, seconds in ((one, other, 60), (other, one, 90)):
        set_timeout(node, seconds)
        in_force(partial(answers_in, follower, seconds))


def test_a_number_is_known_on_the_other_until_it_is_removed(pair: list[Node]) -> None:
    one, other = pair
    number = "+1 800 555 0199"
    group = f"{ADMIN}/resources/DNIS"

    def is_known() -> bool:
        return number in [each["number"] for each in other.client.get(group).json()["numbers"]]

    assert one.client.post(f"{group}/numbers", json={"numbers": [number]}).status_code == 200
    in_force(is_known)
    sessions = [one.reserve() for _ in range(len(NUMBERS) + 1)]
    found = {session["_access_number"]: other.match(session).json()["_id"] for session in sessions}
    assert found == {session["_access_number"]: session["_id"] for session in sessions}
    assert number in found
    assert one.client.delete(f"{group}/numbers/{number}").status_code == 200
    in_force(lambda: not is_known())


def test_it_is_in_force_too_when_the_connection_that_listens_was_just_ended(
    pair: list[Node], store_url: str
) -> None:
    one, other = pair
    ended = execute(
        store_url,
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where query = 'listen matchline_configuration'",
    )
    assert len(ended) >= len(pair)
    set_timeout(one, 120)
    in_force(lambda: answers_in(other, 120))


def test_a_command_changes_the_store_or_asks_a_server(pair: list[Node]) -> None:
    one, other = pair
    where = {"--store": one.store, "--server": str(other.client.base_url)}
    for seconds, (option, value) in enumerate(where.items(), 200):
        succeeded(
            run(
                one.folder,
                "options",
                option,
                value,
                "set",
                "resources.DNIS",
                f"_booking_expiration_timeout={seconds}",
            )
        )
        in_force(partial(answers_in, one, seconds))
        assert "DNIS" in succeeded(run(one.folder, "resources", option, value, "list"))
