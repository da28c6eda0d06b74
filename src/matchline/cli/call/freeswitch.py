"""FreeSWITCH's side of a call, by `mod_httapi`."""

from urllib.parse import unquote, urlencode
from xml.etree.ElementTree import fromstring

from matchline.adapters.handoff import ID_HEADER, STATUS_HEADER
from matchline.cli.call.phone import FORM, Answered, Asks, Call, Goes, Phone, Sent, Way

_SENDING = ("bridge", "transfer")
_HEADER = "sip_h_"


def _send(call: Call, way: Way, asked: Asks | None, digits: str) -> Sent:
    fields = {
        "session_id": call.call_id,
        "number": call.number,
        "caller": call.caller,
        "hostname": "fake-phone",
    }
    fields |= {"digits": digits, "input_type": "dtmf"} if digits else {}
    return Sent(asked.url if asked else way.url, FORM, urlencode(fields).encode())


def _understand(body: bytes) -> Answered:
    work = fromstring(body).find("work")  # noqa: S314 - the answer of one's own server
    assert work is not None, "mod_httapi needs it"
    speak = work.find("speak")
    if speak is not None:
        length = int((speak.findtext("bind") or "").strip("~\\d{}"))
        return Asks(length, speak.attrib["text"], speak.attrib["temp-action"])
    told = {ID_HEADER: "", STATUS_HEADER: ""}
    for each in work.findall("execute"):
        application, data = each.attrib["application"], each.attrib["data"]
        if application in _SENDING:  # what follows is for a call that nobody takes
            return Goes(data, told)
        name, _, value = data.partition("=")
        if application == "export":
            told[name.removeprefix(_HEADER)] = unquote(value)
    return Goes("nowhere", told)


phone = Phone("freeswitch", _send, _understand)
