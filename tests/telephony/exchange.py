"""A running Kamailio with the example configuration, on a free UDP port of 127.0.0.1."""

import socket
from pathlib import Path

from .phones import Phones
from .process import Process

EXAMPLE = Path(__file__).parents[2] / "examples" / "kamailio" / "kamailio.cfg"
TARGET = "sip:agents@127.0.0.1:5090"  # nobody listens there: no test follows a redirect


class Kamailio:
    def __init__(self, matchline_url: str, folder: Path, **settings: str) -> None:
        """Settings are those that the configuration lists first, written as it writes them."""
        port = free_udp_port()
        settings = {
            "LISTEN": f"127.0.0.1:{port}",
            "MATCHLINE": f'"matchline=>{matchline_url}"',
            "TARGET": f'"{TARGET}"',
            **settings,
        }
        # -DD -E: stay in front and log to the output. --atexit=no: see the example's README.
        command = ["kamailio", "-DD", "-E", "--atexit=no", "-f", str(EXAMPLE)]
        for name, value in settings.items():
            command += ["-A", f"{name}={value}"]
        self._process = Process(command, folder / "kamailio.log")
        self.phones = Phones(port, folder)
        try:
            self.phones.run("options")
        except AssertionError as silence:
            self.stop()
            raise AssertionError(f"Kamailio did not start:\n{self._process.output}") from silence

    def stop(self) -> None:
        self._process.stop()


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
