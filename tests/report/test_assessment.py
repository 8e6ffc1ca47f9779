"""From a store to the status of controls: nothing that could not be seen may look like something in order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.actions.selection import incomplete_tasks
from collector.core.assess import ControlState, ControlStatus
from collector.core.checks import Status
from collector.core.errors import NotUsed
from collector.core.facts import IncompleteDiscovery
from collector.core.isms.scope import IsmsScope, System
from collector.report.state.assessment import Assessment, assessed
from collector.report.state.coverage import Scoped
from tests.golden import compare
from tests.played.connector import Recipe, played
from tests.played.platform import MEMBERS, PROJECTS, a_member, an_org

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.resources import Body
    from tests.cli.conftest import Desk
    from tests.played.session import Session

DAY = timedelta(days=1)


def control(found: Assessment, id_: str = "1.1") -> ControlState:
    """One control of the framework of these tests."""
    ((_, states),) = found.frameworks
    return next(state for state in states if state.control.id == id_)


def test_every_finding_is_counted_once(scanned: Desk) -> None:
    """The numbers of a page are the first thing that an auditor adds up."""
    found = assessed(scanned.reading())
    findings = list(scanned.world.store.findings())

    assert sum(found.verdicts.values()) == len(findings) > 0
    assert sum(tally.findings for tally in found.evidence.tallies.values()) == len(findings)
    assert (found.stale, found.unjudged, found.collection_failures) == (0, 0, ())


def test_all_seen_and_good_is_still_not_evidenced_without_a_list_of_systems(scanned: Desk) -> None:
    """Nobody has said what there is to see."""
    found = control(assessed(scanned.reading()))

    assert (found.status, str(found.coverage)) == (ControlStatus.UNKNOWN, "not stated")
    assert (found.counts.passes, found.counts.not_established) == (3, 0)


def test_a_verdict_past_its_time_to_live_is_unknown(scanned: Desk) -> None:
    """Its evidence is twice as old as its schedule: nobody knows what is there now."""
    scanned.clock.move(2 * DAY + timedelta(seconds=1))
    found = assessed(scanned.reading())
    tally = found.evidence.tallies["played_member_mfa"]

    assert (tally.passes, tally.unknown) == (0, 3)
    assert "2026-03-01T06:00:00Z" in tally.reasons[0]
    compare("report/reasons-of-old-verdicts", "\n".join(tally.reasons))
    assert found.verdicts[Status.PASS] == 0
    assert found.stale == sum(found.verdicts.values())


def test_a_verdict_stands_up_to_its_time_to_live(scanned: Desk) -> None:
    """One missed run is not yet a gap."""
    scanned.clock.move(2 * DAY)

    assert assessed(scanned.reading()).stale == 0


def test_a_verdict_is_as_old_as_the_oldest_thing_that_it_rests_on(scanned: Desk) -> None:
    """Repositories were seen again, and the setting beside which they are judged was not."""
    scanned.clock.move(DAY)
    scanned.world.run(wanted=lambda task: task.collection == "played.repo")
    scanned.clock.move(DAY + timedelta(seconds=1))
    tallies = assessed(scanned.reading()).evidence.tallies

    assert (tallies["played_repo_private"].passes, tallies["played_repo_private"].unknown) == (0, 4)
    assert tallies["played_repo_hooks_tls"].unknown == 0


def test_an_unchanged_verdict_is_as_young_as_its_last_observation(scanned: Desk) -> None:
    """History holds only changes; what did not change was seen again all the same."""
    for _ in range(5):
        scanned.clock.move(DAY)
        scanned.world.run()

    assert assessed(scanned.reading()).stale == 0


def test_a_fail_that_nobody_has_seen_lately_is_still_open(desk: Desk) -> None:
    """Not looking must not be a way to get rid of a deviation."""
    desk.platform.orgs["acme"] = an_org(members=[a_member("ann"), a_member("bob", mfa=False)])
    desk.world.run()
    desk.clock.move(3 * DAY)
    found = assessed(desk.reading())
    tally = found.evidence.tallies["played_member_mfa"]

    assert (tally.fails, tally.unknown, tally.lost, str(tally.lost_since)) == (0, 2, 1, "2026-03-01")
    assert control(found).counts.lost == 1
    assert control(found).status is ControlStatus.UNKNOWN


def test_yesterdays_verdicts_stand_when_a_list_is_refused_and_the_scope_is_unknown(scanned: Desk) -> None:
    """What was seen yesterday is dated; what is new today cannot be ruled out."""
    scanned.clock.move(DAY)
    scanned.platform.deny(MEMBERS)
    scanned.world.run()
    tally = assessed(scanned.reading()).evidence.tallies["played_member_mfa"]

    assert (tally.passes, tally.unknown) == (3, 1)


def off(_session: Session) -> Iterator[Body]:
    """A list that cannot exist."""
    yield from ()
    raise NotUsed("the API of members is off")


def test_a_list_that_cannot_exist_counts_as_looked_at(desk: Desk) -> None:
    """Nothing is missing, until the platform's word is too old."""
    desk.world.connector = played(Recipe(members=off))
    desk.world.run()
    found = assessed(desk.reading())
    tally = found.evidence.tallies["played_member_mfa"]
    day = desk.clock.now().date()
    system = System(name="all", owner="ann", environment="prod", source="code", in_scope_from=day)
    scope = IsmsScope(version="1", statement="all", approved_by="ann", approved_on=day, systems=(system,))

    assert (tally.nothing, tally.unknown) == (1, 0)
    assert found.collection_failures == ()
    assert Scoped(desk.reading(), scope).coverage().complete == ("all",)
    assert incomplete_tasks(desk.world.store) == set()
    desk.clock.move(2 * DAY + timedelta(seconds=1))
    late = assessed(desk.reading())
    assert late.evidence.tallies["played_member_mfa"].unknown == 1
    assert "played.member" in " ".join(task for failure in late.collection_failures for task in failure.tasks)


def test_a_check_that_was_never_run_is_no_pass(desk: Desk) -> None:
    """Before the first scan nothing at all is established."""
    found = assessed(desk.reading())

    assert sum(found.verdicts.values()) == 0
    assert found.unjudged > 0
    assert control(found).counts.not_established > 0
    assert control(found).status is ControlStatus.UNKNOWN


def test_a_scope_that_was_configured_after_the_last_scan_is_unknown(scanned: Desk) -> None:
    """The other organization passes; that says nothing of this one."""
    scanned.platform.orgs["globex"] = an_org()
    tally = assessed(scanned.reading()).evidence.tallies["played_member_mfa"]

    assert (tally.passes, tally.unknown) == (3, 1)
    assert "globex" in tally.reasons[0]
    compare("report/reasons-of-a-new-organization", "\n".join(tally.reasons))


def test_a_source_that_was_never_scanned_is_unknown_beside_one_that_was(scanned: Desk) -> None:
    """Two sources share a connector, and one is silent."""
    scanned.app.names.append("second")
    tally = assessed(scanned.reading()).evidence.tallies["played_member_mfa"]

    assert (tally.passes, tally.unknown) == (3, 1)


def test_what_lies_below_a_scope_that_could_not_be_opened_is_unknown(desk: Desk) -> None:
    """No project is known, so no repository has a finding of its own that could say so."""
    desk.platform.deny(PROJECTS)
    desk.world.run()
    found = assessed(desk.reading())
    tally = found.evidence.tallies["played_repo_protected"]

    assert (tally.findings, tally.unknown) == (1, 1)
    compare("report/reasons-of-a-failed-discovery", "\n".join(tally.reasons))
    assert control(found, "1.2").status is ControlStatus.UNKNOWN


def test_a_hole_counts_before_anything_was_judged_of_it(scanned: Desk) -> None:
    """A run that was killed between its plan and its verdicts leaves no finding over the hole."""
    freshness = next(iter((reading := scanned.reading()).freshness.values()))
    freshness.incomplete_discoveries = (IncompleteDiscovery("code", "project", ("acme",), "the list was refused"),)
    tally = assessed(reading).evidence.tallies["played_repo_protected"]

    assert tally.unknown == 1
    assert len(tally.reasons) == 2
    compare("report/reasons-of-a-discovery-that-was-not-judged", "\n".join(tally.reasons))


def test_a_source_that_is_not_configured_any_more_takes_its_verdicts_along(scanned: Desk) -> None:
    """Evidence that is taken away moves nothing towards good."""
    scanned.app.names[:] = []
    found = assessed(scanned.reading())

    assert found.reading.not_configured == ("code",)
    assert {current.why.partition(";")[0] for current in found.reading.findings()} == {
        "the source code is not configured any more"
    }
    assert found.verdicts[Status.PASS] == 0
    assert found.verdicts[Status.UNKNOWN] == sum(found.verdicts.values()) > 0


def test_a_disabled_check_makes_its_control_unknown(scanned: Desk) -> None:
    """Whoever turns a check off does not get a better page."""
    scanned.set('[checks.played_member_mfa]\nenabled = false\nreason = "noise"\n')
    found = assessed(scanned.reading())
    tally = found.evidence.tallies["played_member_mfa"]

    assert (tally.disabled, tally.passes, tally.unknown) == (True, 0, 3)
    compare("report/reasons-of-a-disabled-check", "\n".join([*tally.reasons, *control(found).reasons]))


def test_a_doubt_is_not_told_as_a_fail(desk: Desk) -> None:
    """Both stand in one line beside a control."""
    desk.platform.orgs["acme"] = an_org(members=[a_member("bob", mfa=False)])
    desk.world.run()
    desk.clock.move(DAY)
    desk.platform.deny(MEMBERS)
    desk.world.run()
    reasons = assessed(desk.reading()).evidence.tallies["played_member_mfa"].reasons

    assert [reason.partition(":")[0] for reason in reasons] == ["fail", "unknown"]
    compare("report/reasons-of-a-fail-and-a-refusal", "\n".join(reasons))


def test_the_past_is_read_as_it_was_known_then(scanned: Desk) -> None:
    """What was recorded later does not reach back."""
    yesterday = scanned.clock.now()
    scanned.clock.move(DAY)
    scanned.platform.orgs["acme"]["members"][0]["mfa"] = False
    scanned.world.run()

    assert assessed(scanned.reading(yesterday)).evidence.tallies["played_member_mfa"].fails == 0
    assert assessed(scanned.reading()).evidence.tallies["played_member_mfa"].fails == 1


@pytest.mark.parametrize("operation", [MEMBERS, PROJECTS])
def test_taking_a_permission_away_never_adds_a_pass(desk: Desk, operation: str) -> None:
    """From an empty store, a refusal can only make things unknown."""
    desk.platform.deny(operation)
    desk.world.run()
    refused = assessed(desk.reading())
    desk.platform.calm()
    desk.clock.move(DAY)
    desk.world.run()
    seen = assessed(desk.reading())

    for check, tally in refused.evidence.tallies.items():
        assert tally.passes <= seen.evidence.tallies[check].passes
        assert tally.findings > 0
