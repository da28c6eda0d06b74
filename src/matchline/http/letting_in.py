"""A stream is sent only as long as whoever asked for it is let in."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from starlette.responses import Response, StreamingResponse

IsLetIn = Callable[[], Awaitable[bool]]


def while_let_in(response: Response, is_let_in: IsLetIn) -> Response:
    """The answer; if it is a stream, one that ends instead of sending more to somebody who is no longer let in."""
    if isinstance(response, StreamingResponse):
        chunks = response.body_iterator
        assert isinstance(chunks, AsyncGenerator), "streams are written as generators"
        response.body_iterator = _while(chunks, is_let_in)
    return response


async def _while(chunks: AsyncGenerator[bytes, None], is_let_in: IsLetIn) -> AsyncGenerator[bytes, None]:
    async with aclosing(chunks):
        async for chunk in chunks:
            if not await is_let_in():
                return
            yield chunk
