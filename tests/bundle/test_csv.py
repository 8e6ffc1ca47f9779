"""CSV files: a text stays a text, whatever it begins with."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.bundle.tables.csv_files import line

DANGEROUS = ("=", "+", "-", "@", "|", "\t", "\r", "\n", "\x00", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def read(data: bytes) -> list[list[str]]:
    """The lines as any program reads them."""
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


@pytest.mark.parametrize(
    "text", [f"{before}{sign}1+1" for before in ("", " ", "\ufeff", "\u3000 ") for sign in DANGEROUS]
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    """White space in front, or a byte order mark, does not keep every program from running a formula."""
    assert read(line(["plain", text]))[0][1].startswith("'")


@pytest.mark.parametrize("text", ["", "a=b", "8.5", "it's", " a", "ann@example.org", "1-2"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    """A guard that changed everything would make the files useless for comparing."""
    assert read(line([text])) == [[text]]


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_every_line_has_the_fields_that_it_was_given_and_none_is_a_formula(cells: list[str]) -> None:
    """Quotes, commas and line ends of a name do not move a field."""
    data = line(cells)

    ((*fields,),) = read(data)
    assert len(fields) == len(cells)
    assert data.endswith(b"\r\n")
    assert b"\n" not in data[:-1]
    assert not any(field.lstrip().startswith(DANGEROUS) for field in fields)
