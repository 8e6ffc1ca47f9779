"""`annexd metrics`: what could not be seen is never a number."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.company.built_in_measures import MEASURES
from collector.report.periods.metrics_readings import Moment
from collector.report.state.assessment import assessed
from tests.cli.company_builders import write_exceptions, write_scope
from tests.cli.register_builders import write_actions, write_targets
from tests.cli.texts import compare
from tests.played.platform import MEMBERS, PROTECTION, a_repo, an_org

if TYPE_CHECKING:
    from tests.cli.conftest import Desk


def points(desk: Desk, metric: str, *words: str) -> list[Any]:
    """The readings of one measure."""
    (view,) = desk.json("metrics", "--metric", metric, *words)["metrics"]
    return list(view["points"])


def reading(desk: Desk, metric: str) -> Any:
    """The reading of now."""
    return points(desk, metric)[-1]


def test_before_anybody_looked_nothing_is_a_number(desk: Desk) -> None:
    """No zero, and no share of nothing."""
    shape = {metric["id"]: metric["points"][0]["value"] for metric in desk.json("metrics")["metrics"]}

    assert list(shape) == list(MEASURES)
    # What people owe is known without looking at any platform.
    assert {id_ for id_, value in shape.items() if value is not None} == {"records_missing"}


def test_open_deviations_are_counted_by_severity(scanned: Desk) -> None:
    """What is accepted is not open, and is counted elsewhere."""
    before = reading(scanned, "open_deviations_medium")["value"]
    write_exceptions(scanned, {})

    assert (before, reading(scanned, "open_deviations_medium")["value"]) == (1, 0)


def test_what_cannot_be_seen_stands_beside_the_count(scanned: Desk) -> None:
    """It is the least that it can be: the target is missed, or nobody can say."""
    write_targets(scanned, {"id": "open_deviations_medium", "at_least": None, "at_most": 4})
    met = reading(scanned, "open_deviations_medium")["met"]
    scanned.clock.move(timedelta(days=1))
    scanned.platform.deny(PROTECTION)
    scanned.world.run()
    after = reading(scanned, "open_deviations_medium")

    assert met is True
    assert (after["met"], after["not_established"] > 0) == (None, True)


def test_a_target_that_is_missed_by_what_was_seen_is_missed(scanned: Desk) -> None:
    """Whatever else could not be seen."""
    write_targets(scanned, {"id": "open_deviations_medium", "at_least": None, "at_most": 0})

    assert reading(scanned, "open_deviations_medium")["met"] is False


def test_a_share_of_systems_is_a_of_b(scanned: Desk) -> None:
    """And not established where nobody says which systems there are."""
    before = reading(scanned, "systems_seen")
    write_scope(scanned)
    after = reading(scanned, "systems_seen")

    assert before["value"] is None
    assert (after["value"], after["part"], after["whole"]) == (1.0, 1, 1)
    compare("cli/metrics/a-share-of-systems-is-a-of-b", scanned.says("metrics", "--metric", "systems_seen"))


def test_a_share_of_which_a_part_could_not_be_seen_is_none(scanned: Desk) -> None:
    """Who was not seen may be the one without a second factor; what was seen is told beside it."""
    moment = Moment(assessed(scanned.reading()), ())

    assert (moment.share(4, 6).value, moment.share(0, 0).value, moment.share(6, 6, 1).value) == (4 / 6, None, None)
    assert moment.share(6, 6, 1).why == "6 of 6 seen, 1 could not be"


def test_the_time_to_mend_counts_only_what_was_fixed(scanned: Desk) -> None:
    """Deleting a repository mends nothing."""
    scanned.clock.move(timedelta(days=1))
    scanned.platform.orgs["acme"] = an_org(projects={"api": [a_repo("core"), a_repo("edge")]})
    scanned.world.run()
    gone = reading(scanned, "days_to_mend")
    scanned.platform.orgs["acme"] = an_org(projects={"api": [a_repo("core", protection=None)]})
    scanned.world.run()
    scanned.clock.move(timedelta(days=2))
    scanned.platform.orgs["acme"] = an_org(projects={"api": [a_repo("core")]})
    scanned.world.run()

    assert gone["value"] is None
    assert reading(scanned, "days_to_mend")["value"] == 2


def test_an_observation_that_was_missed_is_counted(scanned: Desk) -> None:
    """Two days without a look are two that were planned and not made, for each task."""
    scanned.clock.move(timedelta(days=3))
    scanned.world.run()
    share = reading(scanned, "observations_made")

    assert 0 < share["part"] < share["whole"]


def test_an_observation_that_saw_nothing_is_counted_as_made_and_said(scanned: Desk) -> None:
    """Refused collections were made; no target is met by them."""
    write_targets(scanned, {"id": "observations_made", "at_least": 1, "at_most": None})
    whole = reading(scanned, "observations_made")
    scanned.platform.deny(MEMBERS)
    for _ in range(2):
        scanned.clock.move(timedelta(days=1))
        scanned.world.run()
    share = reading(scanned, "observations_made")

    assert (whole["value"], whole["why"], whole["met"]) == (1.0, "", True)
    assert share["part"] == share["whole"]
    assert (share["why"], share["met"]) == ("of which 1 saw nothing", False)
    assert f"{share['part']} of {share['whole']}, of which 1 saw nothing" in scanned.says("metrics")


def test_late_actions_are_a_measure(scanned: Desk) -> None:
    """Of a register that there is; without one nobody knows."""
    before = reading(scanned, "actions_late")["value"]
    write_actions(scanned, {"found_on": "2026-02-01", "due": "2026-02-28"})

    assert (before, reading(scanned, "actions_late")["value"]) == (None, 1)


def test_a_series_has_each_moment_as_it_was(scanned: Desk) -> None:
    """The day before the first scan is not established, and stays so."""
    scanned.clock.move(timedelta(days=1))
    series = points(scanned, "open_deviations_medium", "--from", "2026-02-20", "--every", "5d")

    assert [point["at"][:10] for point in series] == ["2026-02-20", "2026-02-25", "2026-03-02"]
    assert [point["value"] for point in series] == [None, None, 1]


def test_what_is_not_established_is_an_empty_cell(desk: Desk) -> None:
    """A spreadsheet would make a zero of anything else."""
    (row,) = csv.DictReader(io.StringIO(desk.says("metrics", "--metric", "open_deviations_high", "--csv")))

    assert (row["value"], row["why"]) == ("", "nobody has looked")


def test_no_measure_is_a_share_of_controls(scanned: Desk) -> None:
    """Such a number says something of controls that nobody can say."""
    text = scanned.says("metrics")

    assert "%" not in text
    assert not [metric for metric in MEASURES.values() if metric.unit == "share" and "control" in metric.formula]


@pytest.mark.parametrize(
    ("but", "says"),
    [
        ({"id": "system_seen"}, "the nearest is systems_seen"),
        ({"at_most": 1}, "a target has one side"),
        ({"at_least": None}, "a target has one side"),
        ({"at_least": 95}, "is no share"),
        ({"owner": None}, "this key is required"),
    ],
)
def test_a_target_that_cannot_be_is_refused(scanned: Desk, but: dict[str, Any], says: str) -> None:
    """With file, line and key, and the nearest word that would do."""
    write_targets(scanned, but)
    error = scanned.says("metrics", code=3)

    assert says in error
    assert "metrics.toml:" in error


@pytest.mark.parametrize(
    "words", [("--every", "never"), ("--every", "1m"), ("--to", "2026-01-01"), ("--to", "2099-01-01")]
)
def test_moments_that_cannot_be_are_refused(scanned: Desk, words: tuple[str, str]) -> None:
    """As a wrong use of the command."""
    scanned.says("metrics", "--from", "2026-02-01", *words, code=2)
