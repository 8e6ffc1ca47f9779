"""Connectors whose checks do not say the same of the same evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, passed
from tests.played.connector import Member, Recipe

_SEEN: list[str] = []


@check("played_member_new", title="No member is new", severity="low", fix="Get to know them")
def remembers(member: Member) -> Verdict:
    """Keeps what it has seen."""
    is_new = member.login not in _SEEN
    _SEEN.append(member.login)
    return failed(f"{member.login} is new") if is_new else passed()


@check("played_member_young", title="Accounts are young", severity="low", fix="Make another")
def asks_the_clock(member: Member, *, max_age: timedelta = timedelta(days=36_500)) -> Verdict:
    """Judges as of today whatever was observed when."""
    return passed() if datetime.now(UTC) - member.created_at < max_age else failed(f"{member.login} is old")


@check("played_member_counted", title="Members are counted", severity="low", fix="Wait")
def drifts(members: All[Member], *, now: datetime) -> Verdict:
    """Says something else at each call."""
    _SEEN.extend(member.login for member in members)
    return passed(f"{len(_SEEN)} seen by {now}")


JUDGING: dict[str, tuple[str, Recipe]] = {
    "a check that remembers": ("keeps_verdicts_that_hold", Recipe(checks=(remembers,))),
    "a check that asks the clock": ("keeps_verdicts_that_hold", Recipe(checks=(asks_the_clock,))),
    "a check that counts its calls": ("keeps_verdicts_that_hold", Recipe(checks=(drifts,))),
}
