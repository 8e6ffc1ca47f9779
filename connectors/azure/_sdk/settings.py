"""Settings of a source with `connector = "azure"`, and the subscriptions that they name."""

from __future__ import annotations

import re
from datetime import timedelta

from collector.core.buckets import Bucket
from collector.core.scopes import Scope
from collector.core.secrets import Secret
from collector.core.wire import Call
from connectors._microsoft.settings import SignInSettings

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

GRAPH = "/v1.0/"
"""How the path of an operation of Microsoft Graph begins; those of Resource Manager never do."""


class Settings(SignInSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source with `connector = "azure"`.

    Signs in as SignInSettings says. Without `subscriptions`, every one that the source can see is collected; with it,
    these and no others. `expected` names subscriptions that have to be among those that it can see. One that is named
    in either and cannot be seen is reported, and what is judged over the tenant is unknown. `exclude` leaves
    subscriptions out. `graph_access_token` goes with `access_token`, which is for Resource Manager alone: with it
    principals and groups are read. `job_window` is how far back backup jobs are listed, and `restore_window` restores.
    `quota_share` is the share of Azure's quota of reads that may be used.
    """

    subscriptions: tuple[str, ...] | None = None
    expected: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    graph_access_token: Secret | None = None
    job_window: timedelta = timedelta(days=30)
    restore_window: timedelta = timedelta(days=200)
    quota_share: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("subscriptions", "expected", "exclude"):
            for subscription in getattr(self, name) or ():
                if _ID.fullmatch(subscription) is None:
                    raise ValueError(f"{name}: {subscription!r} is not the id of a subscription, in lower case")
        if self.subscriptions is not None and not self.subscriptions:
            raise ValueError("subscriptions is empty; name some, or leave it out for all that the source can see")
        if self.graph_access_token is not None and self.access_token is None:
            raise ValueError("graph_access_token belongs to access_token")
        if not 0 < self.quota_share <= 1:
            raise ValueError(f"quota_share = {self.quota_share}: it is a part of the whole, more than 0 and at most 1")
        for window in (self.job_window, self.restore_window):
            if not timedelta(0) < window <= timedelta(days=365):
                raise ValueError("job_window and restore_window must be more than nothing, and a year at most")

    @property
    def named(self) -> frozenset[str]:
        """The subscriptions that have to be visible."""
        return frozenset((*(self.subscriptions or ()), *self.expected)) - frozenset(self.exclude)

    def wants(self, subscription: str) -> bool:
        """Whether the settings select a subscription."""
        return subscription not in self.exclude and (
            self.subscriptions is None or subscription in {*self.subscriptions, *self.expected}
        )


def roots(settings: Settings) -> list[Scope]:
    """Return the scopes known without a request: the source, which is the tenant, then the subscriptions named."""
    return [(), *((subscription,) for subscription in sorted(settings.named))]


def quota(settings: Settings, scope: Scope, call: Call) -> Bucket:
    """Return the bucket of a call: Azure counts reads by principal and subscription, or by principal and tenant.

    250 reads, of which 25 come back each second; an answer says how many are left.
    https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
    """
    _, _, path = call.operation.partition(" ")
    share = settings.quota_share
    if path.startswith(GRAPH):
        return Bucket("graph", owner=settings.identity, concurrency=4, span=timedelta(seconds=10), share=share)
    if not path.startswith("/"):  # a token, asked for at a host of its own
        return Bucket("tokens", owner=settings.identity, concurrency=2)
    name, where = ("subscription reads", scope[0]) if scope else ("tenant reads", settings.tenant)
    return Bucket(name, owner=f"{settings.identity} at {where}", span=timedelta(seconds=10), share=share)
