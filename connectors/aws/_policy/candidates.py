"""The values that a caller may choose for a key: those at which some condition of a policy changes its answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product

from connectors.aws._policy.conditions import compares_text, takes_wildcards
from connectors.aws._policy.context import Choice, Known, OneOf, Option, Request, Unknown
from connectors.aws._policy.patterns import filled, has_wildcard, variables_in
from connectors.aws._policy.principals import PRINCIPAL_ARN, role_of
from connectors.aws._policy.statements import Condition, Statement

Assignment = Mapping[str, Known | OneOf | Unknown]

_MOST_ASSIGNMENTS = 4096
_VARIABLE = re.compile(r"\$\{[^{}]*\}")
_SECOND = 1


def keys_used(statements: Iterable[Statement]) -> frozenset[str]:
    """Return the context keys, in lower case, that statements ask for: in conditions, variables and principals."""
    keys = {PRINCIPAL_ARN}
    for statement in statements:
        keys.update(condition.key for condition in statement.conditions)
        if statement.has_variables:
            texts = [value for condition in statement.conditions for value in condition.values]
            texts += [*(statement.resources or ()), *(statement.not_resources or ())]
            keys.update(name for text in texts for name in variables_in(text))
    return frozenset(keys)


def options_of(key: str, choice: Choice, statements: Sequence[Statement]) -> tuple[Option, ...]:
    """Return what a caller may choose for a key, without repetition; those without a doubt come first."""
    options = list(choice.options)
    if choice.fit is not None:
        for text, is_pattern in _texts(key, statements):
            options += choice.fit(text, is_pattern)
    return tuple(sorted(dict.fromkeys(options), key=lambda option: option.doubt is not None))


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
    for number, chosen in enumerate(product(*(options[name] for name in names))):
        if number >= _MOST_ASSIGNMENTS:
            return
        doubts = tuple(option.doubt for option in chosen if option.doubt is not None)
        yield {**fixed, **{name: option.known for name, option in zip(names, chosen, strict=True)}}, doubts


def is_exhaustive(options: Mapping[str, tuple[Option, ...]], statements: Sequence[Statement]) -> bool:
    """Whether the options have a value for each way in which the conditions of statements can come out together."""
    count = 1
    for key, choices in options.items():
        count *= len(choices)
        conditions = [item for statement in statements for item in statement.conditions if item.key == key]
        if len(conditions) > 1 and not all(map(_is_literal, conditions)):
            return False
    return count <= _MOST_ASSIGNMENTS


def _is_literal(condition: Condition) -> bool:
    if not compares_text(condition):
        return False
    return not any("${" in value or (takes_wildcards(condition) and has_wildcard(value)) for value in condition.values)


def _texts(key: str, statements: Iterable[Statement]) -> Iterator[tuple[str, bool]]:
    """Yield what statements compare a key with, and whether it is a pattern."""
    patterns: list[str] = []
    for statement in statements:
        for condition in statement.conditions:
            if condition.key != key:
                continue
            for value in condition.values:
                text = _VARIABLE.sub("x0", value) if statement.has_variables else value
                yield text, takes_wildcards(condition)
                if takes_wildcards(condition) and has_wildcard(text):
                    patterns.append(text)
                if not compares_text(condition):
                    yield from ((near, False) for near in _neighbours(text))
        if key == PRINCIPAL_ARN:
            named = (*(statement.principals or ()), *(statement.not_principals or ()))
            yield from ((role_of(principal.name), False) for principal in named if principal.kind == "AWS")
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
