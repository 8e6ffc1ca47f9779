"""The harness of Azure: the tenant of the connector's tests, with two resources of each kind, one a page."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from collector.contract.harness import Throttle
from collector.setup.loading import connector
from connectors.azure._sdk.settings import GRAPH, Settings
from connectors.azure.authorization.resources import ASSIGNMENTS
from tests.connectors.azure.double import AzureDouble, error, refused, settings
from tests.connectors.azure.estate import CANARIES, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.contract.raw_answers import Make, RawAnswer, RawRequest

_LONG = 12


class SteeredAzure(AzureDouble):
    """The double that the suite steers."""

    def deny(self, call: str) -> None:
        """Refuse the call as for lack of a role, or of a permission of Graph."""
        is_graph = call.partition(" ")[2].startswith(GRAPH)
        no = error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        self.wrong[call] = lambda _request, _data: no if is_graph else refused("Microsoft.Any/thing/read")

    def fail(self, call: str) -> None:
        """Answer the call with 500."""
        self.wrong[call] = lambda _request, _data: error(500, "InternalServerError")

    def cut(self, call: str) -> None:
        """Answer the call with 500 from the second page on."""
        self.wrong[call] = lambda request, data: (
            error(500, "InternalServerError") if "$skiptoken" in request.url.params else self.paged(request, data)
        )

    def circle(self, call: str) -> None:
        """Answer the call with pages A, B, A, B."""
        self._lead(call, lambda page: 1 - page)

    def repeat(self, call: str) -> None:
        """Answer the call with a page that names itself as the next."""
        self._lead(call, lambda page: page)

    def endless(self, call: str, pages: int | None = None) -> None:
        """Answer the call with empty pages without an end, or with so many."""
        self._lead(call, lambda page: page + 1 if page + 1 != pages else None, is_empty=True)

    def play(self, call: str, make: Make) -> None:
        """Answer the call with what is made of the double's own answer."""
        self.makes[call] = make

    def stretch(self) -> None:
        """Make every list long."""
        self.longest = {path: _LONG for path, data in self.answers.items() if isinstance(data, list)}

    def _lead(self, call: str, after: Callable[[int], int | None], *, is_empty: bool = False) -> None:
        link = "@odata.nextLink" if call.partition(" ")[2].startswith(GRAPH) else "nextLink"

        def lead(request: httpx.Request, data: Any) -> httpx.Response:
            page = int(request.url.params.get("$skiptoken", "0"))
            following = after(page)
            items = data if isinstance(data, list) and not is_empty else []
            body: dict[str, Any] = {"value": items[page : page + 1]}
            if following is not None:
                body[link] = str(request.url.copy_merge_params({"$skiptoken": str(following)}))
            return httpx.Response(200, json=body)

        self.wrong[call] = lead


def _throttled(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """The reads of the subscription are used up; Azure says for how long in Retry-After."""
    body = b'{"error": {"code": "SubscriptionRequestsThrottled", "message": "Number of requests exceeded the limit."}}'
    return own.but(status=429, body=body, retry_after="17", content_type="application/json")


# One answer, of which there is no second page.
_ONE_ANSWER = ("/default", "/current", "/web", "/vaultconfig", "/require_secure_transport", "/tls_version",
               "/ssl_min_protocol_version", "/{key}", "/{id}", "/Default", "?$expand=path")  # fmt: skip


class AzureHarness:
    """A source that signs in with tokens that something else asked for."""

    throttles: ClassVar = {"429": Throttle(_throttled, 17)}
    not_possible: ClassVar = {
        "odd count": "Resource Manager counts nothing beside its lists",
        **{
            f"second page {ASSIGNMENTS} of {kind}": "assignments are looked up before anything is listed"
            for kind in (
                "azure.authorization.role_definition",
                "azure.authorization.principal",
                "azure.monitor.access_change",
            )
        },
    }
    free: ClassVar[frozenset[str]] = frozenset()
    attempts = 4
    canaries = CANARIES

    def __init__(self) -> None:
        self.connector = connector("azure").connector
        self.paged = frozenset(
            call for call in self.connector.calls() if call.startswith("GET ") and not call.endswith(_ONE_ANSWER)
        )

    @contextmanager
    def fixture(self) -> Iterator[SteeredAzure]:
        """Start a new double."""
        double = SteeredAzure(calls=self.connector.calls())
        double.page_size = 1
        seed(double)
        with double.answering():
            yield double

    def settings(self, _double: Any) -> Settings:
        """Return the settings of a source that reads the double."""
        return settings()


def harness() -> AzureHarness:
    """Return the harness of Azure."""
    return AzureHarness()
