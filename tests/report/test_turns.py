"""What became of findings: fixed is only what passes on other evidence, by the same rule and limits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.report.findings.turns import Turn, turns_between
from collector.report.state.known import Reading
from tests.played.platform import PROTECTION, a_repo

if TYPE_CHECKING:
    from datetime import datetime

    from tests.cli.conftest import Desk

ALL = 1000


def turned(desk: Desk, since: datetime) -> dict[tuple[str, str], Turn]:
    """Return by check and resource what became of findings."""
    then, now = Reading(desk.app, desk.world.store, since, as_of=since), desk.reading()
    return {(found.change.check, found.change.subject): found.turn for found in turns_between(then, now, ALL).findings}


def test_a_loosened_limit_fixes_nothing(desk: Desk) -> None:
    """The repository is what it was, and passes."""
    repos = next(iter(desk.app.platform.orgs.values()))["projects"]["api"]
    repos += [a_repo("loose", protection={"reviews": 1}), a_repo("mended", protection={"reviews": 1})]
    desk.world.run()
    before = desk.clock.now()
    desk.clock.move(timedelta(days=1))
    repos[-1]["protection"] = {"reviews": 2}
    desk.world.run()
    assert turned(desk, before) == {("played_repo_protected", "mended"): "fixed"}

    between = desk.clock.now()
    desk.clock.move(timedelta(days=1))
    desk.set('[checks.played_repo_protected]\nreviews = 1\nreason = "few people"\npolicy_ref = "P-1"\n')
    desk.world.rules = desk.app.rules()
    desk.world.run(config="e")

    assert turned(desk, between) == {("played_repo_protected", "loose"): "no longer failing"}


def test_what_failed_and_is_out_of_sight_is_open_until_it_is_seen_again(desk: Desk) -> None:
    """Neither a permission that is taken away nor its return mends anything."""
    name = ("played_repo_protected", "docs")
    desk.world.run()
    before = desk.clock.now()
    desk.clock.move(timedelta(days=1))
    desk.app.platform.deny(PROTECTION, "/docs/")
    desk.world.run()
    assert turned(desk, before)[name] == "lost sight of"

    dark = desk.clock.now()
    desk.clock.move(timedelta(days=1))
    desk.app.platform.calm()
    desk.world.run()
    assert turned(desk, dark)[name] == "other"


def test_counts_are_of_all_also_where_the_list_is_cut(desk: Desk) -> None:
    """A number that is cut with its list is wrong, and looks right."""
    since = desk.clock.now() - timedelta(days=1)
    desk.world.run()
    then, now = Reading(desk.app, desk.world.store, since, as_of=since), desk.reading()

    whole, cut = turns_between(then, now, ALL), turns_between(then, now, 2)

    assert (cut.counts, cut.findings, cut.is_whole) == (whole.counts, whole.findings[:2], False)
    assert (whole.counts.total(), whole.is_whole) == (len(whole.findings), True)
