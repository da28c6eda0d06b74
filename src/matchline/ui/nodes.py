"""The nodes' room: the processes that serve this store, and the switch that takes one out of service."""

from starlette.responses import Response

from matchline.clock import SECOND, steady
from matchline.kept.attendance import Role
from matchline.ui.asked import Asked
from matchline.ui.room import Room, Route

PATH = "/ui/nodes"


async def listed(asked: Asked) -> Response:
    engine, began = asked.engine, steady()
    await engine.store.check()
    took = (steady() - began) * SECOND
    return asked.page(
        "nodes.html",
        nodes=await engine.attendance.nodes(),
        own=engine.attendance.id,
        configuration=engine.keeper.current.version,
        store=engine.node.store,
        took=took,
    )


async def switch(asked: Asked) -> Response:
    off = "off" in asked.form
    await asked.engine.attendance.switch(asked.parameter("id"), off=off)
    state = "OFFLINE: its work goes on, and load balancers send it no more" if off else "ONLINE again"
    return asked.away(PATH, f"Within seconds the node is {state}.")


room = Room(
    "Nodes",
    PATH,
    (Route("GET", PATH, listed), Route("POST", f"{PATH}/{{id}}/switch", switch, Role.ADMINISTRATOR)),
)
