"""Checks: what a signature says is needed, and what an operator may set."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import Struct

from collector.core.checks import (
    All,
    Check,
    Extent,
    Limit,
    Need,
    Status,
    The,
    Verdict,
    check,
    failed,
    not_applicable,
    passed,
    unknown,
)
from collector.core.errors import ConfigError
from collector.core.resources import kind_of, resource
from tests.golden_parts import compare_error


@resource("played.user", key="name")
class User(Struct):
    """A view."""

    name: str


@resource("played.policy")
class Policy(Struct):
    """Another view."""

    length: int


class Loose(Struct):
    """A struct that is no resource."""

    name: str


def made(judge: Any, **but: Any) -> Check[...]:
    """A check of a function."""
    made_check: Check[...] = check("played_x", **{"title": "T", "severity": "low", "fix": "F", **but})(judge)
    return made_check


def limited(
    user: User,
    *,
    now: datetime,
    max_age: timedelta = timedelta(days=90),
    least: int = 2,
    share: float = 0.5,
    ports: tuple[int, ...] = (22,),
    strict: bool = False,
    word: str | None = None,
) -> Verdict:
    """A check with a limit of each type."""
    return failed(f"{user} {now} {max_age} {least} {share} {ports} {strict} {word}")


def test_a_signature_says_what_is_needed() -> None:
    """No metadata beside the code that could say otherwise."""

    def judge(user: User, policy: The[Policy], users: All[User], *, now: datetime, least: int = 2) -> Verdict:
        return passed(f"{user}{policy}{users}{now}{least}")

    made_check = made(judge, over="org")

    assert made_check.needs == (
        Need("user", kind_of(User), Extent.EACH),
        Need("policy", kind_of(Policy), Extent.THE),
        Need("users", kind_of(User), Extent.ALL),
    )
    assert made_check.limits == (Limit("least", int, 2),)
    assert made_check.wants_now
    assert made_check.subject == made_check.needs[0]
    assert (made_check.id, made_check.title, made_check.severity, made_check.fix, made_check.over) == (
        "played_x",
        "T",
        "low",
        "F",
        "org",
    )


def test_a_rule_about_a_set_has_no_subject() -> None:
    """It is judged once a scope."""

    def judge(users: All[User]) -> Verdict:
        return passed(str(users))

    assert made(judge).subject is None
    assert not made(judge).wants_now


def test_a_check_is_called_like_its_function() -> None:
    """So that it is tested in one line."""
    made_check = made(limited)

    assert made_check(User("ann"), now=datetime(2026, 3, 1), least=3).status is Status.FAIL  # noqa: DTZ001  any moment does


def two_subjects(first: User, second: User) -> Verdict:
    """Two resources one by one make pairs, which nobody means."""
    return passed(f"{first}{second}")


def no_subject(*, least: int = 1) -> Verdict:
    """Nothing to judge."""
    return passed(str(least))


def no_default(user: User, *, least: int) -> Verdict:
    """A limit that nobody has set."""
    return passed(f"{user}{least}")


def no_resource(user: Loose) -> Verdict:
    """A struct that no collection lists."""
    return passed(str(user))


@pytest.mark.parametrize(
    ("judge", "says"),
    [
        (two_subjects, "one resource or a set, not two and not nothing"),
        (no_subject, "one resource or a set, not two and not nothing"),
        (no_default, "the limit least needs a default"),
        (no_resource, "Loose is not a resource"),
    ],
)
def test_a_signature_that_makes_no_sense_is_refused_at_once(judge: Any, says: str) -> None:
    """At import, not in the first run at night."""
    with pytest.raises(TypeError, match=says):
        made(judge)


def test_limits_are_those_of_the_check_unless_set() -> None:
    """The limits in force are always complete, so that a finding can keep them all."""
    defaults = {
        "max_age": timedelta(days=90),
        "least": 2,
        "share": 0.5,
        "ports": (22,),
        "strict": False,
        "word": None,
    }

    assert made(limited).limit_values({}) == defaults
    assert made(limited).limit_values({"max_age": "60d", "ports": [22, 443]}) == {
        **defaults,
        "max_age": timedelta(days=60),
        "ports": (22, 443),
    }


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"max_age": 60}, 'expected a span of time such as "90d", got int'),
        ({"max_age": "60 days"}, "not a span of time"),
        ({"least": "3"}, "Expected `int`, got `str`"),
        ({"least": True}, "Expected `int`, got `bool`"),
        ({"least": 2.5}, "Expected `int`, got `float`"),
        ({"strict": 1}, "Expected `bool`, got `int`"),
        ({"ports": ["ssh"]}, "Expected `int`, got `str`"),
        ({"maxage": "60d"}, "has no limit 'maxage'"),
        ({"user": "ann"}, "has no limit 'user'"),
        ({"now": "2026-01-01"}, "has no limit 'now'"),
    ],
)
def test_a_limit_that_cannot_be_taken_is_refused_by_name(settings: dict[str, Any], says: str) -> None:
    """A misspelt limit that is ignored would be a rule that nobody set."""
    with pytest.raises(ConfigError) as caught:
        made(limited).limit_values(settings)

    assert "[checks.played_x]" in caught.value.what
    assert says in caught.value.what


def test_an_unknown_limit_names_those_that_there_are() -> None:
    """The next thing one wants to know."""
    with pytest.raises(ConfigError) as caught:
        made(limited).limit_values({"maxage": "60d"})
    with pytest.raises(ConfigError) as none:
        made(_plain).limit_values({"x": 1})

    assert all(limit.name in caught.value.mend for limit in made(limited).limits)
    compare_error("core/errors", "unknown limit", caught.value)
    compare_error("core/errors", "unknown limit of a check without limits", none.value)


def _plain(user: User) -> Verdict:
    return passed(str(user))


def test_there_are_four_words_for_a_verdict() -> None:
    """And nothing else."""
    assert [verdict.status.value for verdict in (passed(), failed("x"), unknown("x"), not_applicable("x"))] == [
        "pass",
        "fail",
        "unknown",
        "not_applicable",
    ]
    assert {status.value for status in Status} == {"pass", "fail", "unknown", "not_applicable"}
