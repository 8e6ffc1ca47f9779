"""Retention by policy: nothing goes unasked, nothing that counts goes, nothing that is locked goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collector.core.errors import ConfigError
from collector.setup.config import load
from collector.setup.retention_policy import before
from tests.cli.texts import compare
from tests.storage.tampered import edit

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

DAY = timedelta(days=1)
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "moment"),
    [
        ("1d", datetime(2026, 3, 30, 12, tzinfo=UTC)),
        ("2w", datetime(2026, 3, 17, 12, tzinfo=UTC)),
        ("1mo", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        ("3mo", datetime(2025, 12, 31, 12, tzinfo=UTC)),
        ("48mo", datetime(2022, 3, 31, 12, tzinfo=UTC)),
        ("4y", datetime(2022, 3, 31, 12, tzinfo=UTC)),
        ("25mo", datetime(2024, 2, 29, 12, tzinfo=UTC)),
    ],
)
def test_ages_are_counted_by_the_calendar(age: str, moment: datetime) -> None:
    """A month has the days that it has."""
    assert before(age, NOW) == moment


def a_year(desk: Desk) -> None:
    """Ann changes each quarter."""
    for number in range(4):
        desk.platform.orgs["acme"]["members"][0]["role"] = f"role {number}"
        desk.world.run()
        desk.clock.move(90 * DAY)
    desk.world.run()


def bodies(desk: Desk, day: str) -> bool:
    """Whether Ann's body of a day is there."""
    return desk.json("evidence", "code", "played.member", "ann", "--as-of", day)["body"] is not None


def test_without_a_policy_everything_is_kept(desk: Desk) -> None:
    """What is not said is not done."""
    a_year(desk)

    compare("cli/retention/without-a-policy-everything-is-kept", desk.says("retention", "--apply"))
    assert bodies(desk, "2026-03-02")


def test_the_policy_drops_what_is_old_and_only_when_asked(desk: Desk) -> None:
    """A look must not cost anything."""
    a_year(desk)
    desk.set('[retention]\nbodies = "5mo"\n')
    looked = desk.json("retention")
    kept = bodies(desk, "2026-03-02")
    applied = desk.json("retention", "--apply")

    assert (looked["bodies"], looked["applied"]) == (2, False)
    assert kept
    assert (applied["bodies"], applied["applied"]) == (2, True)
    assert [bodies(desk, day) for day in ("2026-03-02", "2026-06-02", "2026-09-02", "2026-12-02")] == [
        False,
        False,
        True,
        True,
    ]
    assert desk.json("retention", "--apply")["bodies"] == 0


def test_nothing_is_dropped_by_dates_that_somebody_changed(desk: Desk) -> None:
    """Whoever moved the dates back for a moment would let annexd destroy what is in force, by an entry of its own."""
    a_year(desk)
    desk.set('[retention]\nbodies = "5mo"\n')
    path = desk.app.stores[0]._signing_keys.path.with_name("annexd.db")  # type: ignore[attr-defined]  # the store itself
    edit(path, f"UPDATE log_leaf SET recorded_at = recorded_at - {365 * DAY // timedelta(microseconds=1)}")  # noqa: S608  our own number

    said = desk.says("retention", "--apply", code=6)

    assert "it says time" in said
    edit(path, f"UPDATE log_leaf SET recorded_at = recorded_at + {365 * DAY // timedelta(microseconds=1)}")  # noqa: S608  our own number
    assert bodies(desk, "2026-03-02")
    assert desk.json("retention", "--apply")["bodies"] == 2


def test_a_locked_span_outlives_the_policy(desk: Desk) -> None:
    """Evidence of the year under audit is there when the auditor comes."""
    a_year(desk)
    desk.set('[retention]\nbodies = "1mo"\nlocked = [{ from = 2026-03-01, to = 2026-03-02, because = "audit" }]\n')
    desk.says("retention", "--apply")

    assert [bodies(desk, day) for day in ("2026-03-02", "2026-06-02", "2026-12-02")] == [True, False, True]
    compare("cli/retention/a-locked-span-outlives-the-policy", desk.says("retention"))


def test_verdicts_of_then_stay_where_their_evidence_has_gone(desk: Desk) -> None:
    """The record of what was found outlives what it was found in."""
    a_year(desk)
    desk.set('[retention]\nbodies = "1mo"\n')
    before_it = desk.json("findings", "--as-of", "2026-03-02", "--status", "all")
    desk.says("retention", "--apply")

    assert desk.json("findings", "--as-of", "2026-03-02", "--status", "all") == before_it


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('bodies = "forever"', "retention.bodies"),
        ("locked = [{ from = 2026-12-31, to = 2026-01-01 }]", "to is before from"),
        ("bodys = 1", "bodies"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """A mistyped lock protects nothing."""
    path = tmp_path / "config.toml"
    path.write_text(f"[retention]\n{text}\n")

    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert message in " ".join(caught.value.lines())
