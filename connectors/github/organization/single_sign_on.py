"""SAML single sign-on: the organization's identity provider, and the accounts that are tied to its people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.errors import ConnectorError, Denied
from collector.core.people import Person
from collector.core.plain_text import first_few
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.github._sdk.client import NO_CALL, GitHub
from connectors.github._sdk.connector import github
from connectors.github._sdk.graphql_quota import GRAPHQL, RATE_LIMIT
from connectors.github.organization.members import Member


class SamlProvider(Struct, frozen=True, kw_only=True, rename="camel"):
    """The SAML identity provider of the organization (`SamlIdentityProvider` in GitHub's GraphQL schema)."""

    issuer: str | None  # None: the provider's metadata names none
    sso_url: str | None  # None: not shown to this credential


@resource("github.org.saml_provider")
class SamlSettings(Struct, frozen=True, kw_only=True):
    """Whether the organization has a SAML identity provider of its own."""

    login: str
    provider: SamlProvider | None  # None: GitHub shows no provider to a credential that sees the settings of owners


# viewerCanAdminister says whether a missing provider means that there is none, or that it is not shown.
_SAML = (
    """query($login: String!) {
  organization(login: $login) { login viewerCanAdminister samlIdentityProvider { issuer ssoUrl } }
  """
    + RATE_LIMIT
    + "\n}"
)


@github.collects(SamlSettings, at="organization", call=NO_CALL)
def saml(client: GitHub) -> Iterator[Body]:
    yield {"login": client.organization}


@github.part(
    SamlSettings, "provider", call=GRAPHQL, permissions="Organization Administration: read", absent="no provider"
)
def provider(client: GitHub, _body: Body) -> Any:
    organization = client.graphql(_SAML, {"login": client.organization})["organization"]
    if organization is None:
        raise Denied("GitHub shows nothing of the organization to this credential")
    if organization["samlIdentityProvider"] is not None:
        return organization["samlIdentityProvider"]
    if not organization["viewerCanAdminister"]:
        raise Denied("GitHub shows no identity provider, and shows one to owners only")
    raise ConnectorError("the organization has no identity provider", code="no provider")


class LinkedAccount(Struct, frozen=True, kw_only=True):
    """The GitHub account of a SAML identity."""

    login: str


@resource(
    "github.org.saml_identity",
    key="guid",
    redact=(Redact("samlIdentity.nameId", keep="domain"),),
    person=Person(id="guid", name="user.login", subject="samlIdentity.nameId"),
)
class SamlIdentity(Struct, frozen=True, kw_only=True):
    """An identity of the identity provider, and the GitHub account that is linked to it."""

    guid: str
    user: LinkedAccount | None  # None: no account is linked to it yet


_IDENTITIES = (
    """query($login: String!, $after: String) {
  organization(login: $login) { viewerCanAdminister
    samlIdentityProvider { externalIdentities(first: 100, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { guid samlIdentity { nameId } user { login } }
  } } }
  """
    + RATE_LIMIT
    + "\n}"
)


@github.collects(SamlIdentity, at="organization", call=GRAPHQL, permissions="Organization Administration: read")
def saml_identities(client: GitHub) -> Iterator[Body]:
    after: str | None = None
    seen_cursors: set[str | None] = set()
    while after not in seen_cursors:
        seen_cursors.add(after)
        organization = client.graphql(_IDENTITIES, {"login": client.organization, "after": after})["organization"]
        if (
            organization is not None
            and organization["samlIdentityProvider"] is None
            and organization["viewerCanAdminister"]
        ):
            return  # GitHub shows the provider to owners, so there is none
        if organization is None or organization["samlIdentityProvider"] is None:
            raise Denied("GitHub shows no identity provider of the organization to this credential")
        page = organization["samlIdentityProvider"]["externalIdentities"]
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
    raise Denied("GitHub repeated a page of identities")


@check(
    "github_org_sso_configured",
    title="The organization signs people in by SAML",
    severity="medium",
    fix="Configure SAML single sign-on for the organization or its enterprise",
)
def single_sign_on(saml: SamlSettings, members: All[Member], identities: All[SamlIdentity]) -> Verdict:
    if saml.provider is None:
        # An enterprise may have one for all its organizations, which an organization does not show.
        return unknown(
            f"{saml.login} has no identity provider of its own; whether its enterprise has is not shown here"
        )
    name = saml.provider.issuer or "its identity provider"
    # GitHub removes members without an identity where it is required, and keeps them where it is only enabled.
    # https://docs.github.com/en/enterprise-cloud@latest/organizations/managing-saml-single-sign-on-for-your-organization/enforcing-saml-single-sign-on-for-your-organization
    linked = {identity.user.login.lower() for identity in identities if identity.user is not None}
    others = sorted(member.login for member in members if member.login.lower() not in linked)
    if others:
        return failed(
            f"{saml.login} has {name}, and does not require it: {len(others)} members have no identity there:"
            f" {first_few(others)}"
        )
    return passed(f"{saml.login} signs in by {name}, where each member has an identity")
