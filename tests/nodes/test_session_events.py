"""An app listens at one node, and is told what happens at another."""

import pytest

from matchline.client import Client, asks

from .cluster import Node


@pytest.mark.parametrize("delete", [False, True])
def test_a_match_on_another_node_is_told_here(pair: list[Node], delete: bool) -> None:
    here, there = (Client(str(node.client.base_url)) for node in pair)
    with here, there:
        session = here.ask(asks.reserve())
        events = here.follow(session.id)
        assert next(events).type == "reserved"
        there.ask(asks.match(session.access_number, delete=delete))
        assert next(events).type == "matched"
        if not delete:
            there.ask(asks.end(session.id))
        assert [event.type for event in events] == ["ended"]
