"""What a server asked of the system, as `strace` wrote it down: writes, syncs, requests and answers in order."""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_NAMING_CALLS = ("openat", "unlink", "rename")  # they name their file; the others have a descriptor
_SENDING_CALLS = ("write", "writev", "sendto", "sendmsg")
CALLS = (
    *_NAMING_CALLS,
    *_SENDING_CALLS,
    *("pwrite64", "pwritev", "ftruncate", "fallocate"),
    *("fsync", "fdatasync", "read", "recvfrom", "recvmsg"),
)


def tracing(output: Path) -> list[str]:
    """The command that runs another one and writes its trace; the traced one stays the caller's own child."""
    assert shutil.which("strace"), "the power cut needs a trace: apt-get install strace"
    shown = ["-yy", "-xx", "-s", str(2 << 20)]  # whole contents, and what each descriptor stands for
    return [
        "strace",
        "-D",
        "-f",
        "--seccomp-bpf",
        *shown,
        "-e",
        f"trace={','.join(CALLS)}",
        "-o",
        str(output),
    ]


@dataclass(frozen=True, slots=True)
class Call:
    """One system call; `ended` is false when it begins, and it is told once more when it has ended well."""

    thread: str
    name: str
    target: str  # the path of the file, or the addresses of the connection
    content: bytes
    number: int  # the last argument that is one: an offset, a size
    flags: str
    ended: bool

    @property
    def on_connection(self) -> bool:
        return self.target.startswith("TCP:")

    @property
    def sends(self) -> bool:
        return self.on_connection and self.name in _SENDING_CALLS


_LINE = re.compile(r"(?P<thread>\d+) +(?:<\.\.\. \w+ resumed>)?(?P<rest>.*)")
_UNFINISHED = " <unfinished ...>"
_HEX = r"(?:\\x[0-9a-f]{2})*"
_CALL = re.compile(
    rf"(?P<name>\w+)\((?:\d+<(?P<target>TCP:\[[^\]]*\]|{_HEX})>|AT_FDCWD<{_HEX}>)?(?P<rest>.*)"
)
_TEXT = re.compile(rf'"({_HEX})"')
_ENDED = re.compile(r"\)\s+= (?P<result>-?\d+)(?:<.*>)?(?: .*)?$")
_RESULT = 100 + 4 * 4096  # characters at most: a number and a path, of which each byte is shown as four
_NUMBER = re.compile(r", (\d+)\)\s+= ")


def read_trace(path: Path, folder: Path) -> Iterator[Call]:
    """The calls that concern the folder's files or a connection."""
    with path.open() as lines:
        for call in _calls(lines):
            if call.on_connection or Path(call.target).parent == folder or call.target == str(folder):
                yield call


def _calls(lines: Iterable[str]) -> Iterator[Call]:
    begun: dict[str, str] = {}
    for line in lines:
        found = _LINE.match(line)
        assert found, line
        thread, rest = found["thread"], found["rest"]
        if rest.endswith(_UNFINISHED):
            begun[thread] = rest.removesuffix(_UNFINISHED)
            yield from _call(thread, begun[thread], ended=False)
            continue
        known = thread in begun
        text = begun.pop(thread, "") + rest
        if not known:
            yield from _call(thread, text, ended=False)
        ended = _ENDED.search(text[-_RESULT:])
        if ended and not ended["result"].startswith("-"):
            yield from _call(thread, text, ended=True)


def _call(thread: str, text: str, *, ended: bool) -> Iterator[Call]:
    found = _CALL.match(text)
    if not found:
        return
    texts = [_unescaped(each) for each in _TEXT.findall(found["rest"])]
    target = found["target"]
    if found["name"] in _NAMING_CALLS:
        target = texts.pop(0).decode()
    elif target is None:  # a pipe or the like
        return
    elif not target.startswith("TCP:"):
        target = _unescaped(target).decode()
    number = _NUMBER.search(text[-100:])
    flags = found["rest"] if found["name"] == "openat" else ""
    yield Call(thread, found["name"], target, b"".join(texts), int(number[1]) if number else 0, flags, ended)


def _unescaped(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
