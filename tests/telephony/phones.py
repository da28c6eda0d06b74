"""Telephones, played by sipp: they call through a Kamailio and note what each call was answered."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = Path(__file__).parent / "scenarios"

ANSWER_LIMIT_MILLISECONDS = 20_000  # for one message; the longest real one is a time-out of 2 s
RUN_LIMIT_SECONDS = 60  # for one run of sipp, by its own clock
HANG_LIMIT_SECONDS = 90  # sipp itself hangs


@dataclass(frozen=True)
class Call:
    caller: str  # the From address, such as sip:+12025550123@example.com
    called: str  # the user part of the address dialled


@dataclass(frozen=True)
class Answer:
    call: Call
    status: int
    contact: str  # "" when the answer has no such header, as all that follow
    match_id: str
    digits: str
    retry_after: str


class Phones:
    def __init__(self, port: int, folder: Path) -> None:
        self._server = f"127.0.0.1:{port}"
        self._folder = folder

    def call(self, caller: str, called: str, *, call_id: str | None = None, parameters: str = "") -> Answer:
        options = ["-key", "parameters", parameters]
        if call_id is not None:
            options += ["-cid_str", call_id]
        (answer,) = self._dial([Call(caller, called)], "call", *options)
        return answer

    def call_at_once(self, calls: Sequence[Call]) -> list[Answer]:
        """All the calls at the same time; their answers in the order in which they ended."""
        return self._dial(calls, "call", "-key", "parameters", "")

    def repeat(self, caller: str, called: str) -> Answer:
        """A call whose INVITE is sent again; the second answer to it."""
        (answer,) = self._dial([Call(caller, called)], "retransmit", "-nr")
        return answer

    def _dial(self, calls: Sequence[Call], scenario: str, *options: str) -> list[Answer]:
        log = self.run_calls(scenario, [(call.caller, call.called) for call in calls], *options)
        answers = [read_answer(line) for line in log.splitlines()]
        assert len(answers) == len(calls), log
        return answers

    def run_calls(
        self,
        scenario: str | Path,
        calls: Sequence[Sequence[str]],
        *options: str,
        at_once: int | None = None,
    ) -> str:
        """Run a scenario once for each call, all at the same time or so many; a call's texts are its fields."""
        injected = self._folder / "calls.csv"
        injected.write_text("\n".join(["SEQUENTIAL", *(";".join(fields) for fields in calls)]) + "\n")
        users = str(at_once or len(calls))
        return self.run(scenario, "-inf", str(injected), "-m", str(len(calls)), "-users", users, *options)

    def run(self, scenario: str | Path, *options: str) -> str:
        """Run a scenario, by name or from a file, by default once; what it logged."""
        path = scenario if isinstance(scenario, Path) else SCENARIOS / f"{scenario}.xml"
        log, errors = self._folder / "sipp.log", self._folder / "sipp-errors.log"
        log.unlink(missing_ok=True)
        errors.unlink(missing_ok=True)
        done = subprocess.run(
            [
                *("sipp", self._server, "-sf", str(path), "-m", "1"),
                *("-i", "127.0.0.1", "-ci", "127.0.0.1", "-mi", "127.0.0.1", "-bind_local"),
                *("-trace_logs", "-log_file", str(log), "-trace_err", "-error_file", str(errors)),
                *("-recv_timeout", str(ANSWER_LIMIT_MILLISECONDS), "-nostdin"),
                *("-timeout", f"{RUN_LIMIT_SECONDS}s", "-timeout_error"),
                *options,
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=self._folder,
            timeout=HANG_LIMIT_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            told = errors.read_text(errors="replace") if errors.exists() else done.stderr.decode()
            raise AssertionError(f"sipp ended with {done.returncode}:\n{told}")
        return log.read_text() if log.exists() else ""


def read_answer(line: str) -> Answer:
    """A line of the scenario `call`: the fields of the call, the status, whole header lines."""
    caller, called, status, *headers = line.split("|")
    contact, match_id, digits, retry_after = (header.partition(":")[2].strip() for header in headers)
    return Answer(
        call=Call(caller, called),
        status=int(status),
        contact=contact,
        match_id=match_id,
        digits=digits,
        retry_after=retry_after,
    )
