"""A run under a clock that a platform contradicts: what commands and the bundle say of it, and that all judge alike."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from collector.bundle.reevaluation.reevaluation import replay_bundle
from collector.report.state.clock_views import clock_anomalies
from tests.bundle.conftest import Office
from tests.bundle.verifiers import ours, theirs
from tests.cli.conftest import Desk
from tests.played.platform import MEMBERS

DAY = timedelta(days=1)


def dates(desk: Desk, off: timedelta) -> Callable[[str], dict[str, str]]:
    """Dates of a platform whose clock is so far ahead of this machine's."""
    return lambda _operation: {"Date": format_datetime(desk.clock.now() + off, usegmt=True)}


@pytest.fixture
def late(desk: Desk, tmp_path: Path) -> Office:
    """An office with a scan under a right clock, and one while this machine's is 60 days behind the platform's."""
    desk.platform.headers = dates(desk, timedelta())
    desk.world.run()
    desk.clock.move(DAY)
    desk.platform.headers = dates(desk, 60 * DAY)
    desk.world.run()
    desk.clock.move(timedelta(hours=1))
    return Office(desk, tmp_path)


def test_verify_counts_them(late: Office) -> None:
    """How many, since which entry, how far, of which source: the order of the log holds all the same."""
    report = late.desk.json("verify")
    tasks = len(late.desk.world.events.done)
    said = late.desk.says("verify")

    assert report["platform_clocks"] == {
        "runs": 1,
        "collections": tasks,
        "first": late.desk.json("log", "--kind", "clock_anomaly")["lines"][0]["leaf"],
        "largest_seconds": -60 * 86_400,
        "source": "code",
        "run": "run-2",
        "whose": "unclear",
        "sources": ["code"],
    }
    assert (report["clock_anomalies"], report["first_clock_anomaly"]) == (0, None)
    assert f"clock_anomaly, {tasks} collections in 1 run saw a platform's clock differ" in said
    assert "60d behind that of code" in said


def test_without_one_there_is_nothing_to_say(office: Office) -> None:
    """What is zero is not printed."""
    assert office.desk.json("verify")["platform_clocks"] is None
    assert "clock_anomaly" not in office.desk.says("verify")
    assert office.desk.json("status")["clocks"] == []


def test_status_says_it_until_a_run_under_a_right_clock(late: Office) -> None:
    """Then nothing that counts rests on it any more; the log has it for ever."""
    wrong = late.desk.json("status")["clocks"]
    shown = late.desk.says("status")
    late.desk.platform.headers = dates(late.desk, timedelta())
    late.desk.world.run()

    assert [(clock["run"], clock["largest_seconds"], clock["whose"]) for clock in wrong] == [
        ("run-2", -60 * 86_400, "unclear")
    ]
    assert "clock_anomaly: in run run-2 this machine's clock was 60d behind" in shown
    assert late.desk.json("status")["clocks"] == []
    assert late.desk.json("verify")["platform_clocks"]["runs"] == 1


def test_a_clock_that_is_set_back_after_a_run_makes_nothing_fresh(scanned: Desk) -> None:
    """What was too old at the newest run is too old for whoever reads with a clock of before."""
    scanned.clock.move(10 * DAY)
    scanned.platform.deny(MEMBERS)
    scanned.world.run()
    then = scanned.json("status")
    scanned.clock.move(-9 * DAY)
    now = scanned.json("status")

    assert (then["clock_says"], now["clock_says"]) == (None, "2026-03-02T06:00:00Z")
    assert now["at"] == then["at"]
    assert now["verdicts"] == then["verdicts"]
    assert now["stale"] == then["stale"] > 0
    assert "clock_anomaly: this machine's clock says 2026-03-02T06:00:00Z" in scanned.says("status")


def test_the_log_has_it_as_soon_as_it_was_seen(late: Office) -> None:
    """A run that is killed has told of it."""
    lines = late.desk.json("log", "--kind", "clock_anomaly")["lines"]

    assert len(lines) == 2
    assert all("run run-2: this machine's clock was 60d behind" in line["line"] for line in lines)
    assert "clock anomaly run run-2" in late.desk.says("log")


def test_the_cover_and_the_sheets_of_a_bundle_say_it(late: Office) -> None:
    """Who reads only the first page knows that its dates are doubted."""
    late.desk.json("export", "out.zip", "--from", "2026-02-01", "--to", "2026-03-03")
    with zipfile.ZipFile(late.folder / "out.zip") as bundle:
        files = {name.partition("/")[2]: bundle.read(name) for name in bundle.namelist()}
    pages = {name: re.sub("<wbr>|</?span[^>]*>", "", data.decode()) for name, data in files.items() if ".html" in name}
    cover = pages["data/index.html"]
    sheets = [
        text for text in pages.values() if "information produced by the entity" in text and "Declared call" in text
    ]

    assert "clock_anomaly at 2026-03-02T06:00:00Z" in cover
    assert sheets
    assert all("clock_anomaly: this machine's clock was 60d behind" in text for text in sheets)


def test_a_clock_that_was_behind_is_in_the_bundle_of_the_period_by_its_place(late: Office) -> None:
    """Its entries are dated before the period, and that is just what is doubted."""
    found = clock_anomalies(late.store)
    made = late.export()

    assert [view.leaf for view in found if made.head.first <= view.leaf < made.head.end] == [found[0].leaf]


def test_the_bundle_judges_as_the_store_did(late: Office) -> None:
    """Unknown there is unknown here: both clocks are in the record."""
    late.export()
    again = replay_bundle(late.folder / "out.zip")
    verdicts = late.desk.world.verdicts("played_member_rotated")

    again.prove()
    assert (ours(late.folder / "out.zip", late.key), theirs(late.folder / "out.zip", late.key)) == ("", "")
    assert set(verdicts.values()) == {"unknown"}
    assert late.desk.json("replay")["differences"] == []
