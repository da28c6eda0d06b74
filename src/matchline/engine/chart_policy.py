"""What the options say of charts: where documents are, which hosts are reached, what a chart may use up."""

from dataclasses import dataclass

from matchline.engine.declared import CHART_OPTIONS
from matchline.engine.orchestration_policy import SESSIONS
from matchline.options import Section, listed
from matchline.scxml.limits import Limits


@dataclass(frozen=True, slots=True)
class ChartPolicy:
    folder: str | None
    allowed: frozenset[str]  # hosts
    workers: int
    limits: Limits
    sessions: bool  # whether others may begin charts here


def chart_policy(options: Section) -> ChartPolicy:
    """Of the section `server`, which has no faults; an empty text counts as not set."""
    texts = {name: options.get(name) or option.default or "" for name, option in CHART_OPTIONS.items()}
    return ChartPolicy(
        texts["scxml_folder"] or None,
        frozenset(listed(texts["scxml_allow"])),
        int(texts["scxml_workers"]),
        Limits(
            microsteps=int(texts["scxml_microsteps"]),
            queued=int(texts["scxml_queued"]),
            data_bytes=int(texts["scxml_data_bytes"]),
            script_ms=int(texts["scxml_script_ms"]),
            event_ms=int(texts["scxml_event_ms"]),
            invoke_depth=int(texts["scxml_invoke_depth"]),
        ),
        SESSIONS.parse(options.get(SESSIONS.name) or SESSIONS.default or "") is True,
    )
