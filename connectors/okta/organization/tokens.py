"""API tokens: who has one, where from it works, and when it was last used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import API_TOKENS, scopes_of
from connectors.okta.network.zones import ACTIVE, Zone
from connectors.okta.people.administrators import RoleAssignment, super_admins


class TokenNetwork(Struct, frozen=True, kw_only=True):
    """Where from a token works: ANYWHERE, or the zones that it names."""

    connection: str | None = None  # None: Okta documents it as optional
    include: tuple[str, ...] | None = None  # None: none are named
    exclude: tuple[str, ...] | None = None  # likewise


@resource("okta.token.api_token", key="id", volatile=("lastUpdated", "expiresAt"))
class ApiToken(Struct, frozen=True, kw_only=True, rename="camel"):
    """An API token. Each use moves `last_updated`, and the end 30 days after it."""

    id: str
    name: str
    user_id: str
    last_updated: datetime
    expires_at: datetime | None = None  # None: Okta documents it as optional
    network: TokenNetwork | None = None  # None: a token without this restriction, or one that Okta does not show it of


@okta.collects(ApiToken, at="organization", call=API_TOKENS, permissions=scopes_of(API_TOKENS))
def api_tokens(client: Okta) -> Iterator[Body]:
    yield from client.pages(API_TOKENS)


@check(
    "okta_api_tokens_limited",
    title="API tokens are network-bound, used and not super admin",
    severity="high",
    fix="Revoke the token, or bind it to a network zone and give it to a service account with a lesser role",
)
def api_tokens_limited(
    token: ApiToken,
    zones: All[Zone],
    assignments: All[RoleAssignment],
    *,
    now: datetime,
    unused_after: timedelta = timedelta(days=30),
) -> Verdict:
    if token.expires_at is not None and token.expires_at <= now:
        return not_applicable(f"{token.name} ended on {token.expires_at:%Y-%m-%d}")
    wrong, unclear = [], []
    if now - token.last_updated > unused_after:
        wrong.append(f"was not used for {(now - token.last_updated).days} days; {unused_after.days} are allowed")
    bound = _is_bound(token.network, zones)
    if bound is False:
        wrong.append("works from anywhere")
    elif bound is None:
        unclear.append("is not shown to work from addresses of the company only, as an active IP zone would show")
    # Roles are asked for last: what is wrong already does not depend on them.
    if not wrong and token.user_id in super_admins(assignments):
        wrong.append("belongs to a super administrator")
    if wrong:
        return failed(f"{token.name} {' and '.join(wrong)}")
    if unclear:
        return unknown(f"{token.name} {' and '.join(unclear)}")
    return passed(f"{token.name} works from named zones only")


def _is_bound(network: TokenNetwork | None, zones: All[Zone]) -> bool | None:
    if network is None or network.connection is None:
        return None
    if network.connection == "ANYWHERE":
        return False
    if network.connection != "ZONE":
        return None
    if not network.include or "ALL_ZONES" in network.include:
        return False
    found = [zone for zone in zones if zone.id in network.include]
    if any(zone.is_everywhere for zone in found):
        return False
    # What Okta makes of a zone that is not active is not documented; one by place or service has addresses of anybody.
    whole = len(found) == len(set(network.include))
    return True if whole and all(zone.status == ACTIVE and zone.holds_strangers is False for zone in found) else None
