"""One verdict from what all people get: a rule is judged for every set of people that the policies tell apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from collector.core.checks import Verdict, failed, not_applicable, passed, unknown
from connectors.googleworkspace._policy.reducing import Field, Policies, Situation, Value

_MOST_NAMED = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UnclearError(Exception):
    """A value that decides is not there, or is not one that Google documents."""


class Answer(Enum):
    """What a rule says of one set of people."""

    GOOD = "good"
    BAD = "bad"
    UNCLEAR = "unclear"
    OFF = "off"


@dataclass(frozen=True)
class Values:
    """What some people get, read by type. Each method raises UnclearError where the value does not say it."""

    values: Mapping[Field, Value]

    def flag(self, one: Field) -> bool:
        """Return a value that is true or false."""
        value = self._value(one)
        if not isinstance(value, bool):
            raise UnclearError(f"{one.name} is {value!r}, which is neither true nor false")
        return value

    def number(self, one: Field) -> int:
        """Return a whole number."""
        value = self._value(one)
        if isinstance(value, bool) or not isinstance(value, int):
            raise UnclearError(f"{one.name} is {value!r}, which is no number")
        return value

    def word(self, one: Field, known: Collection[str]) -> str:
        """Return one of the words that Google documents and that a rule knows."""
        value = self._value(one)
        if value not in known:
            raise UnclearError(f"{one.name} is {value!r}; only {', '.join(sorted(known))} are understood")
        return str(value)

    def text(self, one: Field) -> str:
        """Return a text."""
        value = self._value(one)
        if not isinstance(value, str) or not value or value.endswith("_UNSPECIFIED"):
            raise UnclearError(f"{one.name} is {value!r}, which says nothing")
        return value

    def span(self, one: Field) -> timedelta:
        """Return a duration, which Google writes as seconds: `43200s`."""
        value = self._value(one)
        try:
            return timedelta(seconds=float(str(value).removesuffix("s")))
        except (ValueError, OverflowError):
            raise UnclearError(f"{one.name} is {value!r}, which is no duration") from None

    def moment(self, one: Field) -> datetime | None:
        """Return a time; None for the beginning of 1970, by which Google says that there is none."""
        value = self._value(one)
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise UnclearError(f"{one.name} is {value!r}, which is no time") from None
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return moment if moment > _EPOCH else None

    def shown(self, one: Field) -> str:
        """Return a field with its value, for people."""
        suffix = ", Google's default" if self.values[one].is_default else ""
        return f"{one.name} is {_shown(self.values[one].value)}{suffix}"

    def _value(self, one: Field) -> Any:
        found = self.values[one].value
        if found is None:
            raise UnclearError(f"{one.setting.type} is not set, and Google documents no default for {one.name}")
        return found


@dataclass(frozen=True)
class Rule:
    """What has to hold for everybody. `wrong` returns what is wrong with the values of the fields, or None."""

    fields: tuple[Field, ...]
    wrong: Callable[[Values], str | None]


@dataclass(frozen=True)
class Judged:
    """What a rule says of one set of people, with the reason where it is not good."""

    answer: Answer
    people: str
    why: str


def judge(policies: Policies, rules: Sequence[Rule], *, service: Field | None = None, of_service: str = "") -> Verdict:
    """Return the verdict on rules that all have to hold for everybody.

    `service` says whether the service is on that the rules are about, and `of_service` is its name: where it is off,
    nothing else counts.
    """
    judged = [one for rule in rules for one in judge_all(policies, rule, service)]
    bad = _listed(judged, Answer.BAD)
    if bad:
        return failed(bad)
    unclear = _listed(judged, Answer.UNCLEAR)
    if unclear:
        return unknown(unclear)
    if all(one.answer is Answer.OFF for one in judged):
        return not_applicable(f"{of_service} is off for everybody, so its settings do nothing")
    told = {one.people for one in judged if one.answer is Answer.GOOD}
    return passed(f"it holds for all {len(told)} sets of people that the policies tell apart" if len(told) > 1 else "")


def judge_all(policies: Policies, rule: Rule, service: Field | None = None) -> Iterator[Judged]:
    """Yield what a rule says of each set of people."""
    fields = rule.fields if service is None else (*rule.fields, service)
    for situation in policies.situations(fields):
        yield _judged(policies, situation, rule, service)


def _judged(policies: Policies, situation: Situation, rule: Rule, service: Field | None) -> Judged:
    people = policies.units.named(situation.people)
    if service is not None and situation.values[service].value == "DISABLED" and situation.applies:
        return Judged(Answer.OFF, people, "")
    try:
        wrong = rule.wrong(Values(situation.values))
    except UnclearError as why:
        return Judged(Answer.UNCLEAR, people, str(why))
    if wrong is None:
        return Judged(Answer.GOOD, people, "")
    if service is not None and situation.values[service].value is None:
        # Google lists no state of a service that none of the company's licences has; this is nowhere documented.
        return Judged(
            Answer.UNCLEAR, people, f"{wrong}, unless the service is off: {service.setting.type} is not listed"
        )
    if situation.applies and situation.exists:
        return Judged(Answer.BAD, people, wrong)
    return Judged(Answer.UNCLEAR, people, f"{wrong}, if this policy applies to anybody: {_whom(situation)}")


def _whom(situation: Situation) -> str:
    """Return the queries that decide to whom the values of a situation apply."""
    queries = {value.policy.query.query or value.policy.name for value in situation.values.values() if value.policy}
    return "; ".join(sorted(queries))


def _listed(judged: Sequence[Judged], answer: Answer) -> str:
    """Return what is wrong for whom, the first few; empty where there is none."""
    texts = list(dict.fromkeys(f"{one.people}: {one.why}" for one in judged if one.answer is answer))
    more = f"; and {len(texts) - _MOST_NAMED} more" if len(texts) > _MOST_NAMED else ""
    return "; ".join(texts[:_MOST_NAMED]) + more


def _shown(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
