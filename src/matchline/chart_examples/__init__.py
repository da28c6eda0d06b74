"""Charts that come with Matchline, for services to begin with: one is bound to by its address, `example:FILE`.

They are documents like any other: whoever wants one otherwise copies it into the folder of documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

SCHEME = "example:"  # how their addresses begin


@dataclass(frozen=True, slots=True)
class ChartExample:
    file: str
    summary: str
    options: Mapping[str, str] = field(default_factory=dict)  # that its service has, besides what binds it

    @property
    def address(self) -> str:
        return SCHEME + self.file

    def read(self) -> bytes:
        return files(__package__).joinpath(self.file).read_bytes()


_CALLBACK = {"_service_type": "callback"}

EXAMPLES: Mapping[str, ChartExample] = {
    example.address: example
    for example in (
        ChartExample(
            "call-me.scxml",
            "A customer is given a number to call; whoever asks is told whether the call came. After a call that "
            "did not, there is another number for the asking.",
        ),
        ChartExample(
            "callback-customer-calls.scxml",
            "A callback: when an agent is free, a webhook tells the customer's app which number to call.",
            _CALLBACK,
        ),
        ChartExample(
            "callback-agent-calls.scxml",
            "A callback: at the desired time the telephony platform at `dial_url`, whose host must be in "
            "`scxml_allow`, is asked to dial.",
            {**_CALLBACK, "dial_url": "http://127.0.0.1:9000/dial"},
        ),
    )
}
