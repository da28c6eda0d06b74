"""The keys' room: what programs are let in with; made, shown once, revoked."""

from starlette.responses import Response

from matchline.errors import BadParameter, Fault
from matchline.kept.attendance import Role
from matchline.principal import Scope
from matchline.ui.asked import Asked
from matchline.ui.paging import leaf
from matchline.ui.room import Room, Route

PATH = "/ui/keys"

MAX_NAME = 200  # characters, as in the API

SCOPES = {
    Scope.APP: "Apps and web pages: reserve numbers, leave data, see and end their own sessions.",
    Scope.IVR: "Contact centres: ask whose call it is, and read the data.",
    Scope.ADMIN: "Administration: everything, keys included.",
}


async def listed(asked: Asked) -> Response:
    return await _page(asked)


async def create(asked: Asked) -> Response:
    """The only page that ever shows the secret: it is no redirect, so that no address or cookie carries it."""
    try:
        key, secret = await asked.engine.keys.create(_name(asked), _scopes(asked), *_limits(asked))
    except Fault as fault:
        return await _page(asked, fault.status, fault=fault.message)
    return await _page(asked, made=key, secret=secret)


async def revoke(asked: Asked) -> Response:
    await asked.engine.keys.revoke(asked.parameter("id"))
    return asked.away(PATH, "The key is revoked: within a second no node accepts it.")


async def _page(asked: Asked, status: int = 200, **told: object) -> Response:
    current = asked.engine.keeper.current
    values = {
        "leaf": leaf(asked, PATH, await asked.engine.keys.listed()),
        "scopes": SCOPES,
        "service_names": sorted(current.services),
        "group_names": sorted(current.groups),
        **dict.fromkeys(("fault", "made", "secret")),
        **told,
    }
    return asked.page("keys.html", status, **values)


def _name(asked: Asked) -> str:
    name = asked.form.get("name", "").strip()
    if not 0 < len(name) <= MAX_NAME or "\0" in name:
        raise BadParameter("name", f"must have 1 to {MAX_NAME} characters, and none of them NUL.")
    return name


def _scopes(asked: Asked) -> frozenset[Scope]:
    scopes = frozenset(scope for scope in Scope if f"scope.{scope}" in asked.form)
    if not scopes:
        raise BadParameter("scopes", "choose what the key is for.")
    return scopes


def _limits(asked: Asked) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """The services and the resource groups that it is limited to."""
    services, groups = (
        frozenset(name.removeprefix(kind) for name in asked.form if name.startswith(kind)) or None
        for kind in ("service.", "group.")
    )
    if Scope.ADMIN in _scopes(asked) and (services or groups):
        raise BadParameter("scopes", "an administrator cannot be limited to services or groups.")
    return services, groups


room = Room(
    "Keys",
    PATH,
    (
        Route("GET", PATH, listed),
        Route("POST", PATH, create, Role.ADMINISTRATOR),
        Route("POST", f"{PATH}/{{id}}/revoke", revoke, Role.ADMINISTRATOR),
    ),
)
