"""What a set of policies does with a request: allows it, does not, or cannot be decided by what is known.

AWS's order: a Deny that applies wins, then one Allow is enough, and every limit must allow as well.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from connectors.aws._policy.candidates import Assignment, assignments, is_exhaustive, keys_used, options_of
from connectors.aws._policy.conditions import holds
from connectors.aws._policy.context import Choice, Known, Option, Request, Unknown
from connectors.aws._policy.patterns import Missing, Unresolved, matches, matches_pattern, pattern_of
from connectors.aws._policy.principals import PRINCIPAL_ARN, may_mean, means
from connectors.aws._policy.statements import Condition, Policy, Statement
from connectors.aws._policy.truth import Truth, every, of, some

_ARN_FIELDS = 6


class Outcome(IntEnum):
    """What policies do with a request, from closed to open."""

    DOES_NOT = 0
    UNDECIDED = 1
    ALLOWS = 2


@dataclass(frozen=True)
class Effect:
    """The outcome of a request. `by` names the statement that opens, or may; `open_questions` what would decide it."""

    outcome: Outcome
    by: str = ""
    open_questions: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        """The open questions as one text."""
        return "; ".join(self.open_questions)


@dataclass(frozen=True)
class _Evaluation:
    """The outcome under one assignment, with the statement that allows and what was not decided."""

    truth: Truth
    by: str
    open_questions: tuple[str, ...]


def effect(policies: Sequence[Policy], request: Request, limits: Sequence[Sequence[Policy]] = ()) -> Effect:
    """Return what policies do with a request. Never raises, whatever the documents say.

    A caller may choose some of the keys of its request: it is allowed if one choice is. `limits` are groups of policies
    of which each must allow the request as well: a permissions boundary, the service control policies of one level.
    """
    groups = [[_about(policy, request) for policy in group] for group in (policies, *limits)]
    if not any(any(policy.allowing) or any(unread.may_allow for unread in policy.unread) for policy in groups[0]):
        return Effect(Outcome.DOES_NOT)
    concerned = [statement for group in groups for policy in group for statement in policy.statements]
    keys = keys_used(concerned)
    options: dict[str, tuple[Option, ...]] = {}
    for key in keys:
        state = request.state(key)
        if isinstance(state, Choice):
            options[key] = options_of(key, state, concerned)
    best = _Evaluation(Truth.NO, "", ())
    for assignment, doubts in assignments(request, options, keys):
        evaluation = _evaluate(groups, request, assignment)
        if evaluation.truth is Truth.YES and not doubts:
            return Effect(Outcome.ALLOWS, evaluation.by)
        if evaluation.truth is not Truth.NO and best.truth is Truth.NO:
            best = _Evaluation(Truth.MAYBE, evaluation.by, (*doubts, *evaluation.open_questions))
    if best.truth is not Truth.NO:
        return Effect(Outcome.UNDECIDED, best.by, tuple(dict.fromkeys(best.open_questions)))
    if is_exhaustive(options, concerned):
        return Effect(Outcome.DOES_NOT)
    by = _possible(groups, request, options, keys)
    if by is None:
        return Effect(Outcome.DOES_NOT)
    return Effect(
        Outcome.UNDECIDED, by, (f"{by}: whether one request can meet all its conditions and avoid each Deny",)
    )


def _about(policy: Policy, request: Request) -> Policy:
    """Return the statements of a policy that are about the action of a request, and may be about its caller."""

    def match(pattern: str) -> Truth:
        return of(matches(pattern, request.action))

    about = (
        item
        for item in policy.statements
        if may_mean(item, request) and _covers(item.actions, item.not_actions, match) is not Truth.NO
    )
    return Policy(tuple(about), policy.unread)


def _evaluate(groups: Sequence[Sequence[Policy]], request: Request, assignment: Assignment) -> _Evaluation:
    questions: list[str] = []
    denied = Truth.NO
    allowed: list[Truth] = []
    by = ""
    for group in groups:
        granted = Truth.NO
        for policy in group:
            for statement in policy.statements:
                applies, open_questions = _applies(statement, request, assignment)
                if applies is Truth.MAYBE:
                    questions.extend(open_questions)
                if not statement.allows:
                    denied = max(denied, applies)
                elif applies > granted:
                    granted = applies
                    if group is groups[0]:
                        by = statement.label
            for unread in policy.unread:
                questions.append(unread.why)
                granted = max(granted, Truth.MAYBE if unread.may_allow else Truth.NO)
                denied = max(denied, Truth.MAYBE if unread.may_deny else Truth.NO)
        allowed.append(granted)
    return _Evaluation(every([*allowed, denied.negated]), by, tuple(questions))


def _applies(statement: Statement, request: Request, assignment: Assignment) -> tuple[Truth, list[str]]:
    """Return whether a statement about the action of a request is about the rest of it, and what would decide it."""
    questions: list[str] = []
    truths = [means(statement, request, _principal_arn(assignment))]
    if truths[0] is Truth.NO:
        return Truth.NO, questions
    truths.append(_covers_resource(statement, request, assignment))
    if truths[1] is Truth.NO:
        return Truth.NO, questions
    if truths[0] is Truth.MAYBE:
        questions.append(f"{statement.label}: whether its Principal is {request.caller.description}")
    if truths[1] is Truth.MAYBE:
        questions.append(f"{statement.label}: whether its Resource is the one that is asked for")
    for condition in statement.conditions:
        truth = _holds(statement, condition, assignment)
        truths.append(truth)
        if truth is Truth.NO:
            return Truth.NO, questions
        if truth is Truth.MAYBE:
            questions.append(f"{statement.label}: {_decided_by(condition, assignment)}")
    return every(truths), questions


def _holds(statement: Statement, condition: Condition, assignment: Assignment) -> Truth:
    state = assignment.get(condition.key, Unknown(""))
    return holds(condition, state, _lookup(assignment) if statement.has_variables else None)


def _decided_by(condition: Condition, assignment: Assignment) -> str:
    state = assignment.get(condition.key)
    if isinstance(state, Unknown):
        return state.decided_by
    return f"how AWS compares {condition.key} by {condition.operator}"


def _principal_arn(assignment: Assignment) -> str | None:
    state = assignment.get(PRINCIPAL_ARN)
    return state.values[0] if isinstance(state, Known) and state.values else None


def _covers(named: tuple[str, ...] | None, but: tuple[str, ...] | None, match: Callable[[str], Truth]) -> Truth:
    """Return whether an element, or its opposite, covers what `match` asks for; YES where a statement has neither."""
    if named is not None:
        return some(map(match, named))
    return Truth.YES if but is None else some(map(match, but)).negated


def _covers_resource(statement: Statement, request: Request, assignment: Assignment) -> Truth:
    resource = request.resource
    if resource is None:
        return Truth.YES
    lookup = _lookup(assignment) if statement.has_variables else None

    def match(text: str) -> Truth:
        try:
            pattern = pattern_of(_completed(text), wildcards=True, lookup=lookup)
        except Unresolved:
            return Truth.MAYBE
        except Missing:
            return Truth.NO
        return of(matches_pattern(pattern, resource))

    return _covers(statement.resources, statement.not_resources, match)


def _completed(text: str) -> str:
    """Return an ARN with a star for each missing field, as AWS completes it in a Resource.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if not text.startswith("arn:"):
        return text
    return text + ":*" * (_ARN_FIELDS - len(text.split(":", _ARN_FIELDS - 1)))


def _lookup(assignment: Assignment) -> Callable[[str], str | None]:
    def value_of(key: str) -> str | None:
        state = assignment.get(key)
        if not isinstance(state, Known) or len(state.values) > 1:
            raise Unresolved
        return state.values[0] if state.values else None

    return value_of


def _possible(
    groups: Sequence[Sequence[Policy]],
    request: Request,
    options: Mapping[str, tuple[Option, ...]],
    keys: frozenset[str],
) -> str | None:
    """Return a statement that may allow a request if each key could be chosen anew for each condition; else None."""
    first, _ = next(iter(assignments(request, options, keys)), ({}, ()))

    def parts(statement: Statement) -> list[set[Truth]]:
        bare = statement.changed(conditions=())
        sets = [{_applies(bare, request, {**first, **one})[0] for one in _ones(PRINCIPAL_ARN, options)}]
        sets += [
            {_holds(statement, condition, {**first, **one}) for one in _ones(condition.key, options)}
            for condition in statement.conditions
        ]
        return sets

    by = ""
    for group in groups:
        granted = [statement for policy in group for statement in policy.statements if statement.allows]
        open_ones = [item for item in granted if every(map(max, parts(item))) is not Truth.NO]
        if not open_ones and not any(unread.may_allow for policy in group for unread in policy.unread):
            return None
        if group is groups[0] and open_ones:
            by = open_ones[0].label
        denials = [statement for policy in group for statement in policy.statements if not statement.allows]
        if any(every(map(min, parts(item))) is Truth.YES for item in denials):
            return None
    return by


def _ones(key: str, options: Mapping[str, tuple[Option, ...]]) -> Iterable[dict[str, Known]]:
    return [{key: option.known} for option in options[key]] if key in options else [{}]
