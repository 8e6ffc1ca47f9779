"""Whom a policy lets in: what its principals and conditions leave of the whole world."""

from __future__ import annotations

import re
from enum import Enum

from connectors.aws.policies import Condition, Statement

# Operators that say what a value must be; with IfExists or ForAllValues a request without the key passes as well.
_MUST_BE = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_ACCOUNT_KEYS = frozenset(
    {"aws:principalaccount", "aws:sourceaccount", "kms:calleraccount", "s3:dataaccesspointaccount"}
)
_ARN_KEYS = frozenset({"aws:principalarn", "aws:sourcearn", "s3:dataaccesspointarn"})
_ORG_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"})
# Where a request comes from may well confine it to one's own network; these documents do not say whose network it is.
_NETWORK_KEYS = frozenset({"aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:sourcevpcarn"})

_ACCOUNT = re.compile(r"[0-9]{12}")
_ARN = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[^:]*:([0-9]{12}):.*", re.DOTALL)
_ORG = re.compile(r"(o-[a-z0-9]{10,32})(?:/.*)?", re.DOTALL)


class Reach(Enum):
    """How far a statement for everyone reaches after its conditions."""

    CONFINED = "confined"
    NOT_ESTABLISHED = "not established"
    OPEN = "open"


def reach(statement: Statement) -> Reach:
    """Say whether conditions confine a statement to named accounts, sources or organizations."""
    if any(condition.operator in _MUST_BE and _names(condition) for condition in statement.conditions):
        return Reach.CONFINED
    if any(condition.key in _NETWORK_KEYS for condition in statement.conditions):
        return Reach.NOT_ESTABLISHED
    if has_external_id(statement):
        # An external id is a word that the other side knows, and no secret: it names nobody.
        return Reach.NOT_ESTABLISHED
    return Reach.OPEN


def has_external_id(statement: Statement) -> bool:
    """Whether a trust asks for an external id."""
    return any(
        condition.operator == "stringequals" and condition.key == "sts:externalid" and any(condition.values)
        for condition in statement.conditions
    )


def named_accounts(statement: Statement) -> frozenset[str]:
    """Return the accounts that conditions confine a statement to; empty where they name none, or an organization."""
    for condition in statement.conditions:
        if condition.operator not in _MUST_BE or not _names(condition):
            continue
        if condition.key in _ACCOUNT_KEYS:
            return frozenset(condition.values)
        if condition.key in _ARN_KEYS:
            return frozenset(found[1] for value in condition.values if (found := _ARN.fullmatch(value)))
    return frozenset()


def named_organizations(statement: Statement) -> frozenset[str]:
    """Return the organizations that conditions confine a statement to."""
    return frozenset(
        found[1]
        for condition in statement.conditions
        if condition.operator in _MUST_BE and condition.key in _ORG_KEYS and _names(condition)
        for value in condition.values
        if (found := _ORG.fullmatch(value))
    )


def _names(condition: Condition) -> bool:
    """Whether each value names one account or organization, without a wildcard where the name stands."""
    if not condition.values:
        return False
    if condition.key in _ACCOUNT_KEYS:
        return all(_ACCOUNT.fullmatch(value) for value in condition.values)
    if condition.key in _ARN_KEYS:
        return all(_ARN.fullmatch(value) for value in condition.values)
    if condition.key in _ORG_KEYS:
        return all(_ORG.fullmatch(value) for value in condition.values)
    return False
