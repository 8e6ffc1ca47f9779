"""Connectors whose checks do not say the same of the same evidence."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, passed
from tests.played.connector import Member, Recipe

_CALLS = itertools.count()


@check("played_member_second", title="Members are asked twice", severity="low", fix="Ask again")
def remembers(member: Member) -> Verdict:
    """Says something else every other time."""
    return passed() if next(_CALLS) % 2 else failed(f"{member.login} was not asked before")


@check("played_member_young", title="Accounts are young", severity="low", fix="Make another")
def asks_the_clock(member: Member, *, max_age: timedelta = timedelta(days=36_500)) -> Verdict:
    """Judges as of today whatever was observed when."""
    return passed() if datetime.now(UTC) - member.created_at < max_age else failed(f"{member.login} is old")


@check("played_member_of_this_century", title="Accounts are of this century", severity="low", fix="Make another")
def asks_the_calendar(member: Member) -> Verdict:
    """Judges as of today, by a function that can also be given a time."""
    return passed() if time.gmtime().tm_year - member.created_at.year < 100 else failed(f"{member.login} is old")


@check("played_member_counted", title="Members are counted", severity="low", fix="Wait")
def drifts(members: All[Member], *, now: datetime) -> Verdict:
    """Says something else at each call."""
    return passed(f"{len([*members])} members at call {next(_CALLS)} of {now}")


JUDGING: dict[str, tuple[str, Recipe]] = {
    "a check that remembers": ("keeps_verdicts_that_hold", Recipe(checks=(remembers,))),
    "a check that asks the clock": ("keeps_verdicts_that_hold", Recipe(checks=(asks_the_clock,))),
    "a check that asks the calendar": ("keeps_verdicts_that_hold", Recipe(checks=(asks_the_calendar,))),
    "a check that counts its calls": ("keeps_verdicts_that_hold", Recipe(checks=(drifts,))),
}
