"""What the store counts is what going through all findings counts, to the last reason."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.checks import Status
from tests.cli.company_builders import a_system, write_scope
from tests.played.platform import HOOKS
from tests.report.one_by_one import assess_both_ways
from tests.report.random_findings import add_random_findings, write_random_company

if TYPE_CHECKING:
    from tests.cli.conftest import Desk


@pytest.mark.parametrize("is_left_open", [True, False])
def test_random_findings_count_the_same(desk: Desk, *, is_left_open: bool) -> None:
    """Now, later when some are too old and when all are, and at a moment of the past."""
    desk.platform.deny(HOOKS)
    half = add_random_findings(desk, is_left_open=is_left_open)
    write_random_company(desk)
    counted = assess_both_ways(desk.reading())

    assert min(counted.verdicts.values()) > 0
    assert min(counted.elsewhere.values()) > 0
    tallies = counted.evidence.tallies.values()
    assert any(tally.standing for tally in tallies)
    assert any(tally.lost > tally.standing for tally in tallies)
    assert any(tally.accepted for tally in tallies)
    assert any(failure.checks for failure in counted.collection_failures if failure.how == "unread")
    write_scope(desk, a_system(scope=["globex"]))
    assess_both_ways(desk.reading())
    assess_both_ways(desk.reading(half))
    desk.clock.move(timedelta(days=2))
    assert assess_both_ways(desk.reading()).stale > 0
    desk.clock.move(timedelta(days=60))
    late = assess_both_ways(desk.reading())
    assert {status for status, total in late.verdicts.items() if total} == {Status.UNKNOWN}
