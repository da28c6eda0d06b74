"""What kamailio.cfg beside this file does with a call, in Python (KEMI): for those who would rather change Python.

Settings and modules stand in kamailio.cfg; start Kamailio with -A 'SCRIPT="/etc/kamailio/kamailio.py"'. Beyond what
the configuration does, data that the app left can leave with a call: see KEYS.
"""

import json
import re
from urllib.parse import quote, unquote, urlencode

import KSR

# Which keys of the app's data leave with a matched call, in User-to-User. Without any the session's id alone does.
KEYS: tuple[str, ...] = ()

UUI_OCTETS = 128  # the most that a User-to-User header carries, the protocol discriminator among them
UUI_DISCRIMINATOR = b"\x00"  # of what users agree on among themselves

ALL_SANITY_CHECKS, ADDRESSES = 17895, 7  # as in kamailio.cfg
LATE = 100  # below: no HTTP status, but an error number of libcurl

MILLISECONDS = 1000  # in a second
NO_ROUTE = "0"  # in the place of a failure route's name

METHODS = "Allow: INVITE, ACK, CANCEL, OPTIONS\r\n"


def mod_init() -> "Kamailio":
    """Called by Kamailio when it starts."""
    return Kamailio()


class Kamailio:
    """Called by Kamailio, in each of its workers."""

    def child_init(self, _rank: int) -> int:
        return 0

    def ksr_request_route(self, _message: object) -> int:
        """Every request comes here."""
        if KSR.is_method("ACK"):
            KSR.tm.t_check_trans()
            follow_dialog()
        elif KSR.ipops.is_in_subnet(KSR.pv.gete("$si"), setting("ALLOWED")) < 0:
            KSR.sl.sl_send_reply(403, "Forbidden")
        elif KSR.sanity.sanity_check(ALL_SANITY_CHECKS, ADDRESSES) > 0:
            receive()
        return 1

    def ksr_branch_headers(self, _message: object) -> int:
        """What is sent to one place, so that the next does not get the headers too."""
        KSR.hdr.append(KSR.pv.gete("$var(headers)"))
        return 1

    def ksr_failure_unanswered(self, _message: object) -> int:
        """Nobody took the call: refused, busy, rung for too long, or nobody is there."""
        if KSR.tm.t_is_canceled() < 0:
            send_to_queue("unanswered")
        return 1


def receive() -> None:
    """A request of somebody who may send some."""
    if KSR.is_method("CANCEL"):
        cancel()
    elif KSR.siputils.has_totag() > 0:
        if not follow_dialog():
            KSR.sl.sl_send_reply(481, "Call/Transaction Does Not Exist")
    elif KSR.is_method("OPTIONS"):
        KSR.hdr.append_to_reply(METHODS)
        KSR.sl.sl_send_reply(200, "OK")
    elif not KSR.is_method("INVITE"):
        KSR.hdr.append_to_reply(METHODS)
        KSR.sl.sl_send_reply(405, "Method Not Allowed")
    elif KSR.tm.t_newtran() > 0:
        KSR.tm.t_reply(100, "Trying")
        decide(*ask())


def follow_dialog() -> bool:
    """Pass on what is said within a call that was relayed; whether it was."""
    is_known = setting("RELAY") is not None and KSR.siputils.has_totag() > 0 and KSR.rr.loose_route() > 0
    return is_known and KSR.tm.t_relay() > 0


def cancel() -> None:
    if setting("RELAY") is not None and KSR.tm.t_check_trans() > 0:
        KSR.tm.t_relay()
    elif KSR.tm.t_lookup_cancel() > 0:
        KSR.sl.sl_send_reply(200, "OK")
    else:
        KSR.sl.sl_send_reply(481, "Call/Transaction Does Not Exist")


def ask() -> tuple[int, dict[str, object]]:
    """Matchline's status and answer."""
    question = urlencode(
        {
            "_access_number": number(KSR.pv.gete("$rU")),
            "_phone_number": number(KSR.pv.gete(setting("CALLER") or "$fU")),
            "_call_id": KSR.pv.gete("$ci"),
            "_return_user_data": str(bool(KEYS)).lower(),
        }
    )
    status = KSR.http_client.curl_connect_post(
        "matchline",
        "/genesys/1/service/match-interaction",
        "application/x-www-form-urlencoded",
        question,
        "$var(answer)",
    )
    try:
        answer = json.loads(KSR.pv.gete("$var(answer)")) if status >= LATE else {}
    except ValueError:
        answer = {}
    return status, answer if isinstance(answer, dict) else {}


def number(user: str) -> str:
    """The user part of an address without its parameters, and without percent-encoding where that is harmless."""
    user = user.partition(";")[0]
    return unquote(user) if re.fullmatch(r"([^%]|%[2-6][0-9A-Fa-f]|%7[0-9A-Ea-e])*", user) else user


def decide(status: int, answer: dict[str, object]) -> None:
    """Turn Matchline's answer into the call's."""
    if setting("RELAY") is not None:
        # What the caller wrote there is not Matchline's word.
        KSR.textops.remove_hf_re("^(X-Match-.*|User-to-User)$")
        KSR.rr.record_route()
    KSR.info(f"Matchline says {status}: {KSR.pv.gete('$ci')}\n")
    session = str(answer.get("_id", ""))
    if status == 200 and re.fullmatch(r"[A-Za-z0-9._~-]+", session):
        headers = f"X-Match-Id: {session}\r\nUser-to-User: {user_to_user(session, answer)}\r\n"
        send_returnable(setting("TARGET"), headers)
    elif status == 404 and answer.get("exception") == "NoMatch":
        to_queue("no-match", 404, "Not Found")
    elif status == 409:
        undecided(str(answer.get("_digits", "")))
    elif status == 400:
        to_queue("unreadable", 400, "Bad Request")
    else:
        KSR.err(f"no usable answer from Matchline: status {status}: {KSR.pv.gete('$ci')}\n")
        if setting("QUEUE_TARGET") is None:
            KSR.hdr.append_to_reply(f"Retry-After: {setting('RETRY_AFTER')}\r\n")
        to_queue("unavailable", 503, "Service Unavailable")


def undecided(digits: str) -> None:
    """Several sessions could be meant, and only digits or a person can tell."""
    target = setting("DIGITS_TARGET")
    if target is None:
        to_queue("undecided", 480, "Temporarily Unavailable")
        return
    length = f"X-Match-Digits: {digits}\r\n" if digits.isdecimal() else ""
    send_returnable(target, f"X-Match-Status: undecided\r\n{length}")


def to_queue(why: str, status: int, reason: str) -> None:
    """To the ordinary queue; refused where there is none."""
    if setting("QUEUE_TARGET") is None:
        KSR.tm.t_reply(status, reason)
    elif not send_to_queue(why):
        KSR.tm.t_reply(503, "Service Unavailable")


def send_to_queue(why: str) -> bool:
    """From there the call does not come back."""
    if setting("RELAY") is not None:
        KSR.tm.t_reset_fr()
        KSR.tm.t_on_failure(NO_ROUTE)
    return send_on(setting("QUEUE_TARGET"), f"X-Match-Status: {why}\r\n")


def send_returnable(target: str | None, headers: str) -> None:
    """The call comes back, and goes to the queue where there is one, when nobody takes it there."""
    is_returnable = setting("RELAY") is not None and setting("QUEUE_TARGET") is not None
    if is_returnable:
        KSR.tm.t_set_fr(seconds("RING") * MILLISECONDS, seconds("SILENT") * MILLISECONDS)
        KSR.tm.t_on_failure("ksr_failure_unanswered")
    if not send_on(target, headers) and not (is_returnable and send_to_queue("unanswered")):
        KSR.tm.t_reply(503, "Service Unavailable")


def send_on(target: str | None, headers: str) -> bool:
    """Whether it could be sent; a redirect always can."""
    KSR.pv.sets("$ru", target or "")
    if setting("RELAY") is None:
        KSR.hdr.append_to_reply(headers)
        KSR.tm.t_reply(302, "Moved Temporarily")
        return True
    KSR.pv.sets("$var(headers)", headers)
    KSR.tm.t_on_branch("ksr_branch_headers")
    return bool(KSR.tm.t_relay() > 0)


def user_to_user(session: str, answer: dict[str, object]) -> str:
    """Id and data; what does not fit is not cut: then the id alone leads to it."""
    data = answer.get("user_data")
    given = data if isinstance(data, dict) else {}
    octets = form({key: given[key] for key in KEYS if key in given} | {"match_id": session})
    if len(UUI_DISCRIMINATOR) + len(octets) > UUI_OCTETS:
        octets = form({"match_id": session})
    return f"{(UUI_DISCRIMINATOR + octets).hex()};encoding=hex"


def form(fields: dict[str, str]) -> bytes:
    return "&".join(f"{quote(name)}={quote(text)}" for name, text in fields.items()).encode()


def setting(name: str) -> str | None:
    """What kamailio.cfg, or -A, defines; None when it does not."""
    text = KSR.pv.get(f"$def({name})")
    return None if text is None else str(text).strip('"')


def seconds(name: str) -> int:
    return int(setting(name) or 0)
