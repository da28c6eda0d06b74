"""jambonz' side of a call."""

import json

from matchline.adapters.jambonz import SIGNATURE
from matchline.adapters.signing import signature
from matchline.cli.call.phone import JSON, Answered, Asks, Call, Goes, Phone, Sent, Way


def _send(call: Call, way: Way, asked: Asks | None, digits: str) -> Sent:
    told = {
        "call_sid": call.call_id,
        "direction": "inbound",
        "from": call.caller,
        "to": call.number,
        "call_status": "in-progress" if asked else "trying",
    }
    if asked:
        told |= {"reason": "dtmfDetected", "digits": digits} if digits else {"reason": "timeout"}
    body = json.dumps(told).encode()
    return Sent(
        asked.url if asked else way.url, {**JSON, SIGNATURE: signature(way.secret, way.seconds, body)}, body
    )


def _understand(body: bytes) -> Answered:
    verbs = json.loads(body)
    if not verbs:
        return Goes("nowhere")
    verb = verbs[0]
    if verb["verb"] == "gather":
        return Asks(verb["numDigits"], verb["say"]["text"], verb["actionHook"])
    target = verb["target"][0] if verb["verb"] == "dial" else {"sipUri": verb["referTo"]}
    return Goes(target.get("sipUri") or target["number"], verb["headers"])


phone = Phone("jambonz", _send, _understand)
