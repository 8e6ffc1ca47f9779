"""OpenID Connect issuers that serve many companies: only conditions say whose tokens a trust policy accepts.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
"""

from __future__ import annotations

import re

from connectors.aws._policy.conditions import Confinement
from connectors.aws._policy.documents import Condition, Principal, Statement

_NAME = r"[^/*?:$]+"  # a `$` is a variable of the policy, which says nothing by itself
_ID = re.compile(_NAME)
_PATH = re.compile(rf"{_NAME}/.+", re.DOTALL)
# Whoever requests a token of these chooses its audience. GitHub lets an organization change its subjects, too.
_PIPELINE_ISSUERS = {
    "token.actions.githubusercontent.com": {
        "sub": re.compile(
            rf"(?:repo|repository):{_NAME}/.+|(?:repository_owner|repository_owner_id|repository_id):{_NAME}(?::.*)?",
            re.DOTALL,
        ),
        "repository": _PATH,
        "repository_owner": _ID,
        "repository_owner_id": _ID,
        "repository_id": _ID,
    },
    "gitlab.com": {"sub": re.compile(rf"project_path:{_NAME}/.+", re.DOTALL)},
    "app.terraform.io": {"sub": re.compile(rf"organization:{_NAME}:.+", re.DOTALL)},
}
# The audience of these is an application or a pool of the company's own, so it confines as a subject does.
_SIGN_IN_ISSUERS = {
    "accounts.google.com": {"sub": _ID, "aud": _ID, "oaud": _ID},
    "www.amazon.com": {"user_id": _ID, "app_id": _ID},
    "graph.facebook.com": {"id": _ID, "app_id": _ID},
    "cognito-identity.amazonaws.com": {"sub": _ID, "aud": re.compile(rf"{_NAME}:{_NAME}")},
}
_SHARED_ISSUERS = _PIPELINE_ISSUERS | _SIGN_IN_ISSUERS

_EQUALS = frozenset({"stringequals", "stringequalsignorecase"})
_LIKE = "stringlike"
# A star in the place of the organization, or before the last letters of its name, which anybody may choose.
_ANY_ORGANIZATION = re.compile(r"(?:[a-z_]+:)?\*.*", re.DOTALL)


def shared_issuer(principal: Principal) -> str | None:
    """Return the host of the shared issuer that a principal is; None for any other principal.

    An issuer with a path behind the host is not shared: GitHub gives a large customer one, CircleCI each organization.
    """
    if principal.kind != "Federated":
        return None
    issuer = principal.name.partition(":oidc-provider/")[2] or principal.name
    return issuer if issuer in _SHARED_ISSUERS else None


def issuer_confinement(statement: Statement, issuer: str) -> Confinement:
    """Return whether conditions confine a statement to the tokens of named companies or users of an issuer."""
    claims = _SHARED_ISSUERS[issuer]
    claim_conditions = [(condition.key.removeprefix(f"{issuer}:"), condition) for condition in statement.conditions]
    if any(claim in claims and _names_owners(condition, claims[claim]) for claim, condition in claim_conditions):
        return Confinement.CONFINED
    if all(_excludes_nobody(claim, condition, claims) for claim, condition in claim_conditions):
        return Confinement.OPEN
    return Confinement.NOT_ESTABLISHED


def _names_owners(condition: Condition, pattern: re.Pattern[str]) -> bool:
    operator = condition.operator.removeprefix("foranyvalue:")
    if operator not in _EQUALS and operator != _LIKE:
        return False
    return bool(condition.values) and all(pattern.fullmatch(value) for value in condition.values)


def _excludes_nobody(claim: str, condition: Condition, claims: dict[str, re.Pattern[str]]) -> bool:
    """Whether a condition certainly accepts the tokens of other companies."""
    if claim not in claims:
        return claim == "aud"
    operator = condition.operator.rpartition(":")[2].removesuffix("ifexists")
    if operator.startswith("stringnot"):
        return True
    return operator == _LIKE and any(_ANY_ORGANIZATION.fullmatch(value) for value in condition.values)
