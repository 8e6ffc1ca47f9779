"""Checks: pure functions from what was seen to a verdict, and what they say they need."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any, Generic, Literal, ParamSpec, Protocol, TypeVar

import msgspec
from msgspec import Struct

from collector.core.errors import ConfigError
from collector.core.resources import Kind, kind_of
from collector.core.scopes import Scope
from collector.core.spans import parse_span

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

Severity = Literal["critical", "high", "medium", "low"]


class Status(Enum):
    """The four things a check can say."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Verdict(Struct, frozen=True):
    """What a check says of a subject, always with a reason that a person can read."""

    status: Status
    reason: str


def passed(reason: str = "") -> Verdict:
    """The condition holds; without a reason the check's title is given."""
    return Verdict(Status.PASS, reason)


def failed(why: str) -> Verdict:
    """The condition does not hold; `why` names the thing and the numbers."""
    return Verdict(Status.FAIL, why)


def unknown(why: str) -> Verdict:
    """What was seen does not decide it."""
    return Verdict(Status.UNKNOWN, why)


def not_applicable(why: str) -> Verdict:
    """The platform's documented behaviour makes the question meaningless for this subject; nothing else may."""
    return Verdict(Status.NOT_APPLICABLE, why)


class _The:
    pass


The = Annotated[R, _The]
"""A parameter type: the one resource of this kind in the nearest enclosing scope. Unread where it was not seen."""


class All(Protocol[R_co]):
    """A parameter type: every resource of this kind in the scope judged.

    Iterating raises Unread unless every task that the set needs is complete and fresh; it may be repeated, and streams.
    """

    def __iter__(self) -> Iterator[R_co]:
        """Yield each view."""

    def scoped(self) -> Iterator[tuple[Scope, R_co]]:
        """Yield each view with the scope that it was seen in."""

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes that were looked at, those without a resource too. Raises Unread as iterating does."""


class Extent(Enum):
    """How much of a kind a check needs."""

    EACH = "each"
    THE = "the"
    ALL = "all"


@dataclass(frozen=True)
class Need:
    """One parameter of a check that is filled with evidence."""

    parameter: str
    kind: Kind
    shape: Extent


@dataclass(frozen=True)
class Limit:
    """A number, span or list that an operator may set for a check."""

    name: str
    type: Any
    default: Any


@dataclass(frozen=True)
class Check(Generic[P]):
    """A rule with what it says of itself; called like the function that it wraps."""

    id: str
    title: str
    severity: Severity
    fix: str
    over: str | None
    needs: tuple[Need, ...]
    limits: tuple[Limit, ...]
    wants_now: bool
    judge: Callable[P, Verdict]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Verdict:
        """Judge, as the wrapped function does."""
        return self.judge(*args, **kwargs)

    @property
    def subject(self) -> Need | None:
        """The need that this check judges one by one; None for a rule about a set."""
        return next((need for need in self.needs if need.shape is Extent.EACH), None)

    def limit_values(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Return every limit, with the operator's value where there is one. Raises ConfigError."""
        known = {limit.name: limit for limit in self.limits}
        for name in settings:
            if name not in known:
                have = ", ".join(known) or "none"
                raise ConfigError(f"[checks.{self.id}] has no limit {name!r}", mend=f"limits of this check: {have}")
        return {limit.name: self._value(limit, settings) for limit in self.limits}

    def _value(self, limit: Limit, settings: dict[str, Any]) -> Any:  # noqa: ANN401  as the check declares it
        if limit.name not in settings:
            return limit.default
        given = settings[limit.name]
        try:
            return (
                msgspec.convert(given, limit.type, dec_hook=_span)
                if limit.type is not timedelta
                else _span(timedelta, given)
            )
        except (msgspec.ValidationError, ValueError) as error:
            raise ConfigError(f"[checks.{self.id}] {limit.name} = {given!r}: {error}") from error


def _span(of: type, value: Any) -> Any:  # noqa: ANN401  msgspec's own signature
    if of is timedelta and isinstance(value, str):
        return parse_span(value)
    message = f'expected a span of time such as "90d", got {type(value).__name__}'
    raise ValueError(message)


def check(
    id: str,  # noqa: A002  the word of the field
    *,
    title: str,
    severity: Severity,
    fix: str,
    over: str | None = None,
) -> Callable[[Callable[P, Verdict]], Check[P]]:
    """Make a pure function a check.

    Its positional parameters say what it needs: a view is judged one by one, The[view] is the one in the nearest
    enclosing scope, All[view] a complete set. `over` is the level of scope that a rule about a set is judged for, the
    level of its first set where left out; "source" is the whole source. Keyword parameters are limits, and `now`, the
    moment at which the evidence was observed.
    """

    def wrap(judge: Callable[P, Verdict]) -> Check[P]:
        needs, limits, wants_now = _read(judge)
        return Check(
            id=id,
            title=title,
            severity=severity,
            fix=fix,
            over=over,
            needs=needs,
            limits=limits,
            wants_now=wants_now,
            judge=judge,
        )

    return wrap


def _read(judge: Callable[..., Verdict]) -> tuple[tuple[Need, ...], tuple[Limit, ...], bool]:
    hints = typing.get_type_hints(judge, include_extras=True)
    needs: list[Need] = []
    limits: list[Limit] = []
    wants_now = False
    for name, parameter in inspect.signature(judge).parameters.items():
        hint = hints[name]
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            needs.append(_need(name, hint))
        elif name == "now":
            wants_now = True
        elif parameter.default is inspect.Parameter.empty:
            message = f"{judge.__qualname__}: the limit {name} needs a default"
            raise TypeError(message)
        else:
            limits.append(Limit(name, hint, parameter.default))
    if sum(need.shape is Extent.EACH for need in needs) > 1 or not needs:
        message = f"{judge.__qualname__}: a check judges one resource or a set, not two and not nothing"
        raise TypeError(message)
    return tuple(needs), tuple(limits), wants_now


def _need(name: str, hint: Any) -> Need:  # noqa: ANN401  an annotation
    if typing.get_origin(hint) is All:
        return Need(name, kind_of(typing.get_args(hint)[0]), Extent.ALL)
    if typing.get_origin(hint) is Annotated and _The in typing.get_args(hint)[1:]:
        return Need(name, kind_of(typing.get_args(hint)[0]), Extent.THE)
    return Need(name, kind_of(hint), Extent.EACH)
