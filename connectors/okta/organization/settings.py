"""The organization: which engine it runs on, its contacts, what support may see, and sessions of the Admin Console."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import (
    CONTACTS,
    FIRST_PARTY_SETTINGS,
    METADATA,
    SUPPORT,
    THIRD_PARTY_ADMINS,
    scopes_of,
)

IDENTITY_ENGINE, CLASSIC_ENGINE = "idx", "v1"
"""Okta's words for the engine (PipelineType)."""


class Support(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether people of Okta's support may sign in to the organization."""

    support: str  # ENABLED or DISABLED
    expiration: datetime | None = None  # None: no access was given
    case_number: str | None = None  # None: access that belongs to no case


class AdminConsole(Struct, frozen=True, kw_only=True, rename="camel"):
    """Sessions of the Admin Console, in minutes."""

    session_idle_timeout_minutes: int
    session_max_lifetime_minutes: int


class ThirdParty(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether administrators of other companies get no mail of Okta's and are kept out of its support."""

    third_party_admin: bool


@resource("okta.org.setting")
class Organization(Struct, frozen=True, kw_only=True):
    """An organization of Okta's, with settings."""

    id: str
    pipeline: str
    support: Support
    admin_console: AdminConsole
    third_party: ThirdParty
    contacts: tuple[dict[str, Any], ...]

    @property
    def is_identity_engine(self) -> bool | None:
        """Whether it runs on Identity Engine, and not on Classic Engine; None for a word that is not known."""
        return {IDENTITY_ENGINE: True, CLASSIC_ENGINE: False}.get(self.pipeline)


@okta.collects(Organization, at="organization", call=METADATA, permissions="none: it is published for everybody")
def organizations(client: Okta) -> Iterator[Body]:
    yield client.get(METADATA, having="pipeline")


@okta.part(Organization, "support", call=SUPPORT, permissions=scopes_of(SUPPORT))
def support(client: Okta, _organization: Body) -> Any:
    return client.get(SUPPORT, having="support")


@okta.part(Organization, "contacts", call=CONTACTS, permissions=scopes_of(CONTACTS))
def contacts(client: Okta, _organization: Body) -> Any:
    return client.items(CONTACTS)


@okta.part(Organization, "third_party", call=THIRD_PARTY_ADMINS, permissions=scopes_of(THIRD_PARTY_ADMINS))
def third_party(client: Okta, _organization: Body) -> Any:
    return client.get(THIRD_PARTY_ADMINS, having="thirdPartyAdmin")


@okta.part(Organization, "admin_console", call=FIRST_PARTY_SETTINGS, permissions=scopes_of(FIRST_PARTY_SETTINGS))
def admin_console(client: Okta, _organization: Body) -> Any:
    return client.get(FIRST_PARTY_SETTINGS, having="sessionIdleTimeoutMinutes", appName="admin-console")


@check(
    "okta_admin_console_session_timeout",
    title="Admin console session times out quickly",
    severity="medium",
    fix="Set the idle time in Applications > Okta Admin Console > Sign On to the limit or less",
)
def admin_console_session_timeout(organization: Organization, *, idle: timedelta = timedelta(minutes=15)) -> Verdict:
    minutes = organization.admin_console.session_idle_timeout_minutes
    allowed = idle.total_seconds() / 60
    reason = f"a session of the Admin Console ends after {minutes} idle minutes; {allowed:g} are allowed"
    return passed(reason) if 0 < minutes <= allowed else failed(reason)


@check(
    "okta_support_access_off",
    title="Vendor support access is off",
    severity="medium",
    fix="Revoke the access in Settings > Account > Give access to Okta Support once the case is closed",
)
def support_access_off(organization: Organization, *, now: datetime) -> Verdict:
    given = organization.support
    if given.support == "DISABLED":
        return passed("people of Okta's support have no access")
    if given.support != "ENABLED":
        return unknown(f"Okta says of the access of its support: {given.support}")
    if given.expiration is not None and given.expiration <= now:
        return passed(f"the access of Okta's support ended on {given.expiration:%Y-%m-%d}")
    until = "without an end" if given.expiration is None else f"until {given.expiration:%Y-%m-%d}"
    case = f" for case {given.case_number}" if given.case_number else ", for no case"
    return failed(f"people of Okta's support have access {until}{case}")
