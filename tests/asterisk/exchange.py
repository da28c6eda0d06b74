"""A running Asterisk with the example configuration, in a tree of the Debian release that has one.

The tree is made by `make test-asterisk`; each Asterisk has a folder of its own in the tree's /tmp.
"""

import os
import shutil
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.telephony.exchange import free_udp_port
from tests.telephony.process import Process

EXAMPLE = Path(__file__).parents[2] / "examples" / "asterisk"
SURROUNDINGS = Path(__file__).parent / "surroundings"

VARIABLE = "MATCHLINE_ASTERISK"

RING = 3  # seconds: the telephone of the tests answers at once, when there is one


def tree() -> Path | None:
    """Where Asterisk is installed, as far as anybody said."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


@dataclass(frozen=True)
class Ports:
    sip: int
    http: int
    agi: int
    agents: int
    queue: int

    @classmethod
    def free(cls) -> "Ports":
        """One telephone is the agents' and the queue's."""
        telephone = free_udp_port()
        return cls(free_udp_port(), free_tcp_port(), free_tcp_port(), telephone, telephone)


class Asterisk:
    def __init__(self, root: Path, ports: Ports, context: str, patience: int) -> None:
        """`context` is that of the dialplan in which calls arrive; `patience`: seconds that a call waits there."""
        self._folder = Path(tempfile.mkdtemp(prefix="matchline-", dir=root / "tmp"))
        inside = f"/{self._folder.relative_to(root)}"
        self._write(SURROUNDINGS, {"FOLDER": inside})
        self._write(EXAMPLE, settings(ports, context, patience))
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        chroot = ["chroot", f"--userspec={os.geteuid()}:{os.getegid()}", str(root)]
        asterisk = ["asterisk", "-f", "-C", f"{inside}/asterisk.conf"]
        self._process = Process([*as_root, *chroot, *asterisk], self._folder / "output")
        try:
            self._process.wait_for("(Asterisk Ready)", self._folder / "messages")
        except AssertionError:
            self.stop()
            raise

    def _write(self, source: Path, changes: Mapping[str, str]) -> None:
        texts = {path.name: path.read_text() for path in source.glob("*.conf")}
        for before, after in changes.items():
            assert any(before in text for text in texts.values()), f"{source} does not say {before}"
            texts = {name: text.replace(before, after) for name, text in texts.items()}
        for name, text in texts.items():
            (self._folder / name).write_text(text)

    def stop(self) -> None:
        self._process.stop()
        shutil.rmtree(self._folder)


def settings(ports: Ports, context: str, patience: int) -> dict[str, str]:
    """What the example says, and what stands there in a test."""
    return {
        "bind = 127.0.0.1:5060": f"bind = 127.0.0.1:{ports.sip}",
        "context = from-trunk": f"context = {context}",
        "agents@127.0.0.1:5090": f"agents@127.0.0.1:{ports.agents}",
        "queue@127.0.0.1:5091": f"queue@127.0.0.1:{ports.queue}",
        "bindport = 8088": f"bindport = {ports.http}",
        "PATIENCE = 60": f"PATIENCE = {patience}",
        "RING = 30": f"RING = {RING}",
        "127.0.0.1:4573": f"127.0.0.1:{ports.agi}",
    }


def free_tcp_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
