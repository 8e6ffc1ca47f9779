"""Charts: what is counted is drawn in proportion, and what is small or was not looked at can be seen."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from collector.core.periods import SlotState, Stretch
from collector.pages.charts import Part, length_bar, share_bar, trend
from collector.pages.linked_text import linked
from collector.pages.timeline import strip
from collector.report.periods.daily_series import Column

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def rects(drawn: object) -> list[tuple[str, float, float, float, float]]:
    """Class, x, y, width and height of each rectangle."""
    found = re.findall(
        r'<rect class="([\w-]+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', str(drawn)
    )
    return [(look, *map(float, numbers)) for look, *numbers in found]


def test_a_bar_has_its_parts_in_order_and_shows_one_of_a_thousand() -> None:
    """The one control that fails is what the bar is for."""
    drawn = rects(share_bar([Part("s-failing", "Open deviations", 1), Part("s-unknown", "", 0), Part("s-x", "x", 999)]))

    assert [look for look, *_ in drawn] == ["s-failing", "s-x"]
    assert drawn[0][3] > 4
    assert drawn[0][3] + drawn[1][3] == pytest.approx(1000, abs=0.2)


def test_a_bar_of_nothing_is_no_bar() -> None:
    """A bar without parts would look like one that is all of something."""
    assert str(share_bar([Part("s-x", "x", 0)])) == ""
    assert str(length_bar("x", 0, 5)) == ""


def test_a_bar_escapes_what_it_says() -> None:
    """A role comes from a framework file that somebody may have written."""
    assert "<b>" not in str(share_bar([Part("s-x", "<b>", 1)]))


def test_the_trend_stacks_the_worst_lowest_and_leaves_gaps_where_nobody_looked() -> None:
    """A gap that is drawn as zero would be good news that nobody has."""
    columns = [
        Column(start=START, end=START + DAY, counts={"critical": 1, "low": 3}),
        Column(start=START + DAY, end=START + 2 * DAY, counts=None),
        Column(start=START + 2 * DAY, end=START + 4 * DAY, counts={"critical": 0, "low": 2}, unseen=7),
    ]
    drawn = trend(START, START + 4 * DAY, columns, [("sev-critical", "critical"), ("sev-low", "low")])

    critical, low, gap, later = rects(drawn)
    assert (critical[0], low[0], gap[0], later[0]) == ("sev-critical", "sev-low", "missed", "sev-low")
    assert critical[2] + critical[4] == pytest.approx(120, abs=0.2)
    assert low[4] == pytest.approx(3 * critical[4], abs=0.3)
    assert low[2] + low[4] == pytest.approx(critical[2], abs=0.2)
    assert (later[1], later[3]) == (500.0, 500.0)
    assert "2 low; 7 checks not evaluated" in str(drawn)


def test_a_strip_is_as_dark_as_the_share_that_failed() -> None:
    """One of ten looked like ten of ten."""

    def fail(fails: int, unknown: int = 0) -> list[tuple[str, float, float, float, float]]:
        stretch = Stretch(
            shown=SlotState.FAIL, since=START, until=START + DAY, count=1, fails=fails, unknown=unknown, total=10
        )
        found = re.findall(
            r'<rect class="(\w+)" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"',
            str(strip(START, START + DAY, [stretch], [])),
        )
        return [(look, float(y), float(height), 0, 0) for look, y, height in found]

    assert [(look, height) for look, _, height, *_ in fail(10)] == [("fail", 18.0)]
    half = fail(5, 3)
    assert [look for look, *_ in half] == ["pass", "unknown", "fail"]
    assert half[2][2] == 9.0
    assert sum(part[2] for part in half) == pytest.approx(18)
    assert fail(1)[-1][2] == 4.0  # seen, though a tenth of 18 is less


def test_a_strip_of_what_was_not_counted_is_full() -> None:
    """An old run has a verdict and no counts."""
    stretch = Stretch(shown=SlotState.FAIL, since=START, until=START + DAY, count=1)

    assert 'class="fail" x="0.0" y="1" width="1000.0" height="18"' in str(strip(START, START + DAY, [stretch], []))


def test_links_are_put_where_their_text_is_one_after_the_other() -> None:
    """The second 1 of a sentence is not the first."""
    made = linked("1 <b> / 1 fail", [("1", "a.html"), ("1 fail", "b.html")], "../")

    assert str(made) == '<a href="../a.html">1</a> &lt;b&gt; / <a href="../b.html">1 fail</a>'


def test_a_number_that_is_not_in_its_text_is_a_fault() -> None:
    """A link that silently goes missing is a number without its list."""
    with pytest.raises(ValueError, match="is not in"):
        linked("2 fail", [("3", "a.html")])
