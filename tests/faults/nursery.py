"""Run as a program: has Matchline loaded, and forks a process that runs its command for each line that it reads.

A line is the path of the log and the command's arguments, as JSON. The answers are the process's id and, when it has
ended, its exit status. A restart costs no imports, which are most of a start.
"""

import json
import os
import sys
from importlib import import_module
from pkgutil import iter_modules

import matchline.store.sqlite  # noqa: F401 - what a server would load at its start
from matchline import cli


def become_command(log: str, arguments: list[str]) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(output, descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    sys.argv = ["matchline", *arguments]
    cli.main()


def main() -> None:
    for found in iter_modules(cli.__path__):
        import_module(f"{cli.__name__}.{found.name}")
    for line in sys.stdin:
        log, *arguments = json.loads(line)
        process = os.fork()
        if process == 0:
            become_command(log, arguments)
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
