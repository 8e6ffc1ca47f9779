"""The token that annexd itself signs in with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from collector.core.rights import Rights
from connectors.gitlab._sdk.calls import ADMINISTRATOR, READ_API
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab

_SELF = "GET /api/v4/personal_access_tokens/self"

# By GitLab's documentation each of these lets only read; admin_mode adds no right to the other scopes.
# https://docs.gitlab.com/user/profile/personal_access_tokens/#personal-access-token-scopes
READING = frozenset(
    {
        "admin_mode",
        "read_api",
        "read_observability",
        "read_package_registry",
        "read_registry",
        "read_repository",
        "read_service_ping",
        "read_user",
        "read_virtual_registry",
    }
)
_WRITING = frozenset(
    {
        "ai_features",
        "api",
        "create_runner",
        "k8s_proxy",
        "manage_runner",
        "self_rotate",
        "sudo",
        "write_observability",
        "write_package_registry",
        "write_registry",
        "write_repository",
        "write_virtual_registry",
    }
)


@resource("gitlab.token.self", volatile=("last_used_at",))
class OwnToken(Struct, frozen=True, kw_only=True):
    """The personal, group or project access token of the source. GitLab has no such record of an OAuth token."""

    name: str
    scopes: tuple[str, ...]
    expires_at: date | None  # None: it does not expire


@gitlab.collects(OwnToken, at="source", call=_SELF, permissions="any scope of the token")
def own_token(source: GitLab) -> Iterator[Body]:
    yield source.get(_SELF, having="scopes")


@gitlab.reads_own_rights(OwnToken)
def rights(tokens: Sequence[Body], needed: frozenset[str]) -> Rights:
    """Read the scopes of the token; what the role of its user allows beside them, GitLab does not tell here."""
    held = frozenset(scope for token in tokens for scope in token["scopes"])
    wanted = {READ_API, "read_user"} | ({"admin_mode"} if ADMINISTRATOR in needed else set())
    return Rights(held=held, beyond=held - wanted)


@check(
    "gitlab_collector_read_only",
    title="The evidence token has only read scopes",
    severity="high",
    fix="Make a token with the scope read_api alone, and revoke this one",
)
def read_only(token: OwnToken) -> Verdict:
    scopes = sorted(token.scopes)
    if writing := [scope for scope in scopes if scope in _WRITING]:
        return failed(f"the token {token.name} has scopes that do more than read: {', '.join(writing)}")
    if odd := [scope for scope in scopes if scope not in READING]:
        return unknown(f"what the scopes {', '.join(odd)} of the token {token.name} allow is not known here")
    if not scopes:
        return unknown(f"GitLab names no scope of the token {token.name}")
    return passed(f"the token {token.name} has the scopes {', '.join(scopes)}")
