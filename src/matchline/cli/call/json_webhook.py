"""The side of whatever posts JSON in the neutral shape."""

import json

from matchline.adapters.json_webhook import SIGNATURE
from matchline.adapters.signing import signature
from matchline.cli.call.connect import understand
from matchline.cli.call.phone import JSON, Asks, Call, Phone, Sent, Way


def _send(call: Call, way: Way, asked: Asks | None, digits: str) -> Sent:
    told = {"number": call.number, "caller": call.caller, "call_id": call.call_id}
    if asked:
        told |= {name: asked.state[name] for name in ("length", "attempt")} | {"digits": digits}
    body = json.dumps(told).encode()
    return Sent(way.url, {**JSON, SIGNATURE: signature(way.secret, way.seconds, body)}, body)


phone = Phone("json", _send, understand)
