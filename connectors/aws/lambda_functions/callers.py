"""Who may call a function whom no policy of it names: by its own policy, and by those of its versions and aliases.

Each way in is an entrance and the policy behind it, in the model of what the internet reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from collector.core.errors import Unread
from connectors.aws._exposure.policies import effect_gate, entrance, policy_gate
from connectors.aws._exposure.sources import Space, just
from connectors.aws._exposure.verdict import Exposure, Gate, open_question, through
from connectors.aws._policy.context import Choice, KeyState, Known, Option
from connectors.aws._policy.context_keys import free
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.guarded import LAMBDA_FUNCTION
from connectors.aws._policy.openness import Question, openness
from connectors.aws._policy.statements import Policy, read_policy
from connectors.aws.lambda_functions.resources import Function, FunctionUrl
from connectors.aws.s3.resources.buckets import Bucket

# A URL made before October 2025 takes the first of these permissions alone, one made later both.
# https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
_TO_URL, _BY_URL = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"
_WITH_SIGNATURE = {"NONE": False, "AWS_IAM": True}
_ANY_AUTH = Choice(tuple(Option(Known((name,))) for name in _WITH_SIGNATURE), free)
_FAMILIES = (4, 6)  # URLs have addresses of both. https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html

_EVERYBODY = ""

_Named = tuple[str, str, Policy]
"""Whose a policy is, the ARN that it is about, and the policy."""


def callers(function: Function, buckets: Iterable[Bucket]) -> list[Exposure]:
    """Return each way by which somebody may call a function whom no policy names; open, closed or not established.

    `buckets` are read only where a policy lets in a bucket of any owner.
    """
    doubts: list[str] = []
    found: list[Exposure] = []
    for named in _policies(function, doubts):
        found += _by_api(named, function, buckets)
        found += _by_urls(named, function)
    return [*found, *(open_question(function.function_name, doubt) for doubt in doubts)]


def reached_by_url(function: Function, url: FunctionUrl, max_public_share: float) -> list[Exposure]:
    """Return whether the internet reaches a function by a URL of it, by the addresses that policies let in."""
    readers = (_own_policy,) if url.function_arn == function.function_arn else (_qualified_policies,)
    doubts: list[str] = []
    found = [
        through(function.function_name, [_door(url, version), _url_gate(named, url, version)], max_public_share)
        for named in _policies(function, doubts, readers)
        if named[1] == url.function_arn
        for version in _FAMILIES
    ]
    if not found and not doubts:
        closed = Gate(just(Space(4)), "", "no policy lets anybody call its URL")
        found.append(through(function.function_name, [closed], max_public_share))
    return [*found, *(open_question(function.function_name, doubt) for doubt in doubts)]


def _own_policy(function: Function) -> list[tuple[str, str, str]]:
    return [] if function.policy is None else [("its policy", function.function_arn, function.policy)]


def _qualified_policies(function: Function) -> list[tuple[str, str, str]]:
    return [
        (f"the policy of {item.qualifier}", f"{function.function_arn}:{item.qualifier}", item.policy)
        for item in function.qualified
    ]


_Reader = Callable[[Function], list[tuple[str, str, str]]]


def _policies(
    function: Function, doubts: list[str], readers: Iterable[_Reader] = (_own_policy, _qualified_policies)
) -> Iterator[_Named]:
    """Yield each policy. What was not read is a doubt."""
    for read in readers:
        try:
            yield from ((whose, arn, read_policy(text)) for whose, arn, text in read(function))
        except Unread as reason:
            doubts.append(str(reason))


def _by_api(named: _Named, function: Function, buckets: Iterable[Bucket]) -> Iterator[Exposure]:
    """Yield whether everybody, or a service for anybody, may call a function by the API of Lambda."""
    whose, arn, policy = named
    found = openness(policy, Question(LAMBDA_FUNCTION, arn))
    if Outcome.UNDECIDED in {effect.outcome for effect in (found.everyone, *found.services.values())}:
        try:
            ours = frozenset(f"arn:{arn.split(':')[1]}:s3:::{bucket.name}" for bucket in buckets)
        except Unread:
            ours = frozenset()
        found = openness(policy, Question(LAMBDA_FUNCTION, arn, ours=ours))
    doors = {"the API of Lambda": found.everyone}
    doors |= {f"{service}, for anybody": effect for service, effect in found.services.items()}
    for door, effect in doors.items():
        yield through(function.function_name, [entrance(door), effect_gate(effect, whose)], 0)
    yield from (open_question(function.function_name, f"{whose}: {doubt}") for doubt in found.doubts)


def _by_urls(named: _Named, function: Function) -> Iterator[Exposure]:
    """Yield what the public may do by the URLs of a function or an alias; nothing where no policy lets it."""
    _, arn, policy = named
    if not any(effect.outcome is not Outcome.DOES_NOT for effect in _asked(policy, arn, _TO_URL, _ANY_AUTH).values()):
        return
    try:
        urls = [url for url in function.urls if url.function_arn == arn]
    except Unread as reason:
        yield open_question(function.function_name, f"its policy lets everyone call it by a URL: {reason}")
        return
    for url in urls:
        for service, effect in _by_url(named, url, {}).items():
            doors = [_door(url, 4), *([entrance(f"{service}, for anybody")] if service else [])]
            yield through(function.function_name, [*doors, effect_gate(effect, named[0])], 0)


def _door(url: FunctionUrl, version: int) -> Gate:
    return entrance(f"its URL with the authentication {url.auth_type}", version)


def _url_gate(named: _Named, url: FunctionUrl, version: int) -> Gate:
    """Return the gate of a policy for those who come to a URL from the internet, by address."""
    whose, _, policy = named

    def ask(address: Known | None) -> Effect:
        return _by_url(named, url, {} if address is None else {"aws:sourceip": address})[_EVERYBODY]

    return policy_gate(ask, [policy], whose, version)


def _by_url(named: _Named, url: FunctionUrl, known: Mapping[str, KeyState]) -> dict[str, Effect]:
    """Return what everybody, under an empty name, and each service that is named may do by a URL."""
    _, arn, policy = named
    state, is_signed = Known((url.auth_type,)), _WITH_SIGNATURE.get(url.auth_type, False)
    asked = partial(_asked, policy, arn, auth=state, unsigned=not is_signed, more=known)
    by_url = asked(_BY_URL)
    found = {}
    for whom, effect in asked(_TO_URL).items():
        if effect.outcome is Outcome.ALLOWS and url.auth_type not in _WITH_SIGNATURE:
            question = f"whom the authentication {url.auth_type} lets in"
            found[whom] = Effect(Outcome.UNDECIDED, effect.by, (question,))
        elif effect.outcome is Outcome.ALLOWS and by_url[whom].outcome is not Outcome.ALLOWS:
            question = "whether the URL was made before October 2025, and so needs no right to InvokeFunction"
            found[whom] = Effect(Outcome.UNDECIDED, effect.by, (question,))
        else:
            found[whom] = effect
    return found


def _asked(
    policy: Policy,
    arn: str,
    action: str,
    auth: KeyState,
    *,
    unsigned: bool = True,
    more: Mapping[str, KeyState] | None = None,
) -> dict[str, Effect]:
    """Return what everybody, under an empty name, and each service that is named may do by a URL."""
    known: dict[str, KeyState] = {
        "lambda:functionurlauthtype": auth,
        "lambda:invokedviafunctionurl": Known(("true",)),
        **(more or {}),
    }
    found = openness(policy, Question(LAMBDA_FUNCTION, arn, actions=(action,), unsigned=unsigned, known=known))
    return {_EVERYBODY: found.everyone, **found.services}
