"""Processor time of processes by their ids, in the kernel too; waiting for a core is not in it. All in seconds."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

_SCHEDULED = 2  # the clock of a process by its id, as clock_getcpuclockid(3) makes it on Linux
_TICK = 1 / os.sysconf("SC_CLK_TCK")

# Places in /proc/PID/stat after the program's name, which may hold spaces; see proc_pid_stat(5).
_PARENT, _ENDED_USER, _ENDED_SYSTEM = 1, 13, 14


def process_seconds(pid: int) -> float:
    return time.clock_gettime((~pid << 3) | _SCHEDULED)


def busy_seconds() -> float:
    """Of all processes of the machine together, since it started; see proc_stat(5)."""
    total = Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    user, nice, system, _idle, _waiting, *interrupts_and_stolen = map(int, total[:8])
    return (user + nice + system + sum(interrupts_and_stolen)) * _TICK


def family_seconds(pid: int) -> float:
    """Of a process and its children, those that have ended among them."""
    stat = _stat(Path(f"/proc/{pid}"))
    ended = (int(stat[_ENDED_USER]) + int(stat[_ENDED_SYSTEM])) * _TICK
    return process_seconds(pid) + sum(map(process_seconds, children(pid))) + ended


def children(pid: int) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(_stat(process)[_PARENT])
        except (FileNotFoundError, ProcessLookupError):  # it ended while we looked
            continue
        if parent == pid:
            yield int(process.name)


def _stat(process: Path) -> list[str]:
    return (process / "stat").read_text().rpartition(")")[2].split()
