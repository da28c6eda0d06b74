"""Twilio's side of a call."""

from urllib.parse import parse_qsl, urlencode
from xml.etree.ElementTree import Element, fromstring

from matchline.adapters.twilio import SIGNATURE
from matchline.cli.call.phone import FORM, Answered, Asks, Call, Goes, Phone, Sent, Way


def _send(call: Call, way: Way, asked: Asks | None, digits: str) -> Sent:
    from twilio.request_validator import RequestValidator

    url = asked.url if asked else way.url
    fields = {"CallSid": call.call_id, "From": call.caller, "To": call.number, "CallStatus": "in-progress"}
    fields |= {"Direction": "inbound"} | ({"Digits": digits} if asked else {})
    signature = RequestValidator(way.secret).compute_signature(url, fields)
    return Sent(url, {**FORM, SIGNATURE: signature}, urlencode(fields).encode())


def _understand(body: bytes) -> Answered:
    response = fromstring(body)  # noqa: S314 - the answer of one's own server
    gather = response.find("Gather")
    if gather is not None:
        return Asks(int(gather.attrib["numDigits"]), gather.findtext("Say") or "", gather.attrib["action"])
    dialled = response.find("Dial/*")
    if dialled is None:
        return Goes("nowhere")
    return _goes(dialled)


def _goes(dialled: Element) -> Goes:
    if dialled.tag == "Client":
        named = {each.attrib["name"]: each.attrib["value"] for each in dialled.findall("Parameter")}
        return Goes(f"client:{dialled.findtext('Identity')}", named)
    to, _, headers = (dialled.text or "").partition("?")
    return Goes(to, dict(parse_qsl(headers)))


phone = Phone("twilio", _send, _understand)
