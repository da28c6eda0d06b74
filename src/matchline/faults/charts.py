"""The faults of requests to services whose behaviour is a chart. They are declared like those of `errors.py`."""

from collections.abc import Mapping
from typing import ClassVar

from matchline.errors import Fault


class ChartRefusal(Fault):
    """The chart of the service refuses the request: it gave a negative response, whose members are here too."""

    status = 400

    def __init__(self, resultcode: str | None, members: Mapping[str, object]) -> None:
        texts = {
            name: text
            for name, text in members.items()
            if isinstance(text, str) and name not in ("exception", "message")
        }
        code = {} if resultcode is None else {"_resultcode": resultcode}
        super().__init__("The service refuses this request.", extra={**texts, **code})


class ChartEnded(Fault):
    """The chart of the session has ended and takes no more requests; `_stopped` tells which limit ended it."""

    status = 409

    def __init__(self, stopped: str | None) -> None:
        super().__init__("The session's chart has ended.", extra={"_stopped": stopped} if stopped else {})


class ChartBusy(Fault):
    """As many events wait for the session's chart as may."""

    status = 429

    def __init__(self) -> None:
        super().__init__("Too many events wait for this session.", retry_after=1)


class OrchestrationUnavailable(Fault):
    """No Orchestration Server can be reached; none has taken the request."""

    status = 500

    def __init__(self) -> None:
        super().__init__("ORS request failed: cannot connect to ORS.")


class OrchestrationUnanswered(Fault):
    """The Orchestration Server may have taken the request, and gave no answer; it is not sent again."""

    status = 504

    def __init__(self) -> None:
        super().__init__("ORS request failed: no answer came, and it may have been taken.")


class OrchestrationFailed(Fault):
    """The Orchestration Server's answer is of no use; the message tells its status."""

    status = 502

    def __init__(self, status: int) -> None:
        super().__init__(f"ORS request failed: {status} was answered.")


class NoOrchestration(Fault):
    """This server is no Orchestration Server to others: `scxml_sessions` is off."""

    status = 404

    def __init__(self) -> None:
        super().__init__("This server runs no charts for others.")


class UnusableDocument(Fault):
    """The document of an SCXML service cannot be run, so nothing was started; the message tells line and element."""

    status = 503

    RETRY_SECONDS: ClassVar[int] = 30  # somebody has to repair it

    def __init__(self, why: str) -> None:
        super().__init__(f"The service's document cannot be run: {why}.", retry_after=self.RETRY_SECONDS)
