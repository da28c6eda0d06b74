"""The ECMAScript data model (appendix B.2): a QuickJS context with bounded time and memory.

The context has the language and nothing else: no files, no network, no clock but the chart's, nothing of the host.
It belongs to the thread that made it. One that ran out of memory is not used again.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

import msgspec

try:
    import quickjs
except ImportError as missing:
    raise ValueError("the ECMAScript data model needs quickjs: pip install 'matchline[scxml]'") from missing

from matchline.clock import SECOND, Instant, steady
from matchline.scxml.datamodel import SystemVariables
from matchline.scxml.events import Event
from matchline.scxml.faults import EvaluationError, Stopped
from matchline.scxml.host import Host

_HOST = files(__package__).joinpath("ecmascript.js").read_text()
_STACK_BYTES = 192 * 1024  # of the machine's stack for the script's calls; a thread has far more
_SURELY_RESTORED = 500  # arrays and objects: were they all within each other, the stack would do
_IDENTIFIER = re.compile(r"[^\W\d]\w*|[$_][$\w]*")
_OUT_OF_MEMORY = "out of memory"
_UNINTERRUPTED = 3  # times `script_ms`: what QuickJS has not interrupted then it cannot


# QuickJS compiles the whole before it runs any of it: nothing behind this runs, whatever brackets it closes.
_UNRUN = "throw 'compiled';\n"
_COMPILED = "compiled"


class Compiler:
    """Tells what is wrong with the expressions of a document, and runs none of them."""

    def __init__(self) -> None:
        self._context: Any = quickjs.Context()

    def value(self, expr: str) -> str | None:
        return self._error(self._context, _as_function(expr))

    def location(self, location: str) -> str | None:
        return self._error(self._context, _as_setter(location))

    def script(self, source: str) -> str | None:
        """In a context of its own, for what scripts declare stays there."""
        return self._error(quickjs.Context(), source)

    def _error(self, context: Any, source: str) -> str | None:
        try:
            context.eval(_UNRUN + source)
        except quickjs.JSException as error:
            message = _first_line(error)
            return None if message == _COMPILED else message
        raise AssertionError("it throws in any case")


def _as_function(expr: str) -> str:
    return f"(function(){{return (\n{expr}\n)}})"


def _as_setter(location: str) -> str:
    return f"(function(__value){{'use strict';(\n{location}\n)=__value}})"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


class EcmascriptDatamodel:
    def __init__(self, system: SystemVariables, host: Host, clock: Callable[[], Instant]) -> None:
        self._limits = limits = host.limits
        self._alarm = host.alarm
        self._longest = _UNINTERRUPTED * limits.script_ms / SECOND
        self._clock = clock
        self._shown: Instant | None = None
        self._thread = threading.get_ident()
        self._context: Any = quickjs.Context()
        self._context.set_max_stack_size(_STACK_BYTES)
        self._context.set_memory_limit(limits.memory_bytes)
        self._context.set_time_limit(limits.script_ms / SECOND)
        self._compiled: dict[str, Any] = {}
        self._spent = 0.0  # seconds, of this event
        find = self._context.eval(_HOST)
        self._host: Callable[[str], Any] = find
        self._functions: dict[str, Any] = {}
        self._ask("system", system.sessionid, system.name, system.ioprocessors, system.x)

    def begin_event(self) -> None:
        self._spent = 0.0
        now = self._clock()
        if now != self._shown:
            self._shown = now
            self._ask("setNow", float(now))  # an int would be cut to 32 bits

    def condition(self, expr: str) -> bool:
        return bool(self._ask("isTrue", self._function(expr)))

    def value(self, expr: str) -> str | None:
        found: str | None = self._ask("json", self._function(expr))
        self._bound(found)
        return found

    def text(self, expr: str) -> str:
        found: str = self._ask("text", self._function(expr))
        self._bound(found)
        return found

    def content(self, text: str) -> str | None:
        plain = " ".join(text.split())
        if not plain:
            return None
        try:
            msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return msgspec.json.encode(plain if not plain.startswith("<") else text.strip()).decode()
        return text.strip()

    def declare(self, name: str) -> None:
        if not _IDENTIFIER.fullmatch(name):
            raise EvaluationError(f"{name!r} is not the name of a variable")
        self._ask("declare", name)

    def assign(self, location: str, expr: str) -> None:
        self._ask("assign", self._setter(location), self._function(expr))

    def assign_json(self, location: str, json: str | None) -> None:
        self._ask("assignJson", self._setter(location), json)

    def script(self, source: str) -> None:
        self._run(self._context.eval, source)

    def foreach(self, array: str, item: str, index: str | None) -> Iterator[None]:
        copy = self._ask("copyOf", self._function(array))
        set_item = self._loop_setter(item)
        set_index = self._loop_setter(index) if index else None
        for place in range(self._ask("lengthOf", copy)):
            self._ask("setItem", set_item, copy, place)
            if set_index:
                self._ask("setIndex", set_index, place)
            yield

    def _loop_setter(self, location: str) -> Any:
        """A variable that does not exist yet is made."""
        setter = self._setter(location)
        if _IDENTIFIER.fullmatch(location.strip()):
            self._ask("declare", location.strip())
        return setter

    def set_event(self, event: Event) -> None:
        fields = {
            name: value
            for name in ("name", "type", "sendid", "origin", "origintype", "invokeid")
            if (value := getattr(event, name)) is not None
        }
        self._ask("setEvent", msgspec.json.encode(fields).decode(), event.data)

    def set_active(self, ids: Sequence[str]) -> None:
        self._ask("setActive", msgspec.json.encode(ids).decode())

    def variables(self) -> dict[str, str | None]:
        try:
            found = msgspec.json.decode(self._ask("variables"), type=dict[str, str | None])
        except msgspec.DecodeError as error:
            raise EvaluationError(str(error)) from None
        for json in found.values():
            if json and json.count("[") + json.count("{") > _SURELY_RESTORED:
                self._ask("demandReadable", json)
        return found

    def restore(self, variables: Mapping[str, str | None]) -> None:
        for name, json in variables.items():
            self._ask("setGlobal", name, json)

    def _function(self, expr: str) -> Any:
        return self._compile(_as_function(expr))

    def _setter(self, location: str) -> Any:
        return self._compile(_as_setter(location))

    def _compile(self, source: str) -> Any:
        if source not in self._compiled:
            self._compiled[source] = self._run(self._context.eval, source)
        return self._compiled[source]

    def _ask(self, name: str, *arguments: Any) -> Any:
        if name not in self._functions:
            self._functions[name] = self._host(name)
        return self._run(self._functions[name], *arguments)

    def _run(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """One call into the context. The context counts the time of each, and this the time of all."""
        assert threading.get_ident() == self._thread, (
            "a data model stays in its thread; take a snapshot to move"
        )
        began = steady()
        self._alarm(self._longest)
        try:
            for argument in arguments:
                if isinstance(argument, str):
                    argument.encode()  # QuickJS crashes on half a surrogate pair
            return call(*arguments)
        except quickjs.JSException as error:
            message = _first_line(error)
            if _OUT_OF_MEMORY in message or self._is_full():
                raise Stopped(f"the data model needs more than {self._limits.memory_bytes:,} bytes") from None
            raise EvaluationError(message) from None
        except UnicodeError:
            raise EvaluationError("a text with half a surrogate pair") from None
        finally:
            self._alarm(0)
            self._spent += steady() - began
            if self._spent * SECOND > self._limits.event_ms:
                raise Stopped(f"the scripts for one event took more than {self._limits.event_ms} ms")

    def _is_full(self) -> bool:
        """Whether an exception may have been for want of memory, whatever its message."""
        memory: int = self._context.memory()["malloc_size"]
        return memory > self._limits.memory_bytes // 2

    def _bound(self, text: str | None) -> None:
        if text is not None and len(text) > self._limits.data_bytes:
            raise EvaluationError(f"a value of more than {self._limits.data_bytes:,} bytes")
