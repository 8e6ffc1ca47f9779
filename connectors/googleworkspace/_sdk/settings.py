"""Settings of a source with `connector = "googleworkspace"`."""

from __future__ import annotations

import re
from datetime import timedelta

from msgspec import Struct, field

from collector.core.buckets import Bucket
from collector.core.scopes import Scope
from collector.core.secrets import Secret
from collector.core.wire import Call
from connectors._google import SignIn
from connectors.googleworkspace._sdk.scopes import ALERTS, GROUP_SETTINGS, USER_SECURITY

_CUSTOMER = re.compile(r"C[0-9a-z]+")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_MINUTE = timedelta(minutes=1)

OPTIONAL_SETTINGS = {
    GROUP_SETTINGS: "group_settings",
    USER_SECURITY: "user_security",
    ALERTS: "alerts",
}
"""The settings that turn on what has no scope that only reads, by its scope."""

DNS = "https://dns.google"
"""Google's resolver, which is asked for the DNS records of the company's mail domains."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source with `connector = "googleworkspace"`: one customer of Google Workspace or Cloud Identity.

    `customer` is its id, such as C01abc234 (Admin console, Account, Account settings). `admin` is the address of the
    administrator as whom the service account acts by domain-wide delegation. The service account is `credentials`, the
    JSON of its key, or `impersonate`, its address, which the credential of this machine may act as, through `delegates`
    where it may not directly. `quota_project` is the project that calls are charged to.

    `group_settings`, `user_security` and `alerts` turn on what Google lets nobody read by a scope that only reads.
    `window` is how far back changes by administrators are listed. `dkim_selectors` are the names under which the mail
    domains may publish their DKIM keys. `endpoints` are addresses to use in place of Google's own, by API.
    """

    customer: str
    admin: str
    credentials: Secret | None = None
    impersonate: str | None = None
    delegates: tuple[str, ...] = ()
    quota_project: str | None = None
    group_settings: bool = False
    user_security: bool = False
    alerts: bool = False
    window: timedelta = timedelta(days=30)
    dkim_selectors: tuple[str, ...] = ("google",)
    endpoints: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if _CUSTOMER.fullmatch(self.customer) is None:
            raise ValueError(f"customer = {self.customer!r} is no id of a customer; it looks like C01abc234")
        if _ADDRESS.fullmatch(self.admin) is None:
            raise ValueError(f"admin = {self.admin!r} is no address of an administrator")
        if self.credentials is not None and self.impersonate is not None:
            raise ValueError("say either credentials or impersonate: both name the service account")
        if self.delegates and self.impersonate is None:
            raise ValueError("delegates belong to impersonate")
        if not timedelta(0) < self.window <= timedelta(days=180):
            raise ValueError("window must be more than nothing and at most 180d: Google keeps no more of the log")
        for selector in self.dkim_selectors:
            if _SELECTOR.fullmatch(selector) is None:
                raise ValueError(f"dkim_selectors: {selector!r} is no name in the DNS")

    @property
    def sign_in(self) -> SignIn:
        """How the source signs in: always for the administrator."""
        return SignIn(
            credentials=self.credentials,
            impersonate=self.impersonate,
            delegates=self.delegates,
            subject=self.admin,
            quota_project=self.quota_project,
        )

    @property
    def optional_scopes(self) -> tuple[str, ...]:
        """The scopes in use that have no read-only form."""
        return tuple(scope for scope, name in OPTIONAL_SETTINGS.items() if getattr(self, name))


def roots(settings: Settings) -> list[Scope]:
    """Return the customer."""
    return [(settings.customer,)]


def credential(settings: Settings, _scope: Scope) -> str:
    """Return a name for the identity of a source, by which sources that share it share its quotas."""
    account = settings.impersonate or (settings.credentials.source if settings.credentials is not None else "default")
    return f"{settings.admin} through {account}"


# https://developers.google.com/workspace/admin/directory/v1/limits, .../reports/v1/limits,
# https://docs.cloud.google.com/identity/quotas. Rates a minute are given as rates a second.
_RATES = {
    "cloudidentity.policies.": ("policies", 1.0),
    "cloudidentity.": ("cloud identity", 8.0),
    # Of their own, so that thousands of calls a week do not hold the daily ones up.
    "directory.tokens.": ("user security", 20.0),
    "directory.": ("directory", 40.0),
    "reports.": ("reports", 4.0),
    "groupsSettings.": ("groups settings", 5.0),
    "alertcenter.": ("alert center", 5.0),
    "GET /resolve": ("dns", 20.0),
}


def quota(settings: Settings, scope: Scope, call: Call) -> Bucket:
    """Return the bucket of a call."""
    owner = credential(settings, scope)
    for operation, (name, per_second) in _RATES.items():
        if call.operation.startswith(operation):
            return Bucket(name, owner=owner, per_second=per_second, span=_MINUTE)
    return Bucket("tokens", owner=owner, span=_MINUTE)
