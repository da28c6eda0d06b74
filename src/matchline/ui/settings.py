"""The settings' room: the server's own options, the storage's and those of the events."""

from collections.abc import Iterator, Mapping

from starlette.responses import Response

from matchline.engine.declared import EVENTS_OPTIONS, SERVER_OPTIONS, STORAGE_OPTIONS
from matchline.errors import UnknownRoute
from matchline.kept.attendance import Role
from matchline.options import Option
from matchline.ui.asked import Asked
from matchline.ui.room import Room, Route
from matchline.ui.section_form import SectionForm, save

PATH = "/ui/settings"

SECTIONS: Mapping[str, Mapping[str, Option]] = {
    "server": SERVER_OPTIONS,
    "storage": STORAGE_OPTIONS,
    "events": EVENTS_OPTIONS,
}

# In this order; what is in none of them comes last, under "More".
TOPICS = {
    "Login": ("username", "password", "supervisor_username", "supervisor_password", "realm"),
    "Tokens": ("jwt_issuer", "jwt_audience", "jwt_keys"),
    "Where and how it is reached": ("default_region", "public_url", "cors_origins"),
    "Call log": ("call_log_days", "call_log_whole_callers"),
    "Access codes": (
        *("access_code_prefix", "guess_budget", "guess_refill"),
        *("guess_budget_number", "guess_refill_number"),
    ),
    "The largest request": ("max_ttl", "max_body", "max_value", "max_fields", "max_file"),
    "What one client may do": (
        *("rate_per_address", "rate_per_key", "reservation_quota", "max_connections"),
        *("max_connections_per_address", "head_seconds", "body_seconds", "idle_seconds"),
    ),
    "SCXML services": (
        *("scxml_folder", "scxml_allow", "scxml_workers", "scxml_microsteps", "scxml_queued"),
        *("scxml_data_bytes", "scxml_script_ms", "scxml_event_ms", "scxml_invoke_depth", "scxml_sessions"),
    ),
    "Orchestration Servers": (
        *("_ors", "_ors_lb_strategy", "max_ors_request_attempts", "ors_connect_timeout"),
        *("ors_socket_timeout", "ors_authorization"),
    ),
    "Files": ("allow-file-control", "allowed-mime-types"),
    "Deliveries": ("types", "url", "secret", "keep_hours"),
}


async def first(asked: Asked) -> Response:
    return asked.away(f"{PATH}/server")


async def shown(asked: Asked) -> Response:
    return _page(asked, _form(asked))


async def change(asked: Asked) -> Response:
    form = await save(asked.engine.keeper, lambda: _form(asked), asked.form)
    if form.is_refused:
        return _page(asked, form, 409 if form.differences else 400)
    return asked.away(
        asked.path, "Saved: it holds on every node." if form.changes else "Nothing was changed."
    )


def topics(
    names: Mapping[str, Option], known: Mapping[str, tuple[str, ...]] = TOPICS
) -> Iterator[tuple[str, list[str]]]:
    """The options of a section by topic."""
    for topic, among in known.items():
        found = [name for name in among if name in names]
        if found:
            yield topic, found
    placed = {name for among in known.values() for name in among}
    rest = [name for name in names if name not in placed]
    if rest:
        yield "More", rest


def _form(asked: Asked) -> SectionForm:
    name = asked.parameter("section")
    if name not in SECTIONS:
        raise UnknownRoute
    return SectionForm(name, SECTIONS[name], asked.engine.keeper.current.sections.get(name, {}))


def _page(asked: Asked, form: SectionForm, status: int = 200) -> Response:
    return asked.page(
        "settings.html", status, form=form, sections=tuple(SECTIONS), topics=list(topics(form.declared))
    )


room = Room(
    "Settings",
    PATH,
    (
        Route("GET", PATH, first),
        Route("GET", f"{PATH}/{{section}}", shown),
        Route("POST", f"{PATH}/{{section}}", change, Role.ADMINISTRATOR),
    ),
)
