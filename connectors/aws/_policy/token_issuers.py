"""OpenID Connect issuers as callers: only conditions say whose tokens a trust policy accepts.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from connectors.aws._policy.context import ABSENT, Caller, Choice, KeyState, Known, Option, Unknown
from connectors.aws._policy.context_keys import environment, free, networks
from connectors.aws._policy.patterns import filled
from connectors.aws._policy.requests import KEYS_OF_PRINCIPALS, Asker
from connectors.aws._policy.statements import Principal

_NAME = r"[^/*?:$]+"  # a `$` is a variable of the policy, which says nothing by itself
_ID = re.compile(_NAME)
_PATH = re.compile(rf"{_NAME}/.+", re.DOTALL)
# A star in the place of the organization, or before the last letters of its name, which anybody may choose.
_ANYBODY = re.compile(r"(?:[a-z_]+:)?\*.*", re.DOTALL)


@dataclass(frozen=True)
class _Issuer:
    """An issuer that serves many companies. `claims` has how a claim names the owner of a token, and somebody else's.

    `chooses_audience`: whether whoever requests a token chooses its audience; otherwise that is an application, or a
    pool, of the company's own, and confines as a subject does. `of_everybody`: claims that anybody's tokens can have.
    """

    claims: dict[str, tuple[re.Pattern[str], str]]
    chooses_audience: bool = True
    of_everybody: tuple[str, ...] = ()


_SHARED = {
    # GitHub lets an organization change its subjects. https://docs.github.com/en/actions/reference/openid-connect-reference
    "token.actions.githubusercontent.com": _Issuer(
        {
            "sub": (
                re.compile(
                    rf"(?:repo|repository):{_NAME}/.+|(?:repository_owner|repository_owner_id|repository_id):{_NAME}(?::.*)?",
                    re.DOTALL,
                ),
                "repo:somebody-0/any0:ref:refs/heads/main",
            ),
            "repository": (_PATH, "somebody-0/any0"),
            "repository_owner": (_ID, "somebody-0"),
            "repository_owner_id": (_ID, "9007199254740993"),
            "repository_id": (_ID, "9007199254740993"),
        }
    ),
    # https://docs.gitlab.com/ci/cloud_services/aws/
    "gitlab.com": _Issuer(
        {
            "sub": (
                re.compile(rf"project_path:{_NAME}/.+", re.DOTALL),
                "project_path:somebody-0/any0:ref_type:branch:ref:main",
            )
        }
    ),
    # https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration
    "app.terraform.io": _Issuer(
        {
            "sub": (
                re.compile(rf"organization:{_NAME}:.+", re.DOTALL),
                "organization:somebody-0:project:any0:workspace:any0",
            )
        }
    ),
    # https://buildkite.com/docs/pipelines/security/oidc
    "agent.buildkite.com": _Issuer(
        {
            "sub": (
                re.compile(rf"organization:{_NAME}:.+", re.DOTALL),
                "organization:somebody-0:pipeline:any0:ref:any0",
            ),
            "organization_slug": (_ID, "somebody-0"),
            "organization_id": (_ID, "00000000-0000-4000-8000-000000000000"),
        }
    ),
    "accounts.google.com": _Issuer(
        {"sub": (_ID, "900719925474099300001"), "aud": (_ID, "somebody-0"), "oaud": (_ID, "somebody-0")},
        chooses_audience=False,
    ),
    "www.amazon.com": _Issuer({"user_id": (_ID, "somebody-0"), "app_id": (_ID, "somebody-0")}, chooses_audience=False),
    "graph.facebook.com": _Issuer({"id": (_ID, "somebody-0"), "app_id": (_ID, "somebody-0")}, chooses_audience=False),
    "cognito-identity.amazonaws.com": _Issuer(
        {
            "sub": (_ID, "somebody-0"),
            "aud": (re.compile(rf"{_NAME}:{_NAME}"), "eu-central-1:00000000-0000-4000-8000-000000000000"),
        },
        chooses_audience=False,
        # Whether somebody signed in to the pool, and how, which each pool says of its own people.
        of_everybody=("amr",),
    ),
}


def issuer_of(principal: Principal) -> str | None:
    """Return the host and path of the OpenID Connect issuer that a principal is; None for any other principal."""
    if principal.kind != "Federated" or ":saml-provider/" in principal.name:
        return None
    return (principal.name.partition(":oidc-provider/")[2] or principal.name).lower()


def is_shared(issuer: str) -> bool:
    """Whether an issuer is known to serve many companies, with tokens of one form.

    An issuer with a path behind the host is not: GitHub gives a large customer one, CircleCI each organization, EKS
    each cluster. Whose it is cannot be read from a policy.
    """
    return issuer in _SHARED


def stranger_with_token(principal: Principal, issuer: str) -> Asker:
    """Return somebody else who has a token of an issuer. Of an issuer that is not shared, no claim is known."""
    known = _SHARED.get(issuer)
    states: dict[str, KeyState] = {
        **environment(signed=False),
        **networks(named=False),
        **dict.fromkeys(KEYS_OF_PRINCIPALS, ABSENT),
        "aws:principalisawsservice": Known(("false",)),
        "aws:sourceaccount": ABSENT,
        "aws:sourcearn": ABSENT,
        f"{issuer}:": Unknown(f"whose tokens of {issuer} the conditions mean"),
    }
    if known is not None:
        if known.chooses_audience:
            states[f"{issuer}:aud"] = Choice((Option(Known(("any0",))),), free)
        for claim in known.of_everybody:
            states[f"{issuer}:{claim}"] = Choice((Option(Known(("any0",))), Option(ABSENT)), free)
        for claim, (owner, of_somebody) in known.claims.items():
            lacking = Option(ABSENT, f"whether each token of {issuer} has the claim {claim}")
            states[f"{issuer}:{claim}"] = Choice((Option(Known((of_somebody,))), lacking), _of_strangers(owner, claim))
    return Asker(
        Caller("federated", f"the tokens of {issuer}, whoever they were made for", name=principal.name), states
    )


def _of_strangers(owner: re.Pattern[str], claim: str) -> Callable[[str, bool], Iterable[Option]]:
    """Return which values of a claim somebody else may have, of those that meet a text of a policy."""

    def fit(text: str, is_pattern: bool) -> Iterator[Option]:  # noqa: FBT001  as Choice.fit is called
        if owner.fullmatch(text) is not None:
            return
        anybody = is_pattern and _ANYBODY.fullmatch(text) is not None
        value = filled(text) if is_pattern else text
        yield Option(Known((value,)), None if anybody else f"whose tokens have the {claim} {text[:60]}")

    return fit
