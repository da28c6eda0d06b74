"""Actions of Genesys Orchestration, as far as they are read: each becomes a `<send>` of a type of its own.

`<ws:response requestid="_event.sendid"/>` is a `<send>` of the type `RESPONSE` with the request's id as target. A
host that adds these types carries them out; for another they are types that it does not know. Attributes are
expressions there, and a bare word that is no variable is itself, as in the examples of Orchestration's manual.
"""

import re
from dataclasses import dataclass

from matchline.scxml.document import Given, Param

_WS = "www.genesyslab.com/modules/ws"
_SESSION = "www.genesyslab.com/modules/session"

RESPONSE = f"http://{_WS}#response"
FETCH = f"http://{_SESSION}#fetch"
START = f"http://{_SESSION}#start"
TERMINATE = f"http://{_SESSION}#terminate"

_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


@dataclass(frozen=True, slots=True)
class Action:
    """How an action's attributes become those of a `<send>`."""

    type: str
    target: tuple[str, ...]  # attributes that name the target; the first that is given
    event: str | None = None
    location: str | None = None  # where the id is put
    parameters: tuple[str, ...] = ()  # become parameters, `_` ahead


_ACTIONS = {
    (_WS, "response"): Action(RESPONSE, ("requestid",), event="type", parameters=("resultcode",)),
    (_SESSION, "fetch"): Action(
        FETCH, ("srcexpr", "src"), location="requestid", parameters=("method", "timeout", "type")
    ),
    (_SESSION, "start"): Action(START, ("srcexpr", "src"), location="sessionid"),
    (_SESSION, "terminate"): Action(TERMINATE, ("sessionid",)),
}


def action(namespace: str, tag: str) -> Action | None:
    """The namespaces are written with `http://` and without."""
    return _ACTIONS.get((namespace.removeprefix("http://"), tag))


def given(attributes: dict[str, str], *names: str) -> Given:
    """The first of these attributes that is there, as an expression; `src` is a text."""
    name = next((each for each in names if each in attributes), None)
    if name is None:
        return Given(None, None)
    return Given(attributes[name], None) if name == "src" else Given(None, _expression(attributes[name]))


def parameters(line: int, attributes: dict[str, str], wanted: Action) -> tuple[Param, ...]:
    return tuple(
        Param(line, f"_{name}", _expression(attributes[name]))
        for name in wanted.parameters
        if name in attributes
    )


def _expression(text: str) -> str:
    word = text.strip()
    return f"typeof {word} === 'undefined' ? '{word}' : {word}" if _WORD.fullmatch(word) else text
