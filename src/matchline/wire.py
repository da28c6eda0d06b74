"""The addresses of the wire, for all who must name one."""

from urllib.parse import quote

import msgspec

from matchline.clock import moment
from matchline.kept.events import Told
from matchline.model import Values

BASE_PATH = "/genesys/1"
CHART_EVENTS_PATH = f"{BASE_PATH}/chart-events/"  # a chart's token and a session follow

REQUEST_ID = "X-Request-Id"
USER = "X-Matchline-User"  # of the machine that a command runs on; nothing proves it

LINES_PATH = "/adapters/"  # then the name of a line: where its platform sends events

TOML = "application/toml"  # the content type of a configuration file


def shown_values(base_url: str, record_id: str, values: Values) -> dict[str, str]:
    """Stored values as answers show them: strings as they are, files as the address of their bytes."""
    return {
        key: file_url(base_url, record_id, key) if value.is_file else value.body.decode()
        for key, value in values.items()
    }


def file_url(base_url: str, record_id: str, key: str) -> str:
    return f"{base_url}{BASE_PATH}/storage/binary/{quote(record_id, safe='')}/{quote(key)}"


class ShownEvent(msgspec.Struct, omit_defaults=True, rename={"session": "_id", "number": "_access_number"}):
    """An event as others see it. All texts; what is not known is left out."""

    id: str  # its place, which is the cursor
    type: str
    time: str
    session: str = ""
    service: str = ""
    group: str = ""
    number: str = ""
    seconds: str = ""


def shown_event(told: Told) -> ShownEvent:
    event = told.event
    return ShownEvent(
        str(told.place),
        str(event.type),
        moment(told.at),
        event.session_id,
        event.service,
        event.group,
        event.number,
        "" if event.seconds is None else str(event.seconds),
    )


def event_json(told: Told) -> bytes:
    return msgspec.json.encode(shown_event(told))
