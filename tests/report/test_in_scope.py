"""The scope decides: what lies outside it is counted apart and moves no state, and nothing in it is lost by that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.assess import ControlStatus
from collector.core.checks import Status
from collector.core.isms.scope import SourceScope, decides
from collector.report.periods.metrics_readings import Moment, readings
from collector.report.periods.period_history import period_history
from collector.report.state.assessment import Assessment, assessed
from tests.cli.company_builders import a_system, write_exceptions, write_scope
from tests.played.connector import settings_for
from tests.played.platform import MEMBERS, SETTINGS, an_org

if TYPE_CHECKING:
    from collector.core.assess import ControlState
    from tests.cli.conftest import Desk

REVIEWED = "1.2"
PROTECTED = "played_repo_protected"


def control(found: Assessment, id_: str = REVIEWED) -> ControlState:
    """One control of the framework of these tests."""
    ((_, states),) = found.frameworks
    return next(state for state in states if state.control.id == id_)


def add_globex(desk: Desk) -> None:
    """Put a second organization under the same source."""
    desk.platform.orgs["globex"] = an_org()
    desk.world.settings = settings_for(desk.platform)


@pytest.fixture
def two(desk: Desk) -> Desk:
    """Two organizations; in each the documentation is not protected."""
    add_globex(desk)
    desk.world.run()
    return desk


def test_without_a_scope_everything_counts_and_the_page_says_so(two: Desk) -> None:
    """Who has not said what is in scope has left nothing out."""
    found = assessed(two.reading())

    assert control(found).counts.fails == 2
    assert sum(found.elsewhere.values()) == control(found).counts.elsewhere == 0
    assert "no scope is stated, so everything that was collected counts" in two.says("status")


def test_a_fail_outside_the_scope_is_counted_apart_and_fails_nothing(two: Desk) -> None:
    """One of two open deviations lies in an organization that the management system does not reach."""
    everything = assessed(two.reading())
    write_scope(two, a_system(scope=["acme"]))
    found = assessed(two.reading())
    counts = control(found).counts

    assert (counts.fails, counts.passes, counts.elsewhere) == (1, 3, 4)
    assert found.elsewhere[Status.FAIL] == found.verdicts[Status.FAIL] == 1
    both = {status: found.verdicts[status] + found.elsewhere[status] for status in Status}
    assert both == dict(everything.verdicts)
    assert two.json("status")["elsewhere"]["fail"] == 1


def test_no_subject_in_scope_fails_leaves_a_control_without_a_deviation(two: Desk) -> None:
    """The one repository of the project in scope passes; the two that fail lie elsewhere."""
    write_scope(two, a_system(scope=["acme", "web"]))
    found = assessed(two.reading())

    assert (control(found).counts.fails, control(found).counts.passes) == (0, 1)
    assert control(found).status is ControlStatus.INCOMPLETE


def test_what_could_not_be_seen_outside_the_scope_is_no_doubt(two: Desk) -> None:
    """The members of the other organization were refused."""
    write_scope(two, a_system(scope=["acme"]))
    two.clock.move(timedelta(days=3))
    two.platform.deny(MEMBERS, "globex")
    two.world.run()
    found = assessed(two.reading())

    assert control(found, "1.1").counts.not_established == 0
    assert found.elsewhere[Status.UNKNOWN] > 0
    assert found.evidence.coverage.complete == ("Code",)


def test_what_could_not_be_seen_in_scope_stays_a_doubt(two: Desk) -> None:
    """The same refusal on the other side of the line."""
    write_scope(two, a_system(scope=["globex"]))
    two.clock.move(timedelta(days=3))
    two.platform.deny(MEMBERS, "globex")
    two.world.run()

    assert control(assessed(two.reading()), "1.1").counts.not_established > 0


def test_a_setting_of_what_encloses_a_system_counts(two: Desk) -> None:
    """In scope is one project; whether its organization asks for a second factor concerns it."""
    assert decides([], SourceScope("code", ("anything",)))
    two.platform.orgs["acme"]["settings"]["two_factor_required"] = False
    two.platform.orgs["globex"]["settings"]["two_factor_required"] = False
    write_scope(two, a_system(scope=["acme", "web"]))
    two.world.run()
    tally = assessed(two.reading()).evidence.tallies["played_settings_two_factor"]

    assert (tally.fails, tally.elsewhere) == (1, 1)


def test_what_was_refused_was_not_collected(desk: Desk) -> None:
    """It is there and in neither list; nobody has looked at it."""
    add_globex(desk)
    for operation in (MEMBERS, SETTINGS, "GET /orgs/{org}/tickets", "GET /orgs/{org}/projects"):
        desk.platform.deny(operation, "globex")
    desk.world.run()
    write_scope(desk, a_system(scope=["acme"]))
    found = assessed(desk.reading())

    assert found.reconciled.not_in_scope == ()
    assert found.reconciled.in_neither == ("code: globex",)


def test_a_system_of_which_everything_was_refused_was_never_seen(desk: Desk) -> None:
    """Asked for is not seen."""
    add_globex(desk)
    for operation in (MEMBERS, SETTINGS, "GET /orgs/{org}/tickets", "GET /orgs/{org}/projects"):
        desk.platform.deny(operation, "globex")
    desk.world.run()
    write_scope(desk, a_system(scope=["globex"]))

    assert assessed(desk.reading()).evidence.coverage.never == ("Code",)


def test_measures_count_the_systems_in_scope(two: Desk) -> None:
    """The share of members with a second factor is that of the company's own."""
    two.platform.orgs["globex"]["members"][0]["mfa"] = False
    two.clock.move(timedelta(days=1))
    two.world.run()
    write_scope(two, a_system(scope=["acme"]))
    write_exceptions(two, {"subject": "docs"}, logged=True)
    two.clock.move(timedelta(days=10))
    read = readings(Moment(assessed(two.reading()), ()))

    # The one fail in scope is accepted; those elsewhere are older than nothing.
    assert read["oldest_open_deviation"].value is None


def test_a_line_over_time_leaves_out_what_lies_elsewhere(two: Desk) -> None:
    """The strip of a check agrees with its state at the end."""
    write_scope(two, a_system(scope=["acme"]))
    del two.platform.orgs["acme"]["projects"]["api"][1]
    two.clock.move(timedelta(days=1))
    two.world.run()
    reading = two.reading()
    start, end = reading.at - timedelta(hours=1), reading.at + timedelta(seconds=1)

    def last(decides_: object) -> Status:
        found = period_history(two.app, two.world.store, two.world.store.history, start, end, decides_)  # type: ignore[arg-type]
        return found.timelines[PROTECTED, "code"].evaluations[-1].status

    assert last(lambda _source, _scope: True) is Status.FAIL
    assert last(reading.decides) is Status.PASS
