"""Statements and choices that make no difference to a request, so that only the others are tried in combination.

A condition without policy variables depends on one key; what one with variables depends on, is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.aws._policy.conditions import costs, holds
from connectors.aws._policy.context import Choice, Known, OneOf, Option, Request, Unknown
from connectors.aws._policy.principals import PRINCIPAL_ARN, means
from connectors.aws._policy.statements import Condition, Policy, Statement
from connectors.aws._policy.truth import Truth
from connectors.aws._policy.work import Work

Groups = Sequence[Sequence[Policy]]
"""The policies that give, and each limit's."""


def statements_of(groups: Groups) -> list[Statement]:
    """Return the statements of all policies."""
    return [statement for group in groups for policy in group for statement in policy.statements]


def arn_in(state: object) -> str | None:
    """Return the ARN of a caller by what is known of the key for it; None where it has none."""
    return _first_of(state) if isinstance(state, Known) else None


def _first_of(known: Known) -> str | None:
    return known.values[0] if known.values else None


def without_idle(groups: Groups, request: Request, options: Mapping[str, tuple[Option, ...]], work: Work) -> Groups:
    """Return the policies without the statements that do not apply whatever the caller chooses."""

    def may_apply(statement: Statement) -> bool:
        arns = map(arn_in, _states(PRINCIPAL_ARN, request, options))
        if all(means(statement, request, arn) is Truth.NO for arn in arns):
            return False
        for condition in statement.conditions:
            if statement.has_variables and condition.has_variables:
                continue
            states = _states(condition.key, request, options)
            work.take(len(states) * costs(condition))
            if all(holds(condition, state, None) is Truth.NO for state in states):
                return False
        return True

    return [
        [Policy(tuple(filter(may_apply, policy.statements)), policy.unread) for policy in group] for group in groups
    ]


def without_repetition(
    groups: Groups, request: Request, options: Mapping[str, tuple[Option, ...]], work: Work
) -> dict[str, tuple[Option, ...]]:
    """Return the first option of those of a key by which every condition comes out the same.

    Those without a doubt come first, so that what is left out is never better.
    """
    statements = statements_of(groups)
    asked: dict[str, list[Condition]] = {}
    kept: set[str] = set()
    for statement in statements:
        kept |= statement.keys_of_variables
        for condition in statement.conditions:
            asked.setdefault(condition.key, []).append(condition)
            if statement.has_variables and condition.has_variables:
                kept.add(condition.key)
    found: dict[str, tuple[Option, ...]] = {}
    for key, choices in options.items():
        if key in kept:
            found[key] = choices
            continue
        conditions = asked.get(key, [])
        naming = statements if key == PRINCIPAL_ARN else []
        different: dict[tuple[Truth, ...], Option] = {}
        for option in choices:
            work.take(1 + len(conditions) + len(naming))
            answers = [holds(condition, option.known, None) for condition in conditions]
            answers += [means(statement, request, arn_in(option.known)) for statement in naming]
            different.setdefault(tuple(answers), option)
        found[key] = tuple(different.values())
    return found


def _states(key: str, request: Request, options: Mapping[str, tuple[Option, ...]]) -> Sequence[Known | OneOf | Unknown]:
    if key in options:
        return [option.known for option in options[key]]
    state = request.state(key)
    assert not isinstance(state, Choice)  # noqa: S101  those are in options
    return [state]
