"""A running Kamailio with the example configuration, on a free UDP port of 127.0.0.1.

What it does with a call is decided by the configuration itself, or by the script in Python beside it.
"""

import socket
from pathlib import Path

from .phones import Phones
from .process import Process

FOLDER = Path(__file__).parents[2] / "examples" / "kamailio"
EXAMPLE = FOLDER / "kamailio.cfg"
VARIANTS = {"cfg": {}, "python": {"SCRIPT": f'"{FOLDER / "kamailio.py"}"'}}
STOP_SECONDS = 2  # Kamailio now and then stays when it should go, after its last word
TARGET = "sip:agents@127.0.0.1:5090"  # nobody listens there: no test follows a redirect


class Kamailio:
    def __init__(self, matchline_url: str, folder: Path, **settings: str) -> None:
        """Settings are those that the configuration lists first, as it writes them; empty: without a value."""
        self.port = free_udp_port()
        settings = {
            "LISTEN": f"127.0.0.1:{self.port}",
            "MATCHLINE": f'"matchline=>{matchline_url}"',
            "TARGET": f'"{TARGET}"',
            **settings,
        }
        # -DD -E: stay in front and log to the output. The others: see the example's README.
        command = ["kamailio", "-DD", "-E", "--atexit=no", "-m", "512", "-M", "16", "-f", str(EXAMPLE)]
        for name, value in settings.items():
            command += ["-A", f"{name}={value}" if value else name]
        self._process = Process(command, folder / "kamailio.log")
        self.phones = Phones(self.port, folder)
        try:
            self.phones.run("options")
        except AssertionError as silence:
            self.stop()
            raise AssertionError(f"Kamailio did not start:\n{self._process.output}") from silence

    def stop(self) -> None:
        """Raises AssertionError when the script has failed: Kamailio then goes on as if it had said nothing."""
        self._process.stop(STOP_SECONDS)
        assert "Unhandled exception" not in self._process.output, self._process.output


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
