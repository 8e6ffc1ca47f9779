"""What is printed: harmless in a terminal, whole in a pipe, and within its width."""

from __future__ import annotations

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from collector.cli.terminal.page import Page, Styled, page
from collector.core.plain_text import safe
from collector.report.json_text import json_text

HOSTILE = ["a\x1b[2Jb", "a\x9b2Jb", "a\u202eb", "a\u2066b", "a\nb", "a\rb", "a\x00b", "a\u200bb", "a\u2028b", "a\x7fb"]


class Terminal(io.StringIO):
    """Stdout as a terminal."""

    def isatty(self) -> bool:
        """Say that somebody is looking."""
        return True


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_cannot_steer_the_terminal(name: str) -> None:
    """A resource is named by whoever may make one; printing it must not clear, hide or turn round anything."""
    out = io.StringIO()
    Page(out).rows([(name, name)])
    Page(out).line(Styled(name, "red"))
    Page(out).verbatim([name])

    assert name not in out.getvalue()
    assert set(out.getvalue()) <= set("ab\\x0123456789bdfuUe[2J \n")


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    """Whatever a platform allows in a name, each character is printed as one that can be seen."""
    assert not [
        character for character in safe(text) if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "[bold]x[/bold]", "{key}", "%s", "café", "名前"])
def test_a_harmless_name_is_printed_as_it_is(name: str) -> None:
    """Markup of whatever sort is text here, and the reader has to find the thing again."""
    out = io.StringIO()
    Page(out).rows([(name,)], indent=0)

    assert out.getvalue() == f"{name}\n"


@given(st.text())
def test_json_is_exact_and_harmless(text: str) -> None:
    """A machine gets the very name; a terminal that shows the document gets printable ASCII."""
    document = json_text({"name": text})

    assert json.loads(document)["name"] == text
    assert all(" " <= character <= "~" or character == "\n" for character in document)


@given(
    st.lists(st.text(alphabet=st.sampled_from("ab 名:/-"), max_size=60), min_size=1, max_size=4), st.integers(40, 120)
)
def test_no_line_is_wider_than_the_terminal(texts: list[str], width: int) -> None:
    """A line that the terminal breaks by itself destroys the columns below it."""
    out = io.StringIO()
    sheet = Page(out, width=width)
    sheet.line(*texts)
    sheet.paragraph(" ".join(texts), indent=6)
    sheet.rows([("a word", text) for text in texts])

    assert max(cell_len(line) for line in out.getvalue().splitlines() or [""]) <= width


def test_a_digest_is_never_cut_in_two() -> None:
    """It is copied, and compared by eye."""
    digest = "sha256:" + "0123456789abcdef" * 4
    out = io.StringIO()
    Page(out, width=80).rows([("root of the list", digest), ("when", "now")])

    assert digest in out.getvalue()


def test_a_pipe_gets_whole_lines_without_colour() -> None:
    """Whoever greps must find the word, and in its line."""
    out = io.StringIO()
    page(out).paragraph(Styled("word " * 100, "red"))

    assert out.getvalue() == ("word " * 100).strip() + "\n"


@pytest.mark.parametrize(
    ("name", "value", "coloured"), [("X", "1", True), ("NO_COLOR", "1", False), ("TERM", "dumb", False)]
)
def test_colour_is_for_those_who_want_it(
    name: str, value: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_COLOR is a promise to people who cannot read colours, and to terminals that cannot show them."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    out = Terminal()
    page(out).line(Styled("fail", "red"))

    assert ("\x1b[31m" in out.getvalue()) is coloured


def test_nothing_is_green() -> None:
    """Green would say that all is well, which nobody here can know."""
    with pytest.raises(KeyError):
        Page(io.StringIO(), colour=True).line(Styled("pass", "green"))
