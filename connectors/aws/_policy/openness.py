"""Whom the policies of a resource let in whom nobody named: everybody, and services that act for anybody.

One answer for every kind of resource with a policy; `guarded` says what may be asked of each kind. Buckets have AWS's
own answer (s3:GetBucketPolicyStatus), and their access points: see connectors/aws/s3.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.aws._policy.context import Choice, KeyState
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.guarded import Guarded
from connectors.aws._policy.named import services_named
from connectors.aws._policy.patterns import filled, has_wildcard, matches
from connectors.aws._policy.requests import Asker, anonymous, best_of, service_for_strangers, strangers
from connectors.aws._policy.statements import ANYONE, Policy
from connectors.aws._policy.work import Work

_ACCOUNT_FIELD = 4
_ANY_SERVICE = "any0.amazonaws.com"


@dataclass(frozen=True)
class Openness:
    """What policies do with requests of people and services that they do not name.

    `everyone` is the most open effect for anybody; `services` those for each service that is named, acting for
    anybody. `doubts` has what neither of them decides.
    """

    everyone: Effect
    services: Mapping[str, Effect] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    def services_with(self, outcome: Outcome) -> list[tuple[str, Effect]]:
        """Return the services with an outcome, sorted."""
        return sorted((name, effect) for name, effect in self.services.items() if effect.outcome is outcome)


@dataclass(frozen=True)
class Question:
    """What is asked of a resource: a kind, its ARN, and what else is known.

    `unsigned`: whether requests without a signature are possible where the kind has none. `actions` and `resources` in
    place of those of the kind. `ours`: ARNs that are of the owner, whatever their text says; `known` as that of a kind.
    """

    kind: Guarded
    arn: str
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    unsigned: bool = False
    ours: Collection[str] = ()
    known: Mapping[str, KeyState] = field(default_factory=dict)
    limits: Sequence[Sequence[Policy]] = ()

    @property
    def owner(self) -> str:
        """The account of the resource."""
        return self.arn.split(":")[_ACCOUNT_FIELD]

    def prepared(self, asker: Asker) -> Asker:
        """Return a caller with what is known of such requests."""
        known = {**self.kind.known, **self.known}
        source = asker.keys.get("aws:sourcearn")
        if self.ours and isinstance(source, Choice):
            known["aws:sourcearn"] = _without(source, frozenset(self.ours))
        return asker.knowing(known)


def openness(policy: Policy, question: Question) -> Openness:
    """Return whom a policy lets in without naming them. Never raises, whatever the policy says."""
    work = Work()
    every_policy = [policy, *(limit for group in question.limits for limit in group)]
    actions = question.actions or tuple(dict.fromkeys((*question.kind.actions, *_named(policy, question.kind))))
    resources = _resources(policy, question)

    def asked(askers: Iterable[Asker], names: Sequence[str]) -> Effect:
        prepared = map(question.prepared, askers)
        return best_of([policy], prepared, names, resources, work, question.limits)

    anybody = strangers(every_policy, owner=question.owner)
    if question.unsigned or not question.kind.is_signed:
        anybody = [anonymous(question.owner), *anybody]
    anybody += _by_any_service(policy, every_policy, question.owner)
    everyone = asked(anybody, actions)
    services = {
        service: asked(service_for_strangers(service, every_policy, owner=question.owner), actions)
        for service in sorted(services_named([policy]))
    }
    doubts = list(_nameless(policy))
    if everyone.outcome is Outcome.DOES_NOT and not question.actions:
        new = asked(anybody, [filled(text) for text in _unmet(policy, question.kind)])
        if new.outcome is not Outcome.DOES_NOT:
            doubts.append(f"{new.by}: whether {question.kind.prefix} has an action that its pattern meets")
    return Openness(everyone, services, tuple(doubts))


def _by_any_service(policy: Policy, every_policy: Sequence[Policy], owner: str) -> list[Asker]:
    """Return services that act for anybody, where a policy lets everybody in and asks for whom a service acts.

    To AWS everybody is each of its services too: so a topic may send to a queue whose policy names no service.
    """
    sources = (
        condition
        for statement in policy.allowing
        if statement.not_principals or any(item.name == ANYONE for item in statement.principals or ())
        for condition in statement.conditions
        if condition.key.startswith("aws:source")
    )
    return service_for_strangers(_ANY_SERVICE, every_policy, owner=owner) if any(sources) else []


def _without(choice: Choice, ours: frozenset[str]) -> Choice:
    """Return a choice without the resources that are known to be the owner's."""
    fit = choice.fit
    return Choice(
        tuple(option for option in choice.options if not ours.intersection(option.known.values)),
        None
        if fit is None
        else lambda text, is_pattern: (
            option for option in fit(text, is_pattern) if not ours.intersection(option.known.values)
        ),
    )


def _action_texts(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        yield from (*(statement.actions or ()), *(statement.not_actions or ()))


def _named(policy: Policy, kind: Guarded) -> list[str]:
    """Return the actions of the service that a policy names in full."""
    own = f"{kind.prefix}:"
    named = (text for text in _action_texts(policy) if not has_wildcard(text))
    return [text for text in named if text.lower().startswith(own) and text.lower() not in kind.apart]


def _unmet(policy: Policy, kind: Guarded) -> list[str]:
    """Return the patterns of Allow statements that meet no action that is known, and may meet one of the service."""
    patterns = {text for statement in policy.allowing for text in statement.actions or () if has_wildcard(text)}
    beginning = f"{kind.prefix}:"
    return sorted(
        text
        for text in patterns
        if not any(matches(text, action) for action in kind.actions)
        and matches(f"{text.partition(':')[0]}:", beginning)
    )


def _resources(policy: Policy, question: Question) -> list[str]:
    """Return the ARN of a resource, of something in it, and of what the policy names in it; or what is asked for."""
    if question.resources:
        return list(question.resources)
    named = (text for statement in policy.statements for text in statement.resources or ())
    inner = (filled(text) for text in named if text.startswith((f"{question.arn}:", f"{question.arn}/")))
    return list(dict.fromkeys([question.arn, *(f"{question.arn}{rest}" for rest in question.kind.inside), *inner]))


def _nameless(policy: Policy) -> Iterator[str]:
    """Yield a doubt for each principal of an Allow that is neither of an account nor a service."""
    for statement in policy.allowing:
        for principal in statement.principals or ():
            if principal.kind not in ("AWS", "Service"):
                yield f"{statement.label}: whom it means by {principal.kind} {principal.name[:60]}"
