"""get: tell the service's own options while this node is online."""

from matchline.engine import Engine
from matchline.engine.service import Answer, Request, Service
from matchline.errors import NodeOffline
from matchline.options import Integer, Option
from matchline.principal import APPLICATIONS


async def run(engine: Engine, request: Request) -> Answer:
    if not engine.node.online:
        raise NodeOffline(request.number("_offline_code"))
    configured = engine.keeper.current.services[request.service]
    return {name: text for name, text in configured.section.items() if not configured.is_secret(name)}


service = Service(
    name="get",
    summary="Tell the service's options while this node is online, an error status when it is not.",
    options=(Option("_offline_code", Integer(400, 599), "The status while the node is offline.", "503"),),
    run=run,
    faults=(NodeOffline,),
    answer={},
    answers_get=True,
    scopes=APPLICATIONS,
)
