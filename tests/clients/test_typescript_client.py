"""The TypeScript client: its types are those of the server, and it does what they say."""

import subprocess
import sys
from pathlib import Path

from matchline.testing import TestServer

from .typescript import SOURCE, run


def test_the_types_are_those_of_the_server() -> None:
    checked = subprocess.run([sys.executable, str(SOURCE / "generate.py"), "--check"], check=False)
    assert checked.returncode == 0, "run `make docs`"


def test_the_client_does_what_it_says(server: TestServer, node_folder: Path) -> None:
    assert run("node", "story.js", server.url, folder=node_folder) == "all is well\n"
