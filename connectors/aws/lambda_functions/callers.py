"""Who may call a function whom no policy of it names: by its own policy, and by those of its versions and aliases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from collector.core.errors import Unread
from connectors.aws._policy.context import Choice, KeyState, Known, Option
from connectors.aws._policy.context_keys import free
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.guarded import LAMBDA_FUNCTION
from connectors.aws._policy.openness import Question, openness
from connectors.aws._policy.statements import Policy, read_policy
from connectors.aws.lambda_functions.resources import Function
from connectors.aws.s3.resources.buckets import Bucket

_EVERYONE = "everyone"
# A URL made before October 2025 takes the first of these permissions alone, one made later both.
# https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
_TO_URL, _BY_URL = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"
_WITH_SIGNATURE = {"NONE": False, "AWS_IAM": True}
_ANY_AUTH = Choice(tuple(Option(Known((name,))) for name in _WITH_SIGNATURE), free)


@dataclass
class Callers:
    """Who may call a function, each as text, and what could not be established."""

    open: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def callers(function: Function, buckets: Iterable[Bucket]) -> Callers:
    """Return who may call a function. `buckets` are read only where a policy lets in a bucket of any owner."""
    found = Callers()
    for whose, arn, text in _policies(function, found.doubts):
        policy = read_policy(text)
        for whom, effect in _effects(policy, arn, function, buckets, found.doubts):
            if effect.outcome is Outcome.ALLOWS:
                found.open.append(f"{whom} by {whose} ({effect.by})")
            elif effect.outcome is Outcome.UNDECIDED:
                found.doubts.append(
                    f"{whose} may let in {whom}; it would be decided by: {effect.question}",
                )
    return found


def _policies(function: Function, doubts: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield for each policy whose it is, the ARN that it is about, and its text. What was not read is a doubt."""
    readers: tuple[Callable[[], list[tuple[str, str, str]]], ...] = (
        lambda: [] if function.policy is None else [("its policy", function.function_arn, function.policy)],
        lambda: [
            (f"the policy of {item.qualifier}", f"{function.function_arn}:{item.qualifier}", item.policy)
            for item in function.qualified
        ],
    )
    for read in readers:
        try:
            yield from read()
        except Unread as reason:
            doubts.append(str(reason))


def _effects(
    policy: Policy, arn: str, function: Function, buckets: Iterable[Bucket], doubts: list[str]
) -> Iterator[tuple[str, Effect]]:
    found = openness(policy, Question(LAMBDA_FUNCTION, arn))
    if Outcome.UNDECIDED in {effect.outcome for effect in (found.everyone, *found.services.values())}:
        try:
            ours = frozenset(f"arn:{arn.split(':')[1]}:s3:::{bucket.name}" for bucket in buckets)
        except Unread:
            ours = frozenset()
        found = openness(policy, Question(LAMBDA_FUNCTION, arn, ours=ours))
    doubts += found.doubts
    yield _EVERYONE, found.everyone
    yield from ((f"{_EVERYONE} through {name}", effect) for name, effect in found.services.items())
    try:
        yield from _by_url(policy, arn, function)
    except Unread as reason:
        doubts.append(f"its policy lets everyone call it by a URL: {reason}")


def _by_url(policy: Policy, arn: str, function: Function) -> Iterator[tuple[str, Effect]]:
    """Yield what the public may do by the URLs of a function or an alias. Raises Unread, where it matters."""
    if not any(effect.outcome is not Outcome.DOES_NOT for _, effect in _asked(policy, arn, _TO_URL, _ANY_AUTH)):
        return
    for url in function.urls:
        if url.function_arn != arn:
            continue
        state, is_signed = Known((url.auth_type,)), _WITH_SIGNATURE.get(url.auth_type, False)
        by_url = dict(_asked(policy, arn, _BY_URL, state, unsigned=not is_signed))
        for whom, effect in _asked(policy, arn, _TO_URL, state, unsigned=not is_signed):
            to_url = effect
            if to_url.outcome is Outcome.ALLOWS and url.auth_type not in _WITH_SIGNATURE:
                question = f"whom the authentication {url.auth_type} lets in"
                to_url = Effect(Outcome.UNDECIDED, effect.by, (question,))
            elif to_url.outcome is Outcome.ALLOWS and by_url[whom].outcome is not Outcome.ALLOWS:
                question = "whether the URL was made before October 2025, and so needs no right to InvokeFunction"
                to_url = Effect(Outcome.UNDECIDED, effect.by, (question,))
            yield f"{whom} by its URL with the authentication {url.auth_type}", to_url


def _asked(policy: Policy, arn: str, action: str, auth: KeyState, *, unsigned: bool = True) -> list[tuple[str, Effect]]:
    """Return what everyone, and each service that is named, may do by a URL."""
    known: dict[str, KeyState] = {
        "lambda:functionurlauthtype": auth,
        "lambda:invokedviafunctionurl": Known(("true",)),
    }
    found = openness(policy, Question(LAMBDA_FUNCTION, arn, actions=(action,), unsigned=unsigned, known=known))
    through = [(f"{_EVERYONE} through {name}", effect) for name, effect in found.services.items()]
    return [(_EVERYONE, found.everyone), *through]
