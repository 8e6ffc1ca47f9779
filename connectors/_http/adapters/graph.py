"""Microsoft Graph: msgraph-sdk builds requests by its typed builders, without an event loop; the kit sends them.

    build = GraphRequests(http.base)
    answer = build.ask(http, "GET /users/{id}", client.users.by_user_id(id).to_get_request_information())

Below the SDK lies a transport of httpx that never waits for anything, so that a coroutine of the SDK ends with its
first step. The SDK's models are not used: they lose what is null, and cut dates.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from collector.core.errors import Unexpected
from collector.core.wire import Call
from connectors._http.operations import recorded
from connectors._http.paging import NextLink
from connectors._http.replies import json_of
from connectors._http.sending import Outgoing

if TYPE_CHECKING:
    from connectors._http.client import Http
    from connectors._http.paging import Items, Page

T = TypeVar("T")

NEXT_LINK = NextLink("@odata.nextLink", omitted=True)
"""How Graph's lists continue; the last page leaves the address out."""

# The kit sets these itself, and the credential with them.
_LEFT_OUT = frozenset({"host", "accept-encoding", "user-agent", "content-length", "connection", "authorization"})
_BUILT: ContextVar[list[httpx.Request]] = ContextVar("annexd_graph_built")


class _Taking(httpx.AsyncBaseTransport):
    """Takes the request that the SDK wants to send, and answers with nothing; awaits nothing."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        _BUILT.get().append(request)
        return httpx.Response(200, headers={"Content-Type": "application/octet-stream"}, content=b"-", request=request)


def finished(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns without ever waiting. Raises Unexpected where it waits after all."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise Unexpected("this release of the SDK waits for an event loop, which the one that was tried did not")


class GraphRequests:
    """Turns what the SDK's builders describe into requests below a base such as https://graph.microsoft.com/v1.0.

    `adapter` is what `msgraph.GraphServiceClient(request_adapter=...)` takes; it holds no credential. Raises
    ImportError where the SDK is not installed.
    """

    def __init__(self, base: str) -> None:
        from kiota_abstractions.authentication import AnonymousAuthenticationProvider  # noqa: PLC0415  late: 70 ms
        from kiota_http.middleware import ParametersNameDecodingHandler  # noqa: PLC0415  the same
        from msgraph.graph_request_adapter import GraphRequestAdapter  # noqa: PLC0415  the same
        from msgraph_core import GraphClientFactory  # noqa: PLC0415  the same

        client = GraphClientFactory.create_with_custom_middleware(
            [ParametersNameDecodingHandler()], client=httpx.AsyncClient(transport=_Taking(), trust_env=False)
        )
        self.adapter = GraphRequestAdapter(AnonymousAuthenticationProvider(), client=client)
        self.adapter.base_url = base

    def build(self, information: Any, *, reads_only: bool = False) -> Outgoing:
        """Return the request of a builder's `to_get_request_information()`."""
        taken: list[httpx.Request] = []
        token = _BUILT.set(taken)
        try:
            finished(self.adapter.send_primitive_async(information, "bytes", None))
        finally:
            _BUILT.reset(token)
        (request,) = taken
        headers = {name: value for name, value in request.headers.items() if name not in _LEFT_OUT}
        return Outgoing(request.method, request.url, headers, request.read() or None, is_safe=reads_only)

    def ask(self, http: Http, call: str, information: Any, *, reads_only: bool = False) -> Any:
        """Return the JSON of an answer; `call` is the operation in Graph's words. Raises as `Http.value`."""
        outgoing = self.build(information, reads_only=reads_only)
        return json_of(http.send(Call(call, recorded({}, outgoing.url, outgoing.body)), outgoing), call)

    def walk(self, http: Http, call: str, information: Any, *, key: Items = "value") -> Iterator[Page]:
        """Yield the pages of a list. Raises as `Http.pages`."""
        return http.walk_from(call, self.build(information), {}, key=key, paging=NEXT_LINK)
