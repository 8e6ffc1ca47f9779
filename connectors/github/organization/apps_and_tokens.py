"""Installed apps, personal access tokens that GitHub lists, and the permissions of annexd's own credential."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from collector.core.rights import Rights
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github
from connectors.github.permissions import app_beyond, scopes_beyond

_ADMIN = "Organization Administration: read"
# GitHub's own command line takes an empty list, too, for that of a token that has permissions in place of scopes.
_NO_SCOPE = "GitHub names no scope of the token, and does not tell what a fine-grained one may do; an app's it shows"

# Scopes of classic tokens that allow no change. `repo` is not among them, because it allows to write.
_READ_ONLY_SCOPES = frozenset(
    {
        "read:org", "read:user", "user:email", "read:audit_log", "read:enterprise", "read:public_key", "read:gpg_key",
        "read:ssh_signing_key", "read:packages", "read:project", "read:discussion", "read:repo_hook",
        "read:network_configurations",
    }
)  # fmt: skip


@resource(
    "github.org.installation",
    key="id",
    volatile=("updated_at",),
    redact=(Redact("contact_email", keep="domain"),),
)
class Installation(Struct, frozen=True, kw_only=True):
    """A GitHub App that is installed in the organization, with its permissions."""

    id: int
    app_slug: str
    repository_selection: str
    permissions: dict[str, str]
    suspended_at: datetime | None  # None: it is in force


@resource("github.org.pat", key="id", volatile=("token_last_used_at", "token_expired"))
class FineGrainedToken(Struct, frozen=True, kw_only=True):
    """A fine-grained personal access token with access to the organization."""

    id: int
    token_name: str
    access_granted_at: datetime
    token_expired: bool
    token_expires_at: datetime | None  # None: it never expires
    token_last_used_at: datetime | None  # None: it was never used


@resource(
    "github.org.credential_authorization",
    key="credential_id",
    volatile=("credential_accessed_at",),
    redact=("token_last_eight", "fingerprint"),
)
class CredentialAuthorization(Struct, frozen=True, kw_only=True):
    """A personal access token or SSH key that its owner authorized for the organization's SAML single sign-on."""

    login: str
    credential_type: str


@resource("github.org.own_access")
class OwnAccess(Struct, frozen=True, kw_only=True):
    """The permissions of annexd's own credential in the organization."""

    credential: str
    permissions: dict[str, str] | None  # None: the credential is no app, and GitHub states none
    scopes: tuple[str, ...] | None  # None: the credential is no classic token, and GitHub states none


@github.collects(Installation, at="organization", call="GET /orgs/{org}/installations", permissions=_ADMIN)
def installations(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/installations", "installations")


@github.collects(
    FineGrainedToken,
    at="organization",
    call="GET /orgs/{org}/personal-access-tokens",
    permissions="Organization Personal access tokens: read",
)
def fine_grained_tokens(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/personal-access-tokens")


@github.collects(
    CredentialAuthorization, at="organization", call="GET /orgs/{org}/credential-authorizations", permissions=_ADMIN
)
def credential_authorizations(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/credential-authorizations")


@github.collects(
    OwnAccess,
    at="organization",
    call=("GET /orgs/{org}/installation", "GET /rate_limit"),
    permissions="none: it asks for itself",
)
def own_access(client: GitHub) -> Iterator[Body]:
    if client.settings.as_app:
        yield {"credential": "app", "permissions": client.installation()["permissions"], "scopes": None}
        return
    scopes = client.scopes()
    kind = "fine-grained token" if scopes is None else "classic token"
    yield {"credential": kind, "permissions": None, "scopes": scopes}


@check(
    "github_org_apps_approved",
    title="Installed apps are approved, and no other has far-reaching rights",
    severity="medium",
    fix="Remove the app, or review it and add its slug to approved_apps",
)
def apps_approved(app: Installation, *, approved_apps: tuple[str, ...] = ()) -> Verdict:
    if app.app_slug in approved_apps:
        return passed(f"{app.app_slug} is listed in approved_apps")
    if app.suspended_at is not None:
        return passed(f"{app.app_slug} is suspended, and has no access until somebody lifts that")
    rights = []
    if app.permissions.get("administration") == "write":
        rights.append("may administer repositories")
    if app.permissions.get("organization_administration") == "write":
        rights.append("may administer the organization")
    if app.permissions.get("contents") == "write" and app.repository_selection == "all":
        rights.append("may change the code of every repository")
    rights_text = f", and {' and '.join(rights)}" if rights else ""
    return failed(f"{app.app_slug} is not listed in approved_apps{rights_text}")


@check(
    "github_org_tokens_expire",
    title="Fine-grained tokens expire in time and are in use",
    severity="medium",
    fix="Set a longest lifetime for tokens in the organization's settings, and revoke those that nobody uses",
)
def tokens_expire(
    token: FineGrainedToken,
    *,
    now: datetime,
    max_lifetime: timedelta = timedelta(days=366),
    unused_after: timedelta = timedelta(days=180),
) -> Verdict:
    if token.token_expired:
        return passed(f"{token.token_name} has expired")
    if token.token_expires_at is None:
        return failed(f"{token.token_name} never expires")
    if (remaining := token.token_expires_at - now) > max_lifetime:
        return failed(f"{token.token_name} is valid for {remaining.days} more days; {max_lifetime.days} are allowed")
    used = token.token_last_used_at or token.access_granted_at
    if now - used > unused_after:
        return failed(f"{token.token_name} was not used for {(now - used).days} days; {unused_after.days} are allowed")
    return passed()


@github.reads_own_rights(OwnAccess)
def rights(accesses: Sequence[Body], needed: frozenset[str]) -> Rights:
    """Read the permissions of the app, or the scopes of the classic token."""
    (access,) = accesses
    if access["permissions"] is not None:
        held = frozenset(f"{name}: {level}" for name, level in access["permissions"].items())
        return Rights(held=held, beyond=frozenset(app_beyond(access["permissions"], needed)))
    if not access["scopes"]:
        return Rights(why=_NO_SCOPE)
    return Rights(held=frozenset(access["scopes"]), beyond=frozenset(scopes_beyond(access["scopes"], needed)))


@check(
    "github_collector_read_only",
    title="The credential that evidence is collected with can only read",
    severity="high",
    fix="Use a GitHub App of which every permission is read",
)
def read_only(access: OwnAccess) -> Verdict:
    if access.permissions is not None:
        writing = sorted(f"{name}: {level}" for name, level in access.permissions.items() if level != "read")
        return (
            failed(f"the app has more than read: {', '.join(writing)}")
            if writing
            else passed("every permission is read")
        )
    if not access.scopes:
        return unknown(_NO_SCOPE)
    writing = sorted(set(access.scopes) - _READ_ONLY_SCOPES)
    if writing:
        return failed(f"the token has scopes that write: {', '.join(writing)}")
    return passed(f"the token has {', '.join(access.scopes)}, none of which writes")
