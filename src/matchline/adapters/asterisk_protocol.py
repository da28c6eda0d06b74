"""FastAGI as Asterisk speaks it over TCP: what it tells of a call, then commands and their answers, a line each.

Written from "AGI Commands" and "FastAGI" of Asterisk's documentation. It knows no dialogue and no Matchline.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_COMMAND = 2000  # octets: Asterisk reads lines into 2048, and takes what is over for a further command
MAX_LINE = 16_384  # octets of what is told of a call: a longer line is no caller's number
_MOST_VARIABLES = 200  # Asterisk tells about twenty, and one more for each argument

_ANSWER = re.compile(r"200 result=(\S*).*")
_FAILED = "-1"
_UP = "6"  # as CHANNEL STATUS counts: answered and alive


class HungUp(Exception):
    """The caller is gone, or Asterisk is: nothing can be said any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    result: str

    @property
    def failed(self) -> bool:
        return self.result == _FAILED


REFUSED = Answer(_FAILED)


def writable(*words: str) -> bool:
    """Whether these words can be told in a command."""
    return all(word.isprintable() for word in words) and len(_line(words)) <= MAX_COMMAND


class Conversation:
    """One call that Asterisk asks about. Every method raises HungUp."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def told(self) -> Mapping[str, str]:
        """What Asterisk tells before anything is asked: `agi_extension`, `agi_callerid`, `agi_arg_1` and so on."""
        variables: dict[str, str] = {}
        for _ in range(_MOST_VARIABLES):
            line = await self._next_line()
            if not line:
                return variables
            name, _, text = line.partition(":")
            variables[name] = text.strip()
        raise HungUp("what is no Asterisk talks without an end")

    async def command(self, *words: str) -> Answer:
        """Tell Asterisk to do something, and wait until it has."""
        assert writable(*words), "the caller has looked"
        self._writer.write(_line(words))
        try:
            await self._writer.drain()
        except OSError as error:
            raise HungUp from error
        return await self._answer()

    async def is_up(self) -> bool:
        """Whether the caller is still there, and was answered."""
        return (await self.command("CHANNEL", "STATUS")).result == _UP

    async def _answer(self) -> Answer:
        line = await self._next_line()
        if line == "HANGUP" or line.startswith("511 "):
            raise HungUp
        if line.startswith("520-"):
            await self._skip_usage()
        found = _ANSWER.fullmatch(line)
        return Answer(found[1]) if found else REFUSED

    async def _skip_usage(self) -> None:
        """How a command is used, which is told over several lines when it was used otherwise."""
        while not (await self._next_line()).startswith("520 "):
            pass

    async def _next_line(self) -> str:
        try:
            line = await self._reader.readuntil()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as error:
            raise HungUp from error
        return line.decode(errors="replace").rstrip("\r\n")


def _line(words: tuple[str, ...]) -> bytes:
    return (" ".join(map(_quoted, words)) + "\n").encode()


def _quoted(word: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_]+", word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
