"""Long lists of findings: no page has too many, none is lost or shown twice, every section says its whole number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.bundle.site.buckets import Buckets
from collector.bundle.site.finding_sections import A_PAGE, number_of_pages, paged
from collector.bundle.site.open_ages import age_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.bundle.site.finding_sections import Section

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def pages_with(sizes: Sequence[int]) -> list[list[Section]]:
    """The pages of a list whose sections have so many items; an item is the number of its section and its own."""
    with Buckets(tuple[int, int]) as buckets:
        for section, size in enumerate(sizes):
            for number in range(size):
                buckets.add(section, (section, number))
        sections = [(section, f"a{section}", f"Section {section}") for section in range(len(sizes))]
        return list(paged(buckets, sections))  # type: ignore[arg-type]  # pairs stand for findings


@given(st.lists(st.sampled_from([0, 1, 2, A_PAGE - 1, A_PAGE, A_PAGE + 1, 2 * A_PAGE]), max_size=4))
def test_pages_have_every_finding_once_in_order(sizes: list[int]) -> None:
    """A finding between two pages would be seen by nobody."""
    pages = pages_with(sizes)

    found: list[Any] = [item for page in pages for section in page for item in section.found]
    assert found == [(section, number) for section, size in enumerate(sizes) for number in range(size)]
    assert all(sum(len(section.found) for section in page) == A_PAGE for page in pages[:-1])
    assert all(section.found for page in pages for section in page)
    assert len(pages) == number_of_pages(sum(sizes))


@given(st.lists(st.sampled_from([0, 1, A_PAGE, A_PAGE + 1]), max_size=4))
def test_a_section_begins_once_and_says_how_many_it_has(sizes: list[int]) -> None:
    """A number leads to where a section begins; two beginnings would be two lists."""
    sections = [section for page in pages_with(sizes) for section in page]

    begun = [(section.anchor, section.count) for section in sections if not section.is_continued]
    assert begun == [(f"a{number}", size) for number, size in enumerate(sizes) if size]


def test_a_list_of_nothing_is_one_page() -> None:
    """A check without findings has a page that says so."""
    assert pages_with([0, 0]) == [[]]


def test_buckets_keep_more_than_memory_holds_in_order() -> None:
    """A hundred thousand findings must not be held at once."""
    with Buckets(tuple[int, str]) as buckets:
        for number in range(3000):
            buckets.add(number % 2, (number, "x" * 1000))

        assert [number for number, _ in buckets.read(1)] == list(range(1, 3000, 2))
        assert [number for number, _ in buckets.read(1)][:2] == [1, 3]
        assert list(buckets.read("none")) == []
        assert buckets.counts[0] == 1500


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (0, "under-7-days"),
        (6, "under-7-days"),
        (7, "over-7-days"),
        (29, "over-7-days"),
        (30, "over-30-days"),
        (89, "over-30-days"),
        (90, "over-90-days"),
        (400, "over-90-days"),
    ],
)
def test_ages_begin_where_their_words_say(days: int, age: str) -> None:
    """90 days or longer has 90 days in it."""
    assert age_of(START, START + days * DAY) == age
