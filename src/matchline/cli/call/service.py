"""An IVR that asks the match service itself."""

import json
from urllib.parse import urlencode

from matchline.adapters.handoff import ID_KEY, STATUS_KEY
from matchline.cli.call.phone import FORM, Answered, Asks, Call, Goes, Phone, Sent, Way
from matchline.wire import BASE_PATH

_REASONS = {"NoMatch": "no-match", "AmbiguousMatch": "ambiguous"}


def _send(call: Call, way: Way, _asked: Asks | None, digits: str) -> Sent:
    fields = {
        "_access_number": call.number,
        "_phone_number": call.caller,
        "_call_id": call.call_id,
        "_access_code": digits,
    }
    return Sent(way.url, FORM, urlencode(fields).encode())


def _understand(body: bytes) -> Answered:
    answer = json.loads(body)
    if "_digits" in answer:
        return Asks(int(answer["_digits"]), "")
    if "_id" in answer:
        return Goes("the agents", {ID_KEY: answer["_id"]})
    return Goes("the ordinary queue", {STATUS_KEY: _REASONS.get(answer["exception"], "unavailable")})


phone = Phone("", _send, _understand, f"{BASE_PATH}/service/{{line}}")
