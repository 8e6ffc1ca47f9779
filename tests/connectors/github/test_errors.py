"""GitHub's refusals told apart: five reasons that a reader would mend in five ways."""

from __future__ import annotations

import pytest

from collector.core.errors import ConnectorError, Denied, NotThere, RateLimited, Unavailable, Unexpected
from connectors.github._sdk.errors import error_for_status, explain, graphql_error

SAML = (
    "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization."
)
PLAN = "Upgrade to GitHub Pro or make this repository public to enable this feature."
SCOPE = "the plan does not include this"
OFF = "this feature is switched off"
GONE = "gone, renamed or blocked"
SSO = "wants a SAML single sign-on"


@pytest.mark.parametrize(
    ("status", "message", "headers", "kind", "text"),
    [
        (401, "Bad credentials", {}, Denied, "not valid any more"),
        (403, "Resource not accessible by integration", {}, Denied, "not accessible"),
        (403, "Resource not accessible by personal access token", {}, Denied, "not accessible"),
        (403, "Must have admin rights to Repository.", {}, Denied, "admin rights"),
        (404, "Not Found", {}, Denied, "where the credential may not look"),
        (422, "Only owners can use this filter.", {}, Denied, "Only owners"),
        (403, SAML, {}, Denied, SSO),
        (403, "Forbidden", {"x-github-sso": "required; url=https://x"}, Denied, SSO),
        (403, PLAN, {}, NotThere, "the plan does not include this"),
        (404, "Upgrade to GitHub Enterprise", {}, NotThere, "the plan does not include this"),
        (403, "Dependabot alerts are disabled for this repository.", {}, NotThere, OFF),
        (403, "Dependabot alerts are not available for archived repositories.", {}, NotThere, OFF),
        (404, "Secret scanning is disabled on this repository.", {}, NotThere, OFF),
        (403, "Code scanning is not enabled for this repository. Please enable it.", {}, NotThere, OFF),
        (403, "Advanced Security must be enabled for this repository to use code scanning.", {}, NotThere, OFF),
        (404, "no analysis found", {}, NotThere, OFF),
        (404, "Branch not protected", {}, NotThere, "Branch not protected"),
        (451, "Repository access blocked", {}, NotThere, GONE),
        (403, "Repository access blocked", {}, NotThere, GONE),
        (403, "API rate limit exceeded for user ID 1.", {}, RateLimited, "API rate limit"),
        (403, "You have exceeded a secondary rate limit.", {}, RateLimited, "secondary"),
        (403, "anything", {"retry-after": "60"}, RateLimited, "anything"),
        (403, "anything", {"x-ratelimit-remaining": "0"}, RateLimited, "anything"),
        (403, "anything", {"x-ratelimit-remaining": "1"}, Denied, "anything"),
        (429, "", {}, RateLimited, "429"),
        (422, "Validation Failed", {}, Unexpected, "Validation"),
        (409, "Git Repository is empty.", {}, Unexpected, "empty"),
        (500, "", {}, Unavailable, "500"),
        (503, "", {}, Unavailable, "503"),
        (418, "", {}, Unexpected, "418"),
    ],
)
def test_each_refusal_has_its_own_reason(
    status: int, message: str, headers: dict[str, str], kind: type[ConnectorError], text: str
) -> None:
    """Somebody who reads "denied" grants a permission; that mends neither a plan nor a switch nor a sign-on."""
    error = error_for_status(status, message, headers)

    assert type(error) is kind
    assert text in error.what


def test_the_five_reasons_differ() -> None:
    """The issue asks for five outcomes, each by itself."""
    five = [
        error_for_status(403, "Resource not accessible by integration", {}),
        error_for_status(403, SAML, {}),
        error_for_status(403, PLAN, {}),
        error_for_status(403, "Dependabot alerts are disabled for this repository.", {}),
        error_for_status(451, "Repository access blocked", {}),
    ]

    assert len({error.what.partition(":")[0] for error in five}) == 5


def test_the_code_is_status_and_githubs_own_words() -> None:
    """Parts say by it which answer means that there is none."""
    assert error_for_status(404, "Branch not protected", {}).code == "404 Branch not protected"


@pytest.mark.parametrize(
    ("headers", "mend"),
    [
        ({"x-accepted-github-permissions": "administration=read"}, "the permissions: administration=read"),
        (
            {"x-accepted-oauth-scopes": "read:org", "x-oauth-scopes": "repo"},
            "one of the scopes read:org; the token has repo",
        ),
        ({"x-accepted-oauth-scopes": "read:org"}, "the token has none"),
        ({}, ""),
    ],
)
def test_a_refusal_says_what_would_have_done(headers: dict[str, str], mend: str) -> None:
    """GitHub tells in its headers which right was missing; nobody should have to look it up."""
    assert mend in error_for_status(403, "Must have admin rights", headers).mend


@pytest.mark.parametrize(
    ("errors", "kind", "text"),
    [
        ([{"type": "FORBIDDEN", "message": "no"}], Denied, "FORBIDDEN"),
        ([{"type": "INSUFFICIENT_SCOPES", "message": "no"}], Denied, "INSUFFICIENT_SCOPES"),
        ([{"type": "NOT_FOUND", "message": "no"}], Denied, "NOT_FOUND"),
        ([{"type": "FORBIDDEN", "message": "no", "extensions": {"saml_failure": True}}], Denied, SSO),
        ([{"type": "RATE_LIMITED", "message": "no"}], RateLimited, "RATE_LIMITED"),
        ([{"message": "Something went wrong"}], Unexpected, "an error"),
        ([{"extensions": {"code": "undefinedField"}, "message": "no"}], Unexpected, "undefinedField"),
        (None, Unexpected, "an error"),
        ([], Unexpected, "an error"),
    ],
)
def test_graphql_says_it_otherwise_and_means_the_same(errors: object, kind: type[ConnectorError], text: str) -> None:
    """GraphQL answers 200 to everything, so its own words decide."""
    error = graphql_error(errors)

    assert type(error) is kind
    assert text in error.what


def test_what_is_not_githubs_doing_is_not_explained() -> None:
    """A mistake of ours must not be shown as one of the platform's."""
    assert explain(KeyError("x")) is None
