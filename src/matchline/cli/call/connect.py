"""The side of Amazon Connect and of its Lambda function."""

import json

from matchline.adapters.connect import SIGNATURE
from matchline.adapters.flat import COLLECT, OUTCOME
from matchline.adapters.handoff import STATUS_KEY
from matchline.adapters.signing import signature
from matchline.cli.call.phone import JSON, Answered, Asks, Call, Goes, Phone, Sent, Way


def _send(call: Call, way: Way, asked: Asks | None, digits: str) -> Sent:
    event = {
        "Name": "ContactFlowEvent",
        "Details": {
            "ContactData": {
                "Channel": "VOICE",
                "ContactId": call.call_id,
                "CustomerEndpoint": {"Address": call.caller, "Type": "TELEPHONE_NUMBER"},
                "SystemEndpoint": {"Address": call.number, "Type": "TELEPHONE_NUMBER"},
            },
            "Parameters": {**asked.state, "digits": digits} if asked else {},
        },
    }
    body = json.dumps(event).encode()
    return Sent(way.url, {**JSON, SIGNATURE: signature(way.secret, way.seconds, body)}, body)


def understand(body: bytes) -> Answered:
    """Flat strings."""
    answer = json.loads(body)
    if answer[OUTCOME] == COLLECT:
        return Asks(int(answer["length"]), answer.get("prompt", ""), "", answer)
    data = answer.pop("data", {})
    return Goes(answer[OUTCOME], {STATUS_KEY: answer.get("reason", ""), **data, **answer})


phone = Phone("connect", _send, understand)
