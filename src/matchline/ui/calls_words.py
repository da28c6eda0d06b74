"""How verdicts read: a badge, a sentence, and what may be done about it."""

from matchline.kept.call_log import Outcome, Reason

GOOD, WARN, BAD, INFO, PLAIN = (
    "good",
    "warn",
    "bad",
    "info",
    "",
)  # kinds of badges, as the style sheet has them

_BADGES = {Outcome.MATCHED: GOOD, Outcome.NO_MATCH: BAD, Outcome.CODE_NEEDED: WARN, Outcome.AMBIGUOUS: WARN}

# What happened, and what may be done about it.
_SENTENCES = {
    Reason.CODE_AND_PHONE: ("Found by its code and the number of the caller.", ""),
    Reason.CODE: ("Found by its code.", ""),
    Reason.PHONE: ("Found by the number of the caller.", ""),
    Reason.NUMBER: ("It alone waited on this number.", ""),
    Reason.SAME_CALL: ("The same call was asked about again and got the same answer.", ""),
    Reason.UNKNOWN_NUMBER: (
        "The called number is not configured.",
        "Add it to a resource group, or look at how the telephony platform writes it.",
    ),
    Reason.NO_SUCH_CODE: (
        "Nobody waits with this code.",
        "It was mistyped, has expired, or was used by an earlier call.",
    ),
    Reason.SLOWED: (
        "The caller had guessed too often, so the code was not compared.",
        "The guess budget fills again by itself; the server options say how fast.",
    ),
    Reason.OTHER_PHONE: (
        "Somebody waits, but for a call from another number.",
        "The customer called from another telephone than the app told. Let the app ask for a code too.",
    ),
    Reason.PHONE_NEEDED: (
        "Somebody waits who is found by the number of the caller only, and the call showed none.",
        "The caller hides their number. Let the app ask for a code too.",
    ),
    Reason.CODE_NEEDED: (
        "Somebody waits who is found by a code only, and none was keyed in.",
        "Ask the caller for the code, and ask again with it.",
    ),
    Reason.EQUALS: (
        "Several sessions fit equally well, so nobody's data was given out.",
        "Ask the caller for the code, or give each customer a number of their own.",
    ),
    Reason.NOBODY_WAITS: (
        "Nobody waited on this number.",
        "The reservation had expired, was matched before, or never was. A longer timeout or a late grace may help.",
    ),
}


def badge_of(outcome: Outcome) -> str:
    return _BADGES[outcome]


def what_happened(reason: Reason) -> str:
    return _SENTENCES[reason][0]


def what_may_help(reason: Reason) -> str:
    return _SENTENCES[reason][1]
