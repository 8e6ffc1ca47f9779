"""Settings of a source with `connector = "entra"`, and the quotas that its calls count against."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from collector.core.buckets import Bucket
from collector.core.scopes import Scope
from collector.core.wire import Call
from connectors._http.origins import is_loopback
from connectors._microsoft import SignInSettings

GRAPH_VERSION = "v1.0"

_TEN_SECONDS = timedelta(seconds=10)

# By the beginning of an operation; the more special ones first. Microsoft documents these limits of an application in a
# tenant: https://learn.microsoft.com/graph/throttling-limits
_BUCKETS = {
    "GET /reports/": Bucket("reports", span=_TEN_SECONDS, per_second=0.5, concurrency=2),
    "GET /auditLogs/": Bucket("reports", span=_TEN_SECONDS, per_second=0.5, concurrency=2),
    "GET /identity/conditionalAccess/": Bucket("protection", per_second=1.0, concurrency=1),
    "GET /identityProtection/": Bucket("protection", per_second=1.0, concurrency=1),
    "GET /security/": Bucket("security", concurrency=4),
    "GET /deviceManagement": Bucket("intune", span=timedelta(seconds=20)),
    "GET /admin/sharepoint/": Bucket("sharepoint"),
    "GET DNS ": Bucket("dns", per_second=20.0),
    "GET /providers/": Bucket("arm"),
}

_DIRECTORY = Bucket("identity", span=_TEN_SECONDS)


class Settings(SignInSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source with `connector = "entra"`.

    `dns_resolver` is a resolver that answers in JSON over HTTPS, such as https://dns.google/resolve: it is told the
    tenant's mail domains, and what they publish against forged mail stays unread without it. `window` is how far back
    changes and privileged assignments are listed. `url` is another address of Microsoft Graph than that of the cloud,
    such as a double of it.
    """

    dns_resolver: str | None = None
    window: timedelta = timedelta(days=30)
    url: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("dns_resolver", "url"):
            address = getattr(self, name)
            if address is None:
                continue
            parts = urlsplit(address)
            local = parts.scheme == "http" and is_loopback(parts.hostname or "")
            if (parts.scheme != "https" and not local) or not parts.hostname or parts.query or parts.username:
                raise ValueError(f"{name} = {address!r} is no address that is spoken to over https")
        if self.window <= timedelta(0):
            raise ValueError("window must be more than nothing")

    @property
    def graph(self) -> str:
        """The address below which Microsoft Graph answers."""
        return f"{self.url or self.endpoints.graph}/{GRAPH_VERSION}"


def roots(settings: Settings) -> list[Scope]:
    """Return the scopes known without a request: the source, and its tenant."""
    return [(), (settings.tenant,)]


def quota(settings: Settings, _scope: Scope, call: Call) -> Bucket:
    """Return the bucket of a call: Graph has one for each of its services, of an application in a tenant."""
    found = next((bucket for start, bucket in _BUCKETS.items() if call.operation.startswith(start)), _DIRECTORY)
    return replace(found, owner=settings.identity)
