"""The harness of Google Cloud: an organization with two projects, and two of each kind in them, one a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from collector.contract.harness import Throttle
from collector.contract.httpx_answers import Make, made_by
from collector.contract.raw_answers import RawAnswer, RawRequest
from collector.setup.loading import connector
from connectors.gcp._sdk.client import NO_CALL, TEST_PERMISSIONS
from connectors.gcp._sdk.settings import Settings
from tests.connectors.gcp import estate
from tests.connectors.gcp.played import AGGREGATED, LISTS, TOKEN_CALL, PlayedGoogle
from tests.connectors.google.refusals import by_error_info, by_status

if TYPE_CHECKING:
    from collector.core.connectors import Connector

_LONG = 12
_CALLS = frozenset(connector("gcp").connector.calls())

_OLDER = ("compute.", "storage.", "sql.", "bigquery.")
_MAY_BE_EMPTY = (
    *(call for call in LISTS if not call.startswith(_OLDER)),
    "container.projects.locations.clusters.list",
    "iam.projects.serviceAccounts.keys.list",
    "compute.networks.getEffectiveFirewalls",  # a network without rules
)
"""Lists whose answer has nothing that it must have; those of the older APIs say of which kind they are."""

_WITHOUT_LISTS = (
    *LISTS,
    *AGGREGATED,
    "accessapproval.projects.getAccessApprovalSettings",
    "artifactregistry.projects.locations.repositories.getIamPolicy",
    "cloudfunctions.projects.locations.functions.getIamPolicy",
    "cloudkms.projects.locations.keyRings.cryptoKeys.getIamPolicy",
    "cloudkms.projects.locations.keyRings.getIamPolicy",
    "cloudresourcemanager.folders.getIamPolicy",
    "cloudresourcemanager.organizations.getIamPolicy",
    "cloudresourcemanager.projects.getIamPolicy",
    "compute.networks.getEffectiveFirewalls",
    "compute.projects.get",
    "container.projects.locations.clusters.list",
    "iam.projects.serviceAccounts.keys.list",
    "orgpolicy.projects.policies.getEffectivePolicy",
    "run.projects.locations.services.get",
    "run.projects.locations.services.getIamPolicy",
    "storage.buckets.getIamPolicy",
)
"""Answers whose lists Google leaves out where they are empty; what tells them from other answers is beside these."""

_PLACES = tuple(call for call in LISTS if call.endswith(".locations.list"))
_LOOKED_UP = (
    "compute.snapshots.list of gcp.compute.disk",
    "compute.resourcePolicies.aggregatedList of gcp.compute.disk",
    "compute.instances.aggregatedList of gcp.osconfig.vulnerability",
    "osconfig.projects.locations.instances.vulnerabilityReports.list of gcp.osconfig.vulnerability",
)
_ONE_RESOURCE = frozenset({"iam.roles.list", "iam.organizations.roles.list"})
"""Lists that become one resource, so that no page of theirs is half of the list."""


class SteeredGoogle(PlayedGoogle):
    """The double of Google Cloud that the suite steers."""

    def __init__(self) -> None:
        super().__init__()
        self.page_size = 1
        self.makes: dict[str, Make] = {}

    def served(self, call: str) -> int:
        """Return how many requests of a call were answered."""
        return self.asked[call]

    def deny(self, call: str) -> None:
        """Refuse the call."""
        self.wrong[call] = lambda _request, _own: by_error_info(403, "IAM_PERMISSION_DENIED", permission="x.y.get")

    def fail(self, call: str) -> None:
        """Answer the call with 500."""
        self.wrong[call] = lambda _request, _own: by_status(500, "INTERNAL")

    def cut(self, call: str) -> None:
        """Answer the call with 500 from the second page on."""
        self.wrong[call] = lambda request, own: by_status(500, "INTERNAL") if _token(request) else own

    def circle(self, call: str) -> None:
        """Answer the call with pages A, B, A, B."""
        self._lead(call, lambda page: 1 - page)

    def repeat(self, call: str) -> None:
        """Answer the call with a page that names itself as the next."""
        self._lead(call, lambda page: page)

    def endless(self, call: str, pages: int | None = None) -> None:
        """Answer the call with pages without an end, or with so many."""
        self._lead(call, lambda page: page + 1 if pages is None or page + 1 < pages else None)

    def stretch(self) -> None:
        """Make the lists long."""
        estate.seed(self, _LONG)

    def play(self, call: str, make: Make) -> None:
        """Answer the call with what is made of Google's own answer."""
        self.makes[call] = make

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        own = super().__call__(request)
        call = TOKEN_CALL if request.url.host == "oauth2.googleapis.com" else self.route(request)[0].id
        return made_by(self.makes.get(call), request, own)

    def _lead(self, call: str, after: Callable[[int], int | None]) -> None:
        def lead(request: httpx.Request, _own: httpx.Response) -> httpx.Response:
            operation, params = self.route(request)
            page = int(_token(request) or "0")
            asked = json.dumps({**json.loads(params["body"] or "{}"), "pageToken": str(page % 2)})
            body = json.loads(self.own(operation, {**params, "pageToken": str(page % 2), "body": asked}).content)
            body.pop("nextPageToken", None)
            following = after(page)
            return httpx.Response(
                200, json={**body, **({"nextPageToken": str(following)} if following is not None else {})}
            )

        self.wrong[call] = lead


def _token(request: httpx.Request) -> str:
    """Return which page is asked for: in the address, or in the body of a list that is asked for by POST."""
    sent = json.loads(request.content) if request.content else {}
    return str(request.url.params.get("pageToken") or sent.get("pageToken") or "")


def _throttled(status: int, reason: str, retry: str) -> Make:
    refused = by_error_info(status, reason, name="RESOURCE_EXHAUSTED", retry=retry)

    def make(_request: RawRequest, own: RawAnswer) -> RawAnswer:
        date = "Mon, 30 Nov 2026 10:00:42 GMT"
        return own.but(status, refused.content, date=date, content_type="application/json")

    return make


class GoogleCloudHarness:
    """A source that signs in with the key of a service account and names its organization."""

    throttles: ClassVar = {
        "RetryInfo": Throttle(_throttled(429, "RATE_LIMIT_EXCEEDED", "7s"), 7),
        "the minute": Throttle(_throttled(403, "rateLimitExceeded", ""), 18),
    }
    not_possible: ClassVar[dict[str, str]] = {
        "next link": "a page names the next by a token",
        "odd count": "Google states no count beside a list",
        **{f"empty {call}": "Google leaves a list out that is empty" for call in _MAY_BE_EMPTY},
        **{
            f"without lists {call}": "Google leaves a list out that is empty"
            for call in _WITHOUT_LISTS
            if call in _CALLS
        },
        **{f"twin {call}": "places, which are asked for what is listed" for call in _PLACES},
        **{f"second page {call}": "it is read before what is listed" for call in _LOOKED_UP},
    }
    free = frozenset({TEST_PERMISSIONS.id})
    attempts = 4
    canaries = estate.CANARIES

    def __init__(self) -> None:
        self.connector = _without_pseudo_call(connector("gcp").connector)
        declared = {call for each in self.connector.collections.values() for call in each.calls}
        self.paged = frozenset(declared & {*LISTS, *AGGREGATED} - _ONE_RESOURCE)

    @contextmanager
    def fixture(self) -> Iterator[SteeredGoogle]:
        """Start a new double."""
        google = SteeredGoogle()
        estate.seed(google)
        with google.answering():
            yield google

    def settings(self, _double: Any) -> Settings:
        """Return the settings of a source that reads the double."""
        return estate.settings(quota_share=1.0)


def _without_pseudo_call(gcp: Connector[Any, Any]) -> Connector[Any, Any]:
    """Return the connector without the text that stands for no call."""
    kinds = {
        id_: replace(collection, calls=tuple(call for call in collection.calls if call != NO_CALL))
        for id_, collection in gcp.collections.items()
    }
    return replace(gcp, collections=kinds)


def harness() -> GoogleCloudHarness:
    """Return the harness of Google Cloud."""
    return GoogleCloudHarness()
