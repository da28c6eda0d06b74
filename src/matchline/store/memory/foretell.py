"""The step that tells what a call would be answered, and changes nothing (rule 14)."""

from matchline.clock import Instant
from matchline.foretold import KNOWN_LIMIT, Foretold, Known, as_verdict, rehearsal
from matchline.store.memory.match import decide_now, remembered_call, remembered_repeat
from matchline.store.memory.tables import Tables
from matchline.verdict import Query, Verdict


def foretell(tables: Tables, query: Query, now: Instant) -> Foretold:
    asked = rehearsal(query)
    earlier = remembered_call(tables, asked, now) if asked.call_id is not None else None
    return Foretold(earlier or _decided(tables, asked, now), _known(tables, asked))


def _decided(tables: Tables, query: Query, now: Instant) -> Verdict:
    decision, _, _ = decide_now(tables, query, now)
    return remembered_repeat(tables, query, decision, now) or as_verdict(decision, now)


def _known(tables: Tables, query: Query) -> tuple[Known, ...]:
    found = [
        each
        for asked in query.numbers
        if asked.number_id in tables.numbers
        for each in tables.numbers[asked.number_id].reservations.values()
    ]
    found.sort(key=lambda each: -each.id)
    return tuple(
        Known(each.candidate(), each.span.late_until, each.settled_as) for each in found[:KNOWN_LIMIT]
    )
