"""Whom a statement for everyone lets in: how far its conditions confine it to accounts or organizations.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
from enum import Enum

from connectors.aws._policy.documents import Condition, Statement, is_wildcard

# Operators that say what a value must be. With IfExists or ForAllValues a request without the key passes as well; with
# ForAnyValue, which AWS's examples use with the paths of organizations, it does not.
_PATTERN_OPERATORS = frozenset({"stringlike", "arnequals", "arnlike"})
_POSITIVE_OPERATORS = _PATTERN_OPERATORS | {"stringequals", "stringequalsignorecase"}
_NEGATIVE_OPERATORS = frozenset(
    {"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike"}
)
_ACCOUNT_KEYS = frozenset(
    {"aws:principalaccount", "aws:sourceaccount", "kms:calleraccount", "s3:dataaccesspointaccount"}
)
_ARN_KEYS = frozenset({"aws:principalarn", "aws:sourcearn", "s3:dataaccesspointarn"})
_ORG_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"})
_IDENTITY_KEYS = _ACCOUNT_KEYS | _ARN_KEYS | _ORG_KEYS
# Every signed request has these keys, so that IfExists lets in at most requests that are not signed.
_ALWAYS_PRESENT_KEYS = frozenset({"aws:principalaccount", "aws:principalarn", "kms:calleraccount"})
# Keys whose values the caller chooses, or that anybody can meet: they keep nobody out.
_CALLER_CHOSEN_KEYS = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:referer",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:useragent",
        "s3:delimiter",
        "s3:max-keys",
        "s3:prefix",
        "s3:signatureversion",
        "s3:tlsversion",
        "s3:x-amz-acl",
        "s3:x-amz-server-side-encryption",
        "sts:rolesessionname",
        "sts:sourceidentity",
    }
)
_CALLER_CHOSEN_TAGS = ("aws:principaltag/", "aws:requesttag/")

_ACCOUNT = re.compile(r"[0-9]{12}")
_ARN = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[^:]*:([0-9]{12}):.*", re.DOTALL)
_ORG = re.compile(r"(o-[a-z0-9]{10,32})(?:/.*)?", re.DOTALL)
_ANY_ORG = re.compile(r"(?:o-)?\*+(?:/.*)?", re.DOTALL)
_ACCOUNT_FIELD = 4


class Confinement(Enum):
    """Whether conditions confine a statement for everyone.

    CONFINED: to named accounts, resources or organizations. OPEN: no condition keeps anybody out. NOT_ESTABLISHED: the
    conditions may keep some out, and annexd cannot tell whom.
    """

    CONFINED = "confined"
    NOT_ESTABLISHED = "not established"
    OPEN = "open"


def confinement(statement: Statement) -> Confinement:
    """Return whether the conditions of a statement confine it to named accounts, resources or organizations.

    OPEN is returned only where no condition can keep anybody out: an address range may be the company's own, an
    external id may be known to one partner only, and a condition key that annexd does not know may mean anything.
    """
    if any(_is_positive(condition) and _names_owners(condition) for condition in statement.conditions):
        return Confinement.CONFINED
    return Confinement.OPEN if all(map(_excludes_nobody, statement.conditions)) else Confinement.NOT_ESTABLISHED


def has_external_id(statement: Statement) -> bool:
    """Whether a condition of a trust policy demands an external id."""
    return any(
        condition.operator == "stringequals" and condition.key == "sts:externalid" and any(condition.values)
        for condition in statement.conditions
    )


def named_accounts(statement: Statement) -> frozenset[str]:
    """Return the ids of the accounts that conditions confine a statement to; empty where they name none."""
    for condition in statement.conditions:
        if not _is_positive(condition) or not _names_owners(condition):
            continue
        if condition.key in _ACCOUNT_KEYS:
            return frozenset(condition.values)
        if condition.key in _ARN_KEYS:
            return frozenset(match[1] for value in condition.values if (match := _ARN.fullmatch(value)))
    return frozenset()


def named_organizations(statement: Statement) -> frozenset[str]:
    """Return the ids of the organizations that conditions confine a statement to; empty where they name none."""
    return frozenset(
        match[1]
        for condition in statement.conditions
        if _is_positive(condition) and condition.key in _ORG_KEYS and _names_owners(condition)
        for value in condition.values
        if (match := _ORG.fullmatch(value))
    )


def _is_positive(condition: Condition) -> bool:
    return condition.operator.removeprefix("foranyvalue:") in _POSITIVE_OPERATORS


def _excludes_nobody(condition: Condition) -> bool:
    """Whether a condition certainly keeps nobody out."""
    if condition.key in _CALLER_CHOSEN_KEYS or condition.key.startswith(_CALLER_CHOSEN_TAGS):
        return True
    if condition.key not in _IDENTITY_KEYS:
        return False
    quantifier, _, operator = condition.operator.rpartition(":")
    may_be_absent = quantifier == "forallvalues" or operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    if operator in _NEGATIVE_OPERATORS or (may_be_absent and condition.key not in _ALWAYS_PRESENT_KEYS):
        return True
    return operator in _PATTERN_OPERATORS and any(_covers_any_owner(condition.key, value) for value in condition.values)


def _covers_any_owner(key: str, pattern: str) -> bool:
    """Whether a pattern has only stars in the place of the account or the organization."""
    if key in _ORG_KEYS:
        return _ANY_ORG.fullmatch(pattern) is not None
    if key in _ACCOUNT_KEYS:
        return is_wildcard(pattern)
    fields = pattern.split(":", 5)
    return is_wildcard(fields[_ACCOUNT_FIELD]) if len(fields) > _ACCOUNT_FIELD else fields[-1] == "*"


def _names_owners(condition: Condition) -> bool:
    """Whether each value names one account or organization, without a wildcard in that place."""
    if not condition.values:
        return False
    if condition.key in _ACCOUNT_KEYS:
        return all(_ACCOUNT.fullmatch(value) for value in condition.values)
    if condition.key in _ARN_KEYS:
        return all(_ARN.fullmatch(value) for value in condition.values)
    if condition.key in _ORG_KEYS:
        return all(_ORG.fullmatch(value) for value in condition.values)
    return False
