"""A voice browser's side of a call."""

import json
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, fromstring

from matchline.adapters.handoff import ID_KEY, STATUS_KEY, read_user_to_user
from matchline.adapters.voicexml import NAMESPACE
from matchline.cli.call.phone import FORM, Answered, Asks, Call, Goes, Phone, Sent, Way

_NAMES = {"": NAMESPACE}


def _send(call: Call, way: Way, asked: Asks | None, digits: str) -> Sent:
    fields = {"number": call.number, "caller": call.caller, "call_id": call.call_id}
    fields |= {"digits": digits} if digits else {}
    return Sent(asked.url if asked else way.url, FORM, urlencode(fields).encode())


def _understand(body: bytes) -> Answered:
    page = fromstring(body)  # noqa: S314 - the answer of one's own server
    field = page.find("form/field", _NAMES)
    if field is not None:
        submit = field.find("filled/submit", _NAMES)
        assert submit is not None, "the grammar of the documents"
        length = int(field.attrib["type"].partition("=")[2])
        return Asks(length, field.findtext("prompt", "", _NAMES), submit.attrib["next"])
    form = page.find("form", _NAMES)
    assert form is not None, "the grammar of the documents"
    return _goes(form)


def _goes(form: Element) -> Goes:
    transfer = form.find("transfer", _NAMES)
    if transfer is not None:
        told = transfer.attrib["aai"]
        known = _status(told) if told.startswith(STATUS_KEY) else read_user_to_user(told)
        return Goes(transfer.attrib["dest"], known)
    variables = {
        each.attrib["name"]: json.loads(each.attrib["expr"]) for each in form.findall("block/var", _NAMES)
    }
    submit = form.find("block/submit", _NAMES)
    assert submit is not None, "the grammar of the documents"
    return Goes(submit.attrib["next"], {ID_KEY: "", **variables})


def _status(told: str) -> dict[str, str]:
    name, _, reason = told.partition("=")
    return {name: reason}


phone = Phone("voicexml", _send, _understand)
