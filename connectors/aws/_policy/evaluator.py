"""What a set of policies does with a request: allows it, does not, or cannot be decided by what is known.

AWS's order: a Deny that applies wins, then one Allow is enough, and every limit must allow as well.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from connectors.aws._policy.candidates import Assignment, assignments, is_exhaustive, keys_used, options_of
from connectors.aws._policy.conditions import costs, holds
from connectors.aws._policy.context import Known, Option, Request, Unknown
from connectors.aws._policy.narrowing import Groups, arn_in, statements_of, without_idle, without_repetition
from connectors.aws._policy.patterns import Lookup, Missing, Unresolved, matches, matches_pattern, pattern_of
from connectors.aws._policy.principals import PRINCIPAL_ARN, groups_of, may_mean, means
from connectors.aws._policy.statements import NOBODY, Condition, Policy, Statement
from connectors.aws._policy.truth import Truth, every, of, some
from connectors.aws._policy.work import TooMuch, Work

_ARN_FIELDS = 6
_STEPS_OF_A_CALLER = 20


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


@dataclass(frozen=True)
class _Choices:
    """What a caller may choose for the keys that statements ask for, and whether these use policy variables."""

    options: Mapping[str, tuple[Option, ...]]
    keys: frozenset[str]
    statements: Sequence[Statement]
    by_variables: bool


def effect(policies: Sequence[Policy], request: Request, limits: Sequence[Sequence[Policy]] = ()) -> Effect:
    """Return what policies do with a request. Never raises, whatever the documents say.

    A caller may choose some of the keys of its request: it is allowed if one choice is. `limits` are groups of policies
    of which each must allow the request as well: a permissions boundary, the service control policies of one level.
    """
    return most_open(policies, request, [request.action], [request.resource], limits)


def most_open(
    policies: Sequence[Policy],
    request: Request,
    actions: Iterable[str],
    resources: Sequence[str | None],
    limits: Sequence[Sequence[Policy]] = (),
    work: Work | None = None,
) -> Effect:
    """Return the most open effect of a caller's requests for each action on each resource, as `effect` does for one.

    Actions and resources that the same statements are about are asked for once. `work`: the steps that are left for
    this and other questions; None: as many as one question may take. UNDECIDED where they end.
    """
    work = Work() if work is None else work
    best = Effect(Outcome.DOES_NOT)
    asked: set[tuple[int, ...]] = set()
    try:
        work.take(_STEPS_OF_A_CALLER)
        of_caller = [[_of_caller(policy, request, work) for policy in group] for group in (policies, *limits)]
        for action in actions:
            groups = [[_about(policy, action, work) for policy in group] for group in of_caller]
            about = tuple(id(item) for group in groups for policy in group for item in policy.statements)
            if about not in asked:
                asked.add(about)
                best = _more_open(best, _on_resources(groups, request, tuple(resources), work))
            if best.outcome is Outcome.ALLOWS:
                break
    except TooMuch:
        return Effect(Outcome.UNDECIDED, open_questions=(work.question,))
    return best


def _more_open(best: Effect, found: Effect) -> Effect:
    return found if found.outcome > best.outcome else best


def _on_resources(groups: Groups, request: Request, resources: tuple[str | None, ...], work: Work) -> Effect:
    """Return the most open effect of requests for an action, which the statements are about, on each resource."""
    best = Effect(Outcome.DOES_NOT)
    if not _may_open(groups):
        return best
    statements = statements_of(groups)
    keys = keys_used(statements)
    options = options_of(request, keys, statements, work)
    groups = without_idle(groups, request, options, work)
    options = without_repetition(groups, request, options, work)
    by_variables = any(statement.uses_variables for statement in statements_of(groups))
    choices = _Choices(options, keys, statements, by_variables)
    if not _may_open(groups):
        return best
    left = statements_of(groups)
    for resource, about in _about_resources(left, resources, work, apart=by_variables):
        concerned = [[_only(policy, about) for policy in group] for group in groups]
        best = _more_open(best, _decided(concerned, request.on(resource), choices, work))
        if best.outcome is Outcome.ALLOWS:
            break
    return best


def _decided(groups: Groups, request: Request, choices: _Choices, work: Work) -> Effect:
    """Return the effect of one request, by trying what its caller may choose."""
    if not _may_open(groups):
        return Effect(Outcome.DOES_NOT)
    # Without variables, what no condition by itself lets through, no combination does.
    possible = None if choices.by_variables else _possible(groups, request, choices)
    if possible is None and not choices.by_variables:
        return Effect(Outcome.DOES_NOT)
    steps = 1 + sum(map(_steps, statements_of(groups)))
    best = _Evaluation(Truth.NO, "", ())
    for assignment, doubts in assignments(request, choices.options, choices.keys):
        work.take(steps)
        evaluation = _evaluate(groups, request, assignment)
        if evaluation.truth is Truth.YES and not doubts:
            return Effect(Outcome.ALLOWS, evaluation.by)
        if evaluation.truth is not Truth.NO and best.truth is Truth.NO:
            best = _Evaluation(Truth.MAYBE, evaluation.by, (*doubts, *evaluation.open_questions))
    if best.truth is not Truth.NO:
        return Effect(Outcome.UNDECIDED, best.by, tuple(dict.fromkeys(best.open_questions)))
    if is_exhaustive(choices.options, choices.statements):
        return Effect(Outcome.DOES_NOT)
    by = _possible(groups, request, choices) if choices.by_variables else possible
    if by is None:
        return Effect(Outcome.DOES_NOT)
    return Effect(
        Outcome.UNDECIDED, by, (f"{by}: whether one request can meet all its conditions and avoid each Deny",)
    )


def _may_open(groups: Groups) -> bool:
    return any(any(policy.allowing) or any(unread.may_allow for unread in policy.unread) for policy in groups[0])


def _steps(statement: Statement) -> int:
    """Return about how many comparisons a statement takes, whose conditions without variables are remembered."""
    if not statement.uses_variables:
        return 1 + len(statement.conditions)
    named = len(statement.resources or ()) + len(statement.not_resources or ())
    return 1 + named + sum(costs(condition) for condition in statement.conditions)


def _of_caller(policy: Policy, request: Request, work: Work) -> Policy:
    """Return the statements of a policy that may be about the caller of a request."""
    work.take(1 + len(policy.statements) // 8)  # a look at a table
    if request.holder:
        return policy
    groups = (NOBODY, *groups_of(request.caller))
    places = sorted({place for group in groups for place in policy.places_by_group.get(group, ())})
    statements = (policy.statements[place] for place in places)
    return Policy(tuple(item for item in statements if may_mean(item, request)), policy.unread)


def _about(policy: Policy, action: str, work: Work) -> Policy:
    """Return the statements of a policy that are about an action."""

    def is_about(statement: Statement) -> bool:
        found: Truth | None = statement.covered.get(("action", action))
        if found is None:
            work.take(_patterns(statement.actions, statement.not_actions))
            found = _covers(statement.actions, statement.not_actions, lambda pattern: of(matches(pattern, action)))
            statement.covered["action", action] = found
        return found is not Truth.NO

    work.take(1 + len(policy.statements) // 8)
    return Policy(tuple(filter(is_about, policy.statements)), policy.unread)


def _about_resources(
    statements: Sequence[Statement], resources: tuple[str | None, ...], work: Work, *, apart: bool
) -> Iterator[tuple[str | None, frozenset[int]]]:
    """Yield the first of those resources that the same statements are about, with the ids, as objects, of these.

    `apart`: each resource by itself, because what statements say of it depends on its text.
    """
    classes: list[tuple[frozenset[int], frozenset[int]]] = [(frozenset(range(len(resources))), frozenset())]
    for statement in statements:
        covered = _places_covered(statement, resources, work)
        work.take(1 + len(classes) // 8)
        split = [(places & covered, about | {id(statement)}) for places, about in classes]
        split += [(places - covered, about) for places, about in classes]
        classes = [(places, about) for places, about in split if places]
    if apart:
        classes = [(frozenset((place,)), about) for places, about in classes for place in places]
    for place, about in sorted((min(places), about) for places, about in classes):
        work.take()
        yield resources[place], about


def _places_covered(statement: Statement, resources: tuple[str | None, ...], work: Work) -> frozenset[int]:
    """Return the places of the resources that a statement is about, or may be by its variables."""
    found: frozenset[int] | None = statement.covered.get(resources)
    if found is None:
        work.take(1 + len(resources) * _patterns(statement.resources, statement.not_resources))
        covers = (lambda _: True) if statement.resource_has_variables else _cover_of(statement)
        found = statement.covered[resources] = frozenset(
            place for place, resource in enumerate(resources) if resource is None or covers(resource)
        )
    return found


def _cover_of(statement: Statement) -> Callable[[str], bool]:
    """Return what says of a resource whether a statement without variables in its resources is about it."""
    named = statement.resources if statement.resources is not None else statement.not_resources
    if named is None:
        return lambda _: True
    patterns = [pattern_of(_completed(text), wildcards=True, lookup=None) for text in named]
    if statement.resources is not None:
        return lambda resource: any(matches_pattern(pattern, resource) for pattern in patterns)
    return lambda resource: not any(matches_pattern(pattern, resource) for pattern in patterns)


def _only(policy: Policy, about: frozenset[int]) -> Policy:
    return Policy(tuple(item for item in policy.statements if id(item) in about), policy.unread)


def _patterns(named: tuple[str, ...] | None, but: tuple[str, ...] | None) -> int:
    """Return about how many comparisons it takes to find whether an element is about a text."""
    return sum(1 + pattern.count("*") for pattern in (*(named or ()), *(but or ())))


def _evaluate(groups: Groups, request: Request, assignment: Assignment) -> _Evaluation:
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
    truths = list(_parties(statement, request, assignment))
    if Truth.NO in truths:
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


def _parties(statement: Statement, request: Request, assignment: Assignment) -> tuple[Truth, Truth]:
    """Return whether a statement is about the caller of a request, and about its resource."""
    caller = means(statement, request, arn_in(assignment.get(PRINCIPAL_ARN)))
    if caller is Truth.NO:
        return caller, Truth.MAYBE
    if not statement.resource_has_variables:
        return caller, _covered(statement, request.resource)
    return caller, _covers_resource(statement, request.resource, _lookup(assignment))


def _covered(statement: Statement, resource: str | None) -> Truth:
    """Return whether a statement, whose resources have no variables, is about one, as was found out before."""
    found: Truth | None = statement.covered.get(("resource", resource))
    if found is None:
        found = statement.covered["resource", resource] = _covers_resource(statement, resource, None)
    return found


def _holds(statement: Statement, condition: Condition, assignment: Assignment) -> Truth:
    state = assignment.get(condition.key, Unknown(""))
    return holds(condition, state, _lookup(assignment) if statement.has_variables else None)


def _decided_by(condition: Condition, assignment: Assignment) -> str:
    state = assignment.get(condition.key)
    if isinstance(state, Unknown):
        return state.decided_by
    return f"how AWS compares {condition.key} by {condition.operator}"


def _covers(named: tuple[str, ...] | None, but: tuple[str, ...] | None, match: Callable[[str], Truth]) -> Truth:
    """Return whether an element, or its opposite, covers what `match` asks for; YES where a statement has neither."""
    if named is not None:
        return some(map(match, named))
    return Truth.YES if but is None else some(map(match, but)).negated


def _covers_resource(statement: Statement, resource: str | None, lookup: Lookup | None) -> Truth:
    if resource is None:
        return Truth.YES

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


def _lookup(assignment: Assignment) -> Lookup:
    def value_of(key: str) -> str | None:
        state = assignment.get(key)
        if not isinstance(state, Known) or len(state.values) > 1:
            raise Unresolved
        return state.values[0] if state.values else None

    return value_of


def _possible(groups: Groups, request: Request, choices: _Choices) -> str | None:
    """Return a statement that may allow a request if each key could be chosen anew for each condition; else None."""
    options = choices.options
    first, _ = next(iter(assignments(request, options, choices.keys)), ({}, ()))

    def parts(statement: Statement) -> list[set[Truth]]:
        sets = [{every(_parties(statement, request, {**first, **one})) for one in _ones(PRINCIPAL_ARN, options)}]
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
