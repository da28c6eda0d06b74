"""The processes of one server count together: whichever is asked tells the sum."""

import subprocess
import sys

PROGRAM = """
import os
from matchline import metrics as m
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
