"""A step of the dialogue as flat strings, for platforms whose own flow decides what to do with it."""

from matchline.adapters.dialogue import Collect, HandOver, Step
from matchline.adapters.handoff import ID_KEY

OUTCOME = "outcome"
HAND_OVER, COLLECT, QUEUE = "hand-over", "collect", "queue"


def flat(step: Step) -> dict[str, str]:
    """Without the session's data."""
    match step:
        case HandOver():
            return {OUTCOME: HAND_OVER, ID_KEY: step.session_id}
        case Collect():
            return {OUTCOME: COLLECT, **step.state}
    return {OUTCOME: QUEUE, "reason": step.reason.value, "flagged": str(step.is_flagged).lower()}
