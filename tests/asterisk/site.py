"""A Matchline, an Asterisk that asks it, and telephones."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.telephony.agents import Agents
from tests.telephony.app import Matchline
from tests.telephony.callers import Callers
from tests.telephony.exchange import free_udp_port

from .exchange import EXAMPLE, Asterisk, Ports

# How Asterisk asks → the context of the example's dialplan that does so, and what Matchline says when it is ready.
WAYS = {
    "agi": ("from-trunk", r"(the line asterisk: FastAGI at)"),
    "ari": ("from-trunk-ari", r"(the line asterisk-ari: connected)"),
}


@dataclass(frozen=True)
class Site:
    matchline: Matchline
    asterisk: Asterisk
    callers: Callers
    agents: Agents


@contextmanager
def site_at(
    root: Path, folder: Path, way: str, patience: int = 60, *, attended: bool = True
) -> Iterator[Site]:
    """`patience`: seconds that Asterisk lets a caller wait for Matchline; `attended`: whether agents answer."""
    context, ready = WAYS[way]
    ports = Ports.free()
    if not attended:
        ports = replace(ports, agents=free_udp_port())
    with ExitStack() as stack:
        asterisk = Asterisk(root, ports, context, patience)
        stack.callback(asterisk.stop)
        matchline = Matchline(folder, lines(ports))
        stack.callback(matchline.stop)
        agents = Agents(ports.queue, folder)
        stack.callback(agents.stop)
        matchline.wait_for(ready)
        yield Site(matchline, asterisk, Callers(ports.sip, folder), agents)


def lines(ports: Ports) -> str:
    """The example's sections for a test: on other ports, and quicker than people are."""
    text = (EXAMPLE / "matchline.toml").read_text()
    for before, after in (("4573", ports.agi), ("8088", ports.http)):
        assert f":{before}" in text
        text = text.replace(f":{before}", f":{after}")
    quick = 'collect_seconds = 4\nsound_code = "auth-incorrect"\nsound_retry = "beep"\n'
    return text.replace("hand_over_keys", f"{quick}hand_over_keys")
