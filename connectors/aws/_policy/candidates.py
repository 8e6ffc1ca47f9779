"""The values that a caller may choose for a key: those at which some condition of a policy changes its answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice, product
from math import prod

from connectors.aws._policy.conditions import compares_text, takes_wildcards
from connectors.aws._policy.context import Choice, Known, OneOf, Option, Request, Unknown
from connectors.aws._policy.patterns import filled, has_wildcard
from connectors.aws._policy.principals import PRINCIPAL_ARN, concerning, role_of
from connectors.aws._policy.statements import Condition, Statement
from connectors.aws._policy.work import Work

Assignment = Mapping[str, Known | OneOf | Unknown]

_MOST_ASSIGNMENTS = 4096
_VARIABLE = re.compile(r"\$\{[^{}]*\}")
_SECOND = 1


def keys_used(statements: Iterable[Statement]) -> frozenset[str]:
    """Return the context keys, in lower case, that statements ask for: in conditions, variables and principals."""
    keys = {PRINCIPAL_ARN}
    for statement in statements:
        keys.update(condition.key for condition in statement.conditions)
        keys |= statement.keys_of_variables
    return frozenset(keys)


def options_of(
    request: Request, keys: Iterable[str], statements: Sequence[Statement], work: Work
) -> dict[str, tuple[Option, ...]]:
    """Return for each key that a caller may choose what, without repetition; those without a doubt come first."""
    asked: dict[str, list[tuple[Condition, bool]]] = {}
    for statement in statements:
        for condition in statement.conditions:
            asked.setdefault(condition.key, []).append((condition, statement.has_variables))
    found: dict[str, tuple[Option, ...]] = {}
    for key in keys:
        choice = request.state(key)
        if not isinstance(choice, Choice):
            continue
        options = list(choice.options)
        if choice.fit is not None:
            named = _arns_named(statements, request) if key == PRINCIPAL_ARN else ()
            for text, is_pattern in chain(_texts(asked.get(key, ())), ((name, False) for name in named)):
                work.take()
                options += choice.fit(text, is_pattern)
        found[key] = tuple(sorted(dict.fromkeys(options), key=lambda option: option.doubt is not None))
    return found


def assignments(
    request: Request, options: Mapping[str, tuple[Option, ...]], keys: frozenset[str]
) -> Iterator[tuple[Assignment, tuple[str, ...]]]:
    """Yield each combination of what the caller may choose, with its doubts; at most some thousands."""
    fixed: dict[str, Known | OneOf | Unknown] = {}
    for key in keys - options.keys():
        state = request.state(key)
        assert not isinstance(state, Choice)  # noqa: S101  those are in options
        fixed[key] = state
    names = sorted(options)
    for chosen in islice(product(*(options[name] for name in names)), _MOST_ASSIGNMENTS):
        doubts = tuple(option.doubt for option in chosen if option.doubt is not None)
        yield {**fixed, **{name: option.known for name, option in zip(names, chosen, strict=True)}}, doubts


def is_exhaustive(options: Mapping[str, tuple[Option, ...]], statements: Sequence[Statement]) -> bool:
    """Whether the options have a value for each way in which the conditions of statements can come out together."""
    if prod(map(len, options.values())) > _MOST_ASSIGNMENTS:
        return False
    asked: dict[str, list[Condition]] = {}
    for statement in statements:
        for condition in statement.conditions:
            if condition.key in options:
                asked.setdefault(condition.key, []).append(condition)
    return all(len(conditions) == 1 or all(map(_is_literal, conditions)) for conditions in asked.values())


def _is_literal(condition: Condition) -> bool:
    if not compares_text(condition):
        return False
    return not any("${" in value or (takes_wildcards(condition) and has_wildcard(value)) for value in condition.values)


def _arns_named(statements: Iterable[Statement], request: Request) -> Iterator[str]:
    """Yield the ARNs of the principals that the caller of a request may be."""
    for statement in statements:
        for groups in (statement.principals_by_group, statement.not_principals_by_group):
            named = concerning(groups, request.caller)
            yield from (role_of(principal.name) for principal in named if principal.kind == "AWS")


def _texts(conditions: Iterable[tuple[Condition, bool]]) -> Iterator[tuple[str, bool]]:
    """Yield what conditions on a key compare it with, and whether it is a pattern."""
    patterns: list[str] = []
    for condition, has_variables in conditions:
        for value in condition.values:
            text = _VARIABLE.sub("x0", value) if has_variables else value
            yield text, takes_wildcards(condition)
            if takes_wildcards(condition) and has_wildcard(text):
                patterns.append(text)
            if not compares_text(condition):
                yield from ((near, False) for near in _neighbours(text))
    # What two patterns match together: one of them, filled with what the other one matches.
    for first in patterns[:8]:
        for second in patterns[:8]:
            if first != second:
                yield first.replace("*", filled(second), 1), True


def _neighbours(text: str) -> Iterator[str]:
    """Yield what lies right beside a number or a moment."""
    try:
        number = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return
        number = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    for near in (number - _SECOND, number + _SECOND):
        yield str(int(near)) if near.is_integer() else str(near)
