"""Who is named in policies: accounts, organizations and services, and patterns of account numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from connectors.aws._policy.conditions import takes_wildcards
from connectors.aws._policy.context_keys import ACCOUNT_KEYS, ARN_KEYS
from connectors.aws._policy.patterns import filled, has_wildcard, is_wildcard
from connectors.aws._policy.statements import Policy, Principal, Statement

_NUMBER = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_ORGANIZATION = re.compile(r"(o-[a-z0-9]{10,32})(?:/.*)?", re.DOTALL)
_ORGANIZATION_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"})
_NAMES_OF_SERVICES = frozenset({"aws:principalservicename", "aws:principalservicenameslist"})
_IS_SERVICE = "aws:principalisawsservice"
ANY_SERVICE = "any0.amazonaws.com"
"""Stands for whichever service, where a policy names none."""
_ACCOUNT_LENGTH = 12
_ACCOUNT_FIELD, _ARN_FIELDS = 4, 6


def numbers_in(text: str) -> list[str]:
    """Return every account number in a text, such as an ARN."""
    return _NUMBER.findall(text)


def accounts_named(policies: Iterable[Policy]) -> frozenset[str]:
    """Return every account number in principals and conditions."""
    return frozenset(
        number
        for statement in _statements(policies)
        for text in (*(principal.name for principal in _principals(statement)), *_values(statement))
        for number in numbers_in(text)
    )


def organizations_named(policies: Iterable[Policy]) -> frozenset[str]:
    """Return the ids of organizations in conditions."""
    return frozenset(
        match[1]
        for statement in _statements(policies)
        for value in _values(statement)
        if (match := _ORGANIZATION.fullmatch(value))
    )


def values_of_organizations(policies: Iterable[Policy]) -> frozenset[str]:
    """Return what conditions compare the organization of a caller, or of whom a service acts for, with."""
    return frozenset(
        value
        for statement in _statements(policies)
        for condition in statement.conditions
        if condition.key in _ORGANIZATION_KEYS or condition.has_variables
        for value in condition.values
    )


def services_named(policies: Iterable[Policy]) -> frozenset[str]:
    """Return the services of AWS that are principals, in lower case."""
    return frozenset(
        principal.name.lower()
        for statement in _statements(policies)
        for principal in _principals(statement)
        if principal.kind == "Service"
    )


def services_among(policies: Iterable[Policy]) -> frozenset[str]:
    """Return the services of AWS that conditions let in among everybody, in lower case; a made-up one for any service.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    return frozenset(
        filled(value).lower() if condition.key in _NAMES_OF_SERVICES else ANY_SERVICE
        for statement in _statements(policies)
        if statement.allows and any(_is_everybody(principal) for principal in statement.principals or ())
        for condition in statement.conditions
        if condition.key in _NAMES_OF_SERVICES or condition.key == _IS_SERVICE
        for value in condition.values
    )


def _is_everybody(principal: Principal) -> bool:
    return principal.kind == "AWS" and is_wildcard(principal.name)


def account_patterns(policies: Iterable[Policy]) -> frozenset[str]:
    """Return the patterns with wildcards that conditions compare account numbers with."""
    return frozenset(
        pattern
        for statement in _statements(policies)
        for condition in statement.conditions
        if takes_wildcards(condition)
        for value in condition.values
        if (pattern := _account_in(condition.key, value)) is not None and has_wildcard(pattern)
    )


def number_like(pattern: str) -> str | None:
    """Return an account number that a pattern matches; None where there is none."""
    missing = _ACCOUNT_LENGTH - len(pattern.replace("*", ""))
    if missing < 0:
        return None
    number = pattern.replace("?", "7").replace("*", "7" * missing, 1).replace("*", "")
    return number if number.isdecimal() and len(number) == _ACCOUNT_LENGTH else None


def asks_for_source(policies: Sequence[Policy]) -> bool:
    """Whether a condition asks for whom a service acts."""
    return any(
        condition.key.startswith("aws:source") for item in _statements(policies) for condition in item.conditions
    )


def _account_in(key: str, value: str) -> str | None:
    if key in ACCOUNT_KEYS:
        return value
    if key not in ARN_KEYS:
        return None
    fields = value.split(":", _ARN_FIELDS - 1)
    return fields[_ACCOUNT_FIELD] if len(fields) == _ARN_FIELDS else "*"


def _statements(policies: Iterable[Policy]) -> Iterator[Statement]:
    return (statement for policy in policies for statement in policy.statements)


def _principals(statement: Statement) -> tuple[Principal, ...]:
    return (*(statement.principals or ()), *(statement.not_principals or ()))


def _values(statement: Statement) -> Iterator[str]:
    return (value for condition in statement.conditions for value in condition.values)
