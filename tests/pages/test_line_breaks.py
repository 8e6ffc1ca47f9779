"""Where lines break: never inside a run of digits, and nowhere that changes what is copied."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from collector.pages.line_breaks import with_line_breaks

_WORDS = st.text(st.sampled_from("ab9:/._-<&'\" ="), max_size=120)


def test_an_account_number_stays_whole_in_a_long_name() -> None:
    """A number that is cut in two is another number."""
    made = with_line_breaks("<td>arn:aws:iam::111122223333:role/annexd-reader</td>")

    assert "<wbr>111122223333:<wbr>" in made


def test_networks_and_versions_stay_whole() -> None:
    """10.0.0.0/ at the end of a line reads like a whole network."""
    made = with_line_breaks("<td>everything-from-the-network-10.20.30.40/16-and-v1.22.333</td>")

    assert "<wbr>" in made
    assert "10.20.30.40/16-<wbr>" in made
    assert made.endswith("v1.22.333</td>")


def test_a_day_and_a_moment_are_one_piece() -> None:
    """Browsers break after a hyphen, also between two numbers."""
    made = with_line_breaks(
        "<td>since 2026-03-01, seen 2026-03-02T04:05:06Z; id-2026-03-01-x; at 2026-03-02T04:05:06.123456+00:00.</td>"
    )

    assert '<span class="num">2026-03-01</span>,' in made
    assert '<span class="num">2026-03-02T04:05:06Z</span>;' in made
    assert 'id-<span class="num">2026-03-01</span>-x' in made
    assert '<span class="num">2026-03-02T04:05:06.123456+00:00</span>.' in made


def test_tags_styles_and_titles_stay_as_they_are() -> None:
    """A break inside an address or a style sheet would break the page."""
    page = (
        "<style>.abcdefghijklmnopqrstuvwxyzabcdef{color:red}</style><title>abcdefghijklmnopqrstuvwxyzabcdefgh</title>"
        '<a href="abcdefghijklmnopqrstuvwxyz/abcdefghijkl/2026-03-01.html">x</a>'
    )

    assert with_line_breaks(page) == page


@given(_WORDS)
def test_only_places_to_break_are_added_and_none_between_digits(text: str) -> None:
    """What is copied from the page is what was written into it."""
    made = with_line_breaks(f"<p>{html.escape(text)}</p>")

    assert html.unescape(re.sub(r"<[^>]*>", "", made)) == text
    assert not re.search(r"\d<wbr>\d", made)
    assert not re.search(r"&[^;<]*<wbr>", made)
