"""What load balancers and supervisors ask: is the process alive, can it serve?"""

from starlette.requests import Request
from starlette.responses import Response

from matchline.engine import Engine
from matchline.errors import NodeOffline
from matchline.http.answers import text_answer
from matchline.http.operation import Operation
from matchline.options import Schema
from matchline.principal import ANYONE


class Health:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def alive(self, request: Request) -> Response:  # noqa: ARG002
        """The process answers."""
        return text_answer("ok")

    async def ready(self, request: Request) -> Response:  # noqa: ARG002
        """This node wants work, its time is right, and its store has just made a step durable."""
        node = self._engine.node
        if node.draining or node.switched_off or node.clock_fault:
            raise NodeOffline(NodeOffline.status, node.clock_fault)
        await self._engine.store.check()
        return text_answer("ok")

    def operations(self) -> tuple[Operation, ...]:
        text: Schema = {"type": "string"}
        return (
            Operation("GET", "/healthz", self.alive, text, "text/plain", scopes=ANYONE),
            Operation("GET", "/readyz", self.ready, text, "text/plain", faults=(NodeOffline,), scopes=ANYONE),
        )
