"""The phone simulator: an app, a caller and a contact centre on one page, over the API as programs use it.

What happened so far stands in the page's forms: it is kept nowhere else, and in no address.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import segno
from markupsafe import Markup
from starlette.responses import Response

from matchline.clock import SECOND, Instant
from matchline.engine.declared import SHORTEST_BOOKING
from matchline.engine.service import MATCHING
from matchline.kept.attendance import Role
from matchline.observing.masking import Private
from matchline.ui.asked import Asked
from matchline.ui.room import Room, Route
from matchline.ui.simulator_words import Told, told
from matchline.ui.trying import Tried, sent

PATH = "/ui/simulator"
RESERVING = "request-interaction"

_CUSTOMER = {"customer": "Ada Lovelace", "reason": "lost card", "language": "en"}
_MOST_DATA = 20  # pairs of user data
_PHONE, _HELD_FOR = "+1 415 555 0123", "120"  # seconds: long enough to look around
_QUIET_MODULES = 2  # around a QR code: half of what the standard asks, on a page that is white there

_TEL_URL = re.compile(r"tel:\+?[0-9]{1,64}(,,[0-9]{1,32})?")

STRANGER, ANOTHER_STRANGER = "+1 212 555 0199", "+1 212 555 0198"


@dataclass(slots=True, repr=False)
class Scene(Private):
    """What the page shows."""

    service: str = ""
    match_service: str = ""
    phone: str = ""
    held_for: str = ""  # seconds; empty: as the service has it
    with_code: bool = False
    data: Mapping[str, str] = field(default_factory=dict)
    reserved: Tried | None = None
    answer: Mapping[str, str] = field(default_factory=dict)  # to the reservation
    ends_at: Instant = 0
    is_too_late: bool = False  # the call waits until the reservation is over
    number: str = ""  # of the call
    caller: str = ""
    digits: str = ""
    called: Tried | None = None
    told: Told | None = None

    @property
    def tel_url(self) -> str:
        """Empty for a number that cannot be dialled so."""
        url = self.answer.get("_tel_url", "")
        return url if _TEL_URL.fullmatch(url) else ""

    @property
    def qr(self) -> Markup:
        """The link for a telephone's camera."""
        code = segno.make(self.tel_url, error="m", micro=False)
        return Markup(code.svg_inline(border=_QUIET_MODULES, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704 - drawn from digits


async def shown(asked: Asked) -> Response:
    return _page(asked, Scene(phone=_PHONE, held_for=_HELD_FOR, with_code=True, data=_CUSTOMER))


async def reserve(asked: Asked) -> Response:
    """As the app does. For a call that comes too late, as short as it can be."""
    scene = _of_form(asked)
    scene.is_too_late = asked.form.get("as") == "too-late"
    held_for = str(SHORTEST_BOOKING) if scene.is_too_late else scene.held_for
    wanted = {
        "_phone_number": scene.phone,
        "_provide_code": str(scene.with_code).lower(),
        "_booking_expiration_timeout": held_for,
    }
    data = {name: text for name, text in scene.data.items() if not name.startswith("_")}
    scene.reserved = await sent(asked, scene.service, {**{n: t for n, t in wanted.items() if t}, **data})
    if scene.reserved.status == 200:
        _take(scene, asked, _texts(scene.reserved.answer))
    return _page(asked, scene)


async def call(asked: Asked) -> Response:
    """As the contact centre asks, about the call of this customer or of somebody else."""
    scene = _of_form(asked)
    _recall(scene, asked)
    _act(scene, asked.form.get("as", ""))
    wanted = {"_access_number": scene.number, "_phone_number": scene.caller, "_access_code": scene.digits}
    flags = {"_return_user_data": "true", "_return_reason": "true"}
    fields = {name: text for name, text in wanted.items() if text}
    scene.called = await sent(asked, scene.match_service, {**fields, **flags})
    scene.told = told(scene.called, _parsed(scene.called.answer))
    return _page(asked, scene)


def _of_form(asked: Asked) -> Scene:
    form = asked.form
    places = [str(place) for place in range(_MOST_DATA)]
    pairs = {form.get(f"x.{place}.name", "").strip(): form.get(f"x.{place}.text", "") for place in places}
    return Scene(
        service=form.get("service", ""),
        match_service=form.get("match_service", ""),
        phone=form.get("phone", "").strip(),
        held_for=form.get("held_for", "").strip(),
        with_code="with_code" in form,
        data={name: text for name, text in pairs.items() if name},
    )


def _take(scene: Scene, asked: Asked, answer: Mapping[str, str]) -> None:
    """The customer dials what the app was answered."""
    scene.answer = answer
    scene.ends_at = asked.engine.clock.now() + int(answer.get("_expiration_time", "0")) * SECOND
    scene.number, scene.caller = answer.get("_access_number", ""), scene.phone
    scene.digits = answer.get("_access_code", "")


def _recall(scene: Scene, asked: Asked) -> None:
    """What was reserved, as the form carries it."""
    form = asked.form
    scene.answer = _texts(form.get("answer", ""))
    ends_at = form.get("ends_at", "")
    scene.ends_at = int(ends_at) if ends_at.isascii() and ends_at.isdigit() else 0
    scene.number = form.get("number", "").strip()
    scene.caller = form.get("caller", "").strip()
    scene.digits = form.get("digits", "").strip()


def _act(scene: Scene, role: str) -> None:
    """A caller who does one thing otherwise than the customer would: the names of the buttons."""
    if not role:
        return
    code = scene.answer.get("_access_code", "")
    scene.number, scene.caller, scene.digits = scene.answer.get("_access_number", ""), scene.phone, code
    match role:
        case "other-caller":
            scene.caller = STRANGER if scene.phone != STRANGER else ANOTHER_STRANGER
        case "hidden":
            scene.caller = ""
        case "other-code":
            scene.digits = _other_code(code)
        case "no-code":
            scene.digits = ""


def _other_code(code: str) -> str:
    """Of the same length, with another last digit."""
    return f"{code[:-1]}{(int(code[-1]) + 1) % 10}" if code.isascii() and code.isdigit() else "123456"


def _texts(answer: str) -> dict[str, str]:
    """The texts of an answer; empty for what is none."""
    found = _parsed(answer)
    return {str(name): text for name, text in found.items() if isinstance(text, str)}


def _parsed(answer: str) -> dict[str, object]:
    try:
        found = json.loads(answer)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _page(asked: Asked, scene: Scene) -> Response:
    services = asked.engine.keeper.current.services.values()
    reserving = sorted(each.name for each in services if each.builtin == RESERVING)
    matching = sorted(each.name for each in services if each.builtin == MATCHING)
    return asked.page(
        "simulator.html",
        scene=scene,
        services=reserving,
        match_services=matching,
        now=asked.engine.clock.now(),
        answer=json.dumps(dict(scene.answer)),
        shortest=SHORTEST_BOOKING,
    )


room = Room(
    "Simulator",
    PATH,
    (
        Route("GET", PATH, shown),
        Route("POST", f"{PATH}/reserve", reserve, Role.ADMINISTRATOR),
        Route("POST", f"{PATH}/call", call, Role.ADMINISTRATOR),
    ),
)
