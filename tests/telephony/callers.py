"""Callers who talk: what they key in once the call is answered, and who ends it."""

from collections.abc import Sequence
from pathlib import Path

from .phones import SCENARIOS, Phones

# A caller's step once the call is answered, as a part of a scenario.
Step = str

PLAYED_MILLISECONDS = 400  # from one digit to the next, as sipp plays them
PRESS_MILLISECONDS = 120  # from one digit to the next: a quick hand


def wait(milliseconds: int) -> Step:
    return f'<pause milliseconds="{milliseconds}"/>'


def press(digits: str) -> Step:
    """Digits in the sound (RFC 4733). sipp plays them beside the scenario, which therefore waits."""
    played = wait(PLAYED_MILLISECONDS * len(digits))
    return f'<nop><action><exec play_dtmf="{digits}"/></action></nop>{played}'


def press_info(digits: Sequence[str]) -> Step:
    """Digits as SIP INFO; each may be the name of a call's field.

    Nothing is waited for after the last: the call may have ended meanwhile, and sipp bears no end while it waits.
    """
    return wait(PRESS_MILLISECONDS).join(map(_info, digits))


def _info(digit: str) -> Step:
    return f"""
  <send retrans="500"><![CDATA[
      INFO [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <[field0]>;tag=[pid]-[call_number]
      [last_To:]
      Call-ID: [call_id]
      CSeq: [cseq] INFO
      Max-Forwards: 70
      Content-Type: application/dtmf-relay
      Content-Length: [len]

      Signal={digit}
      Duration={PRESS_MILLISECONDS}
  ]]></send>
  <recv response="200"/>"""


WAIT_FOR_THE_END = """
  <recv request="BYE"/>
  <send><![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0

  ]]></send>"""

HANG_UP = """
  <send retrans="500"><![CDATA[
      BYE [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <[field0]>;tag=[pid]-[call_number]
      [last_To:]
      Call-ID: [call_id]
      CSeq: [cseq] BYE
      Max-Forwards: 70
      Content-Length: 0

  ]]></send>
  <recv response="200"/>"""


class Callers:
    def __init__(self, port: int, folder: Path, claims: Sequence[str] = ()) -> None:
        """`claims` are lines that the callers write into the heads of their calls."""
        self._port = port
        self._folder = folder
        self._claims = claims
        self._phones = Phones(port, folder)

    def claiming(self, *claims: str) -> "Callers":
        return Callers(self._port, self._folder, claims)

    def call(self, caller: str, called: str, *steps: Step) -> None:
        """Call, and when the call is answered do these steps; then it must end."""
        self.call_at_once([(f"sip:{caller}@example.com", called)], *steps)

    def call_at_once(self, calls: Sequence[Sequence[str]], *steps: Step) -> None:
        """The same by several; the fields of a call are its address, the number, and what the steps use."""
        end = () if HANG_UP in steps else (WAIT_FOR_THE_END,)
        scenario = self._folder / "caller.xml"
        text = (SCENARIOS / "caller.xml").read_text()
        claims = "".join(f"{claim}\n      " for claim in self._claims)
        scenario.write_text(text.replace("STEPS", "".join((*steps, *end))).replace("CLAIMS", claims))
        self._phones.run_calls(scenario, calls)
