"""A read that showed a fail and is refused afterwards: the deviation stays open, first as it was, then as last seen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.assess import ControlStatus
from collector.core.checks import Status
from collector.report.periods.metrics_readings import Moment, readings
from collector.report.state.assessment import Assessment, assessed
from tests.cli.company_builders import write_exceptions
from tests.played.platform import PROTECTION, SETTINGS

if TYPE_CHECKING:
    from collector.core.assess import ControlState
    from tests.cli.conftest import Desk

DAY = timedelta(days=1)
PROTECTED = "played_repo_protected"


def control(found: Assessment) -> ControlState:
    """The control about reviewed changes."""
    ((_, states),) = found.frameworks
    return next(state for state in states if state.control.id == "1.2")


def later(desk: Desk, days: int) -> None:
    """Scan once a day."""
    for _ in range(days):
        desk.clock.move(DAY)
        desk.world.run()


@pytest.fixture
def refused(scanned: Desk) -> Desk:
    """A desk where the protection of the documentation failed, and cannot be read a day later."""
    scanned.platform.deny(PROTECTION)
    later(scanned, 1)
    return scanned


def test_the_finding_is_unknown_at_once_and_the_control_keeps_failing(refused: Desk) -> None:
    """Otherwise taking a permission away would be the way out of a deviation."""
    found = assessed(refused.reading())
    tally = found.evidence.tallies[PROTECTED]
    finding = next(item for item in refused.reading().findings(check=PROTECTED) if item.id.subject == "docs")

    assert finding.status is Status.UNKNOWN
    assert "last seen failing since 2026-03-01T06:00:00Z" in finding.why
    assert (tally.fails, tally.lost, tally.standing) == (0, 1, 1)
    assert (control(found).status, control(found).label) == (ControlStatus.FAILING, "Open deviations (1)")


def test_past_its_time_to_live_it_reads_last_seen_failing_and_stays_open(refused: Desk) -> None:
    """Scanning on without the permission does not make the old verdict younger."""
    later(refused, 2)
    found = assessed(refused.reading())
    read = readings(Moment(found, ()))

    assert control(found).status is ControlStatus.UNKNOWN
    assert (control(found).counts.lost, control(found).counts.fails) == (1, 0)
    assert any("1 last seen failing since 2026-03-01" in reason for reason in control(found).reasons)
    assert read["oldest_open_deviation"].value == 3


def test_seen_again_it_is_what_it_is(refused: Desk) -> None:
    """The permission is back, and with it the fail; nothing is counted twice."""
    refused.platform.calm()
    later(refused, 1)
    tally = assessed(refused.reading()).evidence.tallies[PROTECTED]

    assert (tally.fails, tally.lost, tally.standing) == (1, 0, 0)


def test_what_was_never_decided_fails_nothing(desk: Desk) -> None:
    """On a fresh store a lost list is unknown, with the number of checks that could not run."""
    desk.platform.deny(PROTECTION)
    desk.world.run()
    found = assessed(desk.reading())

    assert control(found).status is ControlStatus.UNKNOWN
    assert (control(found).counts.lost, control(found).counts.not_run) == (0, 1)


def test_an_accepted_fail_that_cannot_be_read_is_unknown(scanned: Desk) -> None:
    """An exception covers nothing unknown, and what was accepted does not become a deviation by being refused."""
    write_exceptions(scanned, {"scope": ["acme", "api"]})
    assert assessed(scanned.reading()).evidence.tallies[PROTECTED].accepted == 1

    scanned.platform.deny(PROTECTION)
    later(scanned, 1)

    assert control(assessed(scanned.reading())).status is ControlStatus.UNKNOWN


def test_a_setting_that_failed_and_is_refused_is_still_open(scanned: Desk) -> None:
    """The same for a list of one that a whole set is judged by."""
    scanned.platform.orgs["acme"]["settings"]["two_factor_required"] = False
    later(scanned, 1)
    scanned.platform.deny(SETTINGS)
    later(scanned, 1)
    tally = assessed(scanned.reading()).evidence.tallies["played_settings_two_factor"]

    assert tally.fails + tally.lost >= 1
    later(scanned, 4)
    assert assessed(scanned.reading()).evidence.tallies["played_settings_two_factor"].lost == 1
