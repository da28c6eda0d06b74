"""The processes of one server count together: whichever is asked tells the sum."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os
from matchline.observing import metrics as m
from matchline.cli.seeing import shared_counters

with shared_counters() as folder:
    for count in (1, 2):
        if os.fork() == 0:
            own = m.Metrics(folder)
            own.add(m.EXHAUSTED, "DNIS", by=count)
            own.observe(m.COMMIT_TIME, 0.004)
            os._exit(0)
        os.wait()
    print(m.Metrics(folder).exposition().decode())
"""


def test_what_two_processes_counted_is_added_up() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert 'matchline_exhausted_total{group="DNIS"} 3.0' in done.stdout
    assert "matchline_commit_seconds_count 2.0" in done.stdout
    assert done.stderr == ""


# Two servers: a child of the first outlives it.
OWNERS = """
import os, signal, sys
from matchline.cli.seeing import shared_counters

with shared_counters() as folder:
    open(f"{folder}/counter", "w").close()
    if os.fork() == 0:
        sys.stdin.readline()
        os._exit(0)
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
NEXT = "from matchline.cli.seeing import shared_counters\nwith shared_counters() as folder: print(folder)"


def test_what_a_killed_server_left_goes_when_none_of_its_processes_lives(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    foreign = tmp_path / "another-program"
    foreign.mkdir()

    def start_next() -> None:
        subprocess.run([sys.executable, "-c", NEXT], env=environment, capture_output=True, check=True)

    with subprocess.Popen(
        [sys.executable, "-c", OWNERS], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as killed:
        assert killed.stdin
        assert killed.stdout
        folder = Path(killed.stdout.readline().decode().strip())
        killed.wait()
        start_next()
        assert folder.is_dir(), "a worker lives"
        killed.stdin.write(b"\n")
        killed.stdin.flush()
        killed.stdout.read()  # until the worker has ended
    start_next()
    assert list(tmp_path.iterdir()) == [foreign]
