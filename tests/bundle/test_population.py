"""Populations and draws: complete or said not to be, repeatable by anybody, and every draw on record."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.bundle.sampling.population import Item, Population, digest_of, items_of, kinds
from collector.bundle.sampling.sampling import by_chance, by_day, by_name
from collector.core.canonical import Digest
from collector.core.errors import UsageError
from collector.core.periods import period_of
from tests.golden import compare
from tests.played.platform import MEMBERS, a_member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.conftest import Desk

DAY = timedelta(days=1)
MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")
SPAN = period_of(datetime(2026, 3, 1, tzinfo=UTC).date(), datetime(2026, 3, 31, tzinfo=UTC).date(), ZoneInfo("UTC"))


def an_item(number: int, **but: object) -> Item:
    """One item, with a digest of its own."""
    known = {
        "source": "code",
        "kind": "played.member",
        "scope": ("acme",),
        "key": f"m{number}",
        "digest": Digest(f"sha256:{number:064x}"),
        "seen_from": datetime(2026, 3, 1, 6, tzinfo=UTC),
        "gone": False,
        "happened_at": None,
        "fields": {"role": "owner" if number % 2 else "guest"},
        **but,
    }
    return Item(**known)  # type: ignore[arg-type]  # a test names what it changes


def a_population(items: Sequence[Item]) -> Population:
    """A population of these items."""
    return Population(
        kind="played.member",
        period=SPAN,
        sources=("code",),
        items=tuple(items),
        digest=digest_of(items),
        gaps=(),
    )


def test_a_population_has_all_that_was_there_in_the_period(desk: Desk) -> None:
    """Also what came after it began and what was gone before it ended: both were there."""
    desk.world.run()
    desk.clock.move(DAY)
    desk.platform.orgs["acme"]["members"].append(a_member("dora"))
    del desk.platform.orgs["acme"]["members"][0]
    desk.world.run()
    desk.clock.move(DAY)

    found = desk.json("population", "played.member", "--from", "2026-03-01", "--to", "2026-03-02")

    assert [(item["key"], item["gone"]) for item in found["items"]] == [
        ("ann", True),
        ("bob", False),
        ("carol", False),
        ("dora", False),
    ]
    assert (found["complete"], found["gaps"]) == (True, [])


def test_what_came_after_the_period_is_not_in_it(desk: Desk) -> None:
    """A population that grows after its period is over cannot be drawn from twice alike."""
    desk.world.run()
    desk.clock.move(DAY)
    before = desk.json("population", "played.member", "--from", "2026-03-01", "--to", "2026-03-01")
    desk.platform.orgs["acme"]["members"].append(a_member("dora"))
    desk.world.run()
    desk.clock.move(DAY)

    after = desk.json("population", "played.member", "--from", "2026-03-01", "--to", "2026-03-01")

    assert (after["digest"], after["count"]) == (before["digest"], 3)


def test_a_refused_list_is_no_complete_population(desk: Desk) -> None:
    """A sample from half a list says something about half a company."""
    desk.world.run()
    desk.clock.move(DAY)
    desk.platform.deny(MEMBERS)
    desk.world.run()
    desk.clock.move(DAY)

    found = desk.json("population", "played.member", "--from", "2026-03-01", "--to", "2026-03-02")

    assert not found["complete"]
    assert any("refused" in gap for gap in found["gaps"])
    shown = desk.says("population", "played.member", "--from", "2026-03-01", "--to", "2026-03-02")
    assert all(gap in " ".join(shown.split()) for gap in found["gaps"])


def test_days_that_nobody_observed_are_no_complete_population(scanned: Desk) -> None:
    """One look says nothing of the weeks before it, nor of those after it."""
    scanned.clock.move(40 * DAY)

    found = scanned.json("population", "played.member", "--from", "2026-02-01", "--to", "2026-03-31")

    assert len(found["gaps"]) == 3
    compare("bundle/population-not-observed", "\n".join(found["gaps"]))


def test_what_went_and_came_back_is_there_with_its_last_body(desk: Desk) -> None:
    """The item that is drawn has to be the one that is there."""
    members = desk.platform.orgs["acme"]["members"]
    desk.world.run()
    ann = members.pop(0)
    for change in (None, {**ann, "role": "guest"}):
        if change is not None:
            members.insert(0, change)
        desk.clock.move(DAY)
        desk.world.run()
    desk.clock.move(DAY)

    found = desk.json("population", "played.member", "--from", "2026-03-01", "--to", "2026-03-03")

    (item,) = [item for item in found["items"] if item["key"] == "ann"]
    assert not item["gone"]


def test_an_event_belongs_to_the_period_in_which_it_took_place(scanned: Desk) -> None:
    """The last change of a quarter is seen by the first scan of the next one."""
    reading = scanned.reading()
    kind = replace(kinds(reading)["played.member"], event_time="created_at")
    history = scanned.world.store.history
    of = [
        period_of(
            datetime(2026, month, 1, tzinfo=UTC).date(), datetime(2026, month, 28, tzinfo=UTC).date(), ZoneInfo("UTC")
        )
        for month in (1, 2)
    ]

    january, february = (items_of(reading, history, period, kind) for period in of)

    assert (len(january[0]), len(february[0])) == (3, 0)
    assert {item.happened_at for item in january[0]} == {datetime(2026, 1, 15, tzinfo=UTC)}


def test_an_event_without_its_time_is_counted_and_not_left_out_in_silence(scanned: Desk) -> None:
    """Nobody can say whether it belongs to the period, so the list is not complete."""
    reading = scanned.reading()
    kind = replace(kinds(reading)["played.member"], event_time="no_such_key")

    assert items_of(reading, scanned.world.store.history, SPAN, kind) == ((), 3)


def test_a_kind_that_there_is_not_is_named_with_the_nearest(scanned: Desk) -> None:
    """A misspelled kind must not look like an empty population."""
    error = scanned.says("population", "played.membre", *MARCH, code=2)

    assert "'played.membre'" in error
    assert "played.member" in error


@given(numbers=st.sets(st.integers(0, 10_000), min_size=1, max_size=40), size=st.integers(1, 50), nonce=st.text())
def test_a_draw_is_the_same_for_whoever_repeats_it(numbers: set[int], size: int, nonce: str) -> None:
    """The auditor repeats it with a few lines of their own, from the lines of the population alone."""
    found = a_population([an_item(number) for number in sorted(numbers)])

    drawn = by_chance(found, size=size, nonce=nonce, root="sha256:aa", by="")

    text = b"".join(item.line + b"\n" for item in found.items)
    digest = "sha256:" + sha256(text).hexdigest()
    seed = sha256(f"sha256:aa\n{nonce}\n{digest}\n".encode("utf-8", "surrogatepass")).digest()
    again = sorted(text.splitlines(), key=lambda line: sha256(seed + line).digest())[:size]
    assert [item.line for item in drawn.drawn] == again


def test_every_item_has_the_same_chance() -> None:
    """A draw that favours the first ones of a list tells of the first ones."""
    found = a_population([an_item(number) for number in range(20)])
    times: Counter[str] = Counter()
    for number in range(2000):
        times.update(item.key for item in by_chance(found, size=5, nonce=f"{number}", root="r").drawn)

    # 2000 draws of 5 of 20 are 500 of each; five standard deviations of a binomial around it.
    assert all(abs(times[item.key] - 500) < 5 * (2000 * 0.25 * 0.75) ** 0.5 for item in found.items)


@given(number=st.integers(0, 9), field=st.sampled_from(["key", "source", "kind"]))
def test_any_other_line_makes_another_digest_and_another_draw(number: int, field: str) -> None:
    """An item that was put in another's place would be found."""
    items = [an_item(index) for index in range(10)]
    before = a_population(items)
    items[number] = an_item(number, **{field: "another"})
    after = a_population(items)

    assert before.digest != after.digest
    assert by_chance(before, size=3, nonce="n", root="r").seed != by_chance(after, size=3, nonce="n", root="r").seed


def test_strata_are_drawn_from_each(scanned: Desk) -> None:  # noqa: ARG001  the kinds of a scanned desk are loaded
    """Five of a thousand pull requests hold no direct push; five of each way do."""
    found = a_population([an_item(number) for number in range(10)])

    drawn = by_chance(found, size=2, nonce="n", root="r", by="role")

    assert Counter(item.fields["role"] for item in drawn.drawn) == {"owner": 2, "guest": 2}


def test_a_field_that_no_item_has_is_refused() -> None:
    """Strata of nothing would be one stratum, and look like more."""
    with pytest.raises(UsageError, match="no field 'rôle'"):
        by_chance(a_population([an_item(1)]), size=1, nonce="n", root="r", by="rôle")


def test_an_item_that_the_auditor_names_has_to_be_there() -> None:
    """A sample with a hole in it must not be handed over as whole."""
    found = a_population([an_item(1), an_item(2)])

    assert [item.key for item in by_name(found, ["m2"]).drawn] == ["m2"]
    with pytest.raises(UsageError, match="has no item 'm3'"):
        by_name(found, ["m3"])


def test_a_day_gives_what_happened_on_it() -> None:
    """Dates are how auditors pick from a journal."""
    day = datetime(2026, 3, 9, tzinfo=UTC)
    found = a_population([an_item(1, happened_at=day + timedelta(hours=23)), an_item(2, happened_at=day + DAY)])

    assert [item.key for item in by_day(found, [day.date()]).drawn] == ["m1"]


def test_every_draw_is_a_leaf_and_is_counted(scanned: Desk) -> None:
    """Who draws until the sample suits leaves a trace for each time."""
    head = scanned.world.store.checkpoints.checkpoint()
    assert head is not None

    first = scanned.json("sample", "played.member", *MARCH, "--size", "2", "--nonce", "seven red boats")
    second = scanned.json("sample", "played.member", *MARCH, "--items", "bob")

    assert (first["draws"], second["draws"]) == (1, 2)
    assert first["root"] == head.root
    acts = [entry.fact for entry in scanned.world.store.log(kinds=("operator_act",))]
    assert [(act["act"], act["about"]["how"]) for act in acts] == [("draw", "size"), ("draw", "items")]
    assert len(json.loads(acts[0]["about"]["items"])) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "give one of"),
        (("--size", "2"), "needs the auditor's nonce"),
        (("--size", "2", "--nonce", "n", "--items", "bob"), "give one of"),
        (("--dates", "soon"), "is no day"),
    ],
)
def test_a_draw_that_cannot_be_is_refused_before_anything_is_written(
    scanned: Desk, words: tuple[str, ...], message: str
) -> None:
    """What stands in the log as a draw has to be one."""
    scanned.world.store.checkpoints.checkpoint()
    scanned.says("sample", "played.member", *MARCH, *words, code=2)

    assert message in scanned.last_error
    assert list(scanned.world.store.log(kinds=("operator_act",))) == []
