"""The findings that changed between two moments are those that going through all findings of both shows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.report.findings.changed_findings import changed_findings, side_by_side
from collector.report.findings.changes_since import why_changed
from collector.report.periods.diff_views import diff_view
from collector.report.state.known import Reading
from tests.report.random_findings import add_random_findings

if TYPE_CHECKING:
    from datetime import datetime

    from tests.cli.conftest import Desk


def test_changes_are_those_of_going_through_all(desk: Desk) -> None:
    """By verdicts, by ends, by age in a part and of everything, and between two moments of the past."""
    half = add_random_findings(desk)
    scanned = desk.clock.now()
    seen = set()
    moments: list[tuple[datetime, datetime | None]] = [
        (half, None),
        (half - timedelta(minutes=3), half),
        (half - timedelta(days=2), scanned),
        (half - timedelta(days=30), None),
    ]
    for days_later in (0, 1, 3):
        desk.clock.move(timedelta(days=days_later))
        for since, until in (*moments, (scanned, None)):
            then = Reading(desk.app, desk.world.store, since, as_of=since)
            now = Reading(desk.app, desk.world.store, until or desk.clock.now(), as_of=until)
            expected = [
                (old, new, why)
                for old, new in side_by_side(then.findings(), now.findings())
                if (why := why_changed(old, new, since)) is not None
            ]
            found = [
                (old, new, why)
                for old, new in changed_findings(then, now)
                if (why := why_changed(old, new, since)) is not None
            ]
            assert found == expected, (since, until, days_later)
            seen |= {why for _, _, why in found}

    assert seen >= {"first seen", "ended", "age", "and back", "rule or time"}


def test_a_comparison_that_is_cut_counts_everything(desk: Desk) -> None:
    """The first of all, and the numbers of all."""
    half = add_random_findings(desk)
    store, now = desk.world.store, desk.clock.now()
    whole = diff_view(desk.app, store, store.history, half - timedelta(days=2), now, now)
    cut = diff_view(desk.app, store, store.history, half - timedelta(days=2), now, now, 3)

    assert (cut.finding_counts, cut.resource_counts) == (whole.finding_counts, whole.resource_counts)
    assert (cut.findings, cut.resources) == (whole.findings[:3], whole.resources[:3])
    assert len(whole.findings) > 3
