"""The elements of the recommendation: which attributes each has, and which elements may stand in it."""

from dataclasses import dataclass

_CONTENTS = frozenset({"raise", "if", "foreach", "log", "assign", "script", "send", "cancel"})
_STATES = frozenset({"state", "parallel", "final", "history"})


@dataclass(frozen=True, slots=True)
class Rule:
    required: frozenset[str]
    optional: frozenset[str]
    children: frozenset[str]
    free: bool = False  # other XML may stand in it


def _rule(required: str = "", optional: str = "", children: frozenset[str] = frozenset()) -> Rule:
    return Rule(frozenset(required.split()), frozenset(optional.split()), children)


def _free(required: str = "", optional: str = "") -> Rule:
    return Rule(frozenset(required.split()), frozenset(optional.split()), frozenset(), free=True)


_HANDLERS = frozenset({"onentry", "onexit", "transition", "datamodel", "invoke"})
_SEND = "event eventexpr target targetexpr type typeexpr id idlocation delay delayexpr namelist"
_INVOKE = "type typeexpr src srcexpr id idlocation namelist autoforward"

RULES = {
    "scxml": _rule(
        "", "initial name version datamodel binding", _STATES - {"history"} | {"datamodel", "script"}
    ),
    "state": _rule("", "id initial", _STATES | _HANDLERS | {"initial"}),
    "parallel": _rule("", "id", _STATES - {"final"} | _HANDLERS),
    "final": _rule("", "id", frozenset({"onentry", "onexit", "donedata"})),
    "initial": _rule("", "", frozenset({"transition"})),
    "history": _rule("", "id type", frozenset({"transition"})),
    "transition": _rule("", "event cond target type", _CONTENTS),
    "onentry": _rule("", "", _CONTENTS),
    "onexit": _rule("", "", _CONTENTS),
    "finalize": _rule("", "", _CONTENTS - {"send", "raise"}),
    "datamodel": _rule("", "", frozenset({"data"})),
    "data": _free("id", "src expr"),
    "donedata": _rule("", "", frozenset({"content", "param"})),
    "content": _free("", "expr"),
    "param": _rule("name", "expr location"),
    "raise": _rule("event"),
    "if": _rule("cond", "", _CONTENTS | {"elseif", "else"}),
    "elseif": _rule("cond"),
    "else": _rule(),
    "foreach": _rule("array item", "index", _CONTENTS),
    "log": _rule("", "label expr"),
    "assign": _free("location", "expr attr type"),
    "script": _rule("", "src"),
    "send": _rule("", _SEND, frozenset({"content", "param"})),
    "cancel": _rule("", "sendid sendidexpr"),
    "invoke": _rule("", _INVOKE, frozenset({"content", "param", "finalize"})),
}

# Of each pair at most one may be given.
EXCLUSIVE = {
    "data": (("src", "expr"),),
    "param": (("expr", "location"),),
    "send": (
        ("event", "eventexpr"),
        ("target", "targetexpr"),
        ("type", "typeexpr"),
        ("delay", "delayexpr"),
        ("id", "idlocation"),
    ),
    "cancel": (("sendid", "sendidexpr"),),
    "invoke": (("type", "typeexpr"), ("src", "srcexpr"), ("id", "idlocation")),
}

# Attributes that allow nothing but these.
VALUES = {
    ("scxml", "version"): frozenset({"1.0"}),
    ("scxml", "binding"): frozenset({"early", "late"}),
    ("scxml", "datamodel"): frozenset({"ecmascript", "null"}),
    ("history", "type"): frozenset({"shallow", "deep"}),
    ("transition", "type"): frozenset({"internal", "external"}),
    ("invoke", "autoforward"): frozenset({"true", "false"}),
}
