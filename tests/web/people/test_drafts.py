"""Drafts are checked as the file would be, and are written nowhere."""

from __future__ import annotations

import html
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.setup.toml_file import toml_text
from tests.web.people.conftest import ANN, House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXCEPTION = {
    "id": "EX-7",
    "kind": "risk_accepted",
    "check": "played_member_mfa",
    "source": "code",
    "subject": 'a "quoted" \\ na\u2028me',
    "reason": "the robot has no telephone\nand gets none",
    "owner": "Ann Sommer",
    "approver": "Eve Lang",
    "approval_ref": "minutes, item 4",
    "approved_on": "2026-02-01",
    "expires": "2026-12-31",
}
ACTION = {
    "id": "CA-9",
    "deviation": "two people left",
    "found_on": "2026-02-01",
    "origin": "incident",
    "correction": "signed out",
    "extent": "all systems",
    "owner": "Ann Sommer",
    "due": "2026-04-01",
    "controls": "played:1/1.1",
}


@pytest.fixture
def folder(house: House) -> Iterator[Path]:
    """Return the folder of the company's files."""
    folder = house.site.app.config.folder
    yield folder
    for name in ("exceptions.toml", "actions.toml"):
        (folder / name).unlink(missing_ok=True)


def draft(house: House, which: str, **sent: Any) -> tuple[str, str]:
    """Return the page and the TOML on it."""
    page = house.post(house.sign_in(ANN), f"/drafts/{which}", **sent).text.replace("<wbr>", "")
    found = re.search(r'<pre class="copy draft" tabindex="0">(.*?)</pre>', page, re.DOTALL)
    assert found is not None, page
    return page, html.unescape(re.sub("<[^>]*>", "", found[1]))


@pytest.mark.parametrize(("which", "sent"), [("exceptions", EXCEPTION), ("actions", ACTION)])
def test_a_draft_would_be_taken(house: House, folder: Path, which: str, sent: dict[str, str]) -> None:
    """What was filled in is what the file says."""
    page, text = draft(house, which, **sent)
    (entry,) = next(iter(tomllib.loads(text).values()))

    assert "The file would be taken with it" in page
    assert {name: str(value) for name, value in entry.items() if not isinstance(value, list)} == {
        name: value for name, value in sent.items() if name != "controls"
    }
    assert not (folder / f"{which}.toml").exists()


@pytest.mark.parametrize(
    "but",
    [
        {"check": "no_such_check"},
        {"source": "elsewhere"},
        {"approver": "ann sommer"},
        {"expires": "2028-01-01"},
        {"expires": "never"},
        {"kind": "wish"},
        {"subject": "a*"},
        {"reason": ""},
        {"max_subjects": "few"},
    ],
    ids=str,
)
def test_what_the_file_would_refuse_is_refused(house: House, folder: Path, but: dict[str, str]) -> None:
    """By the same check, with the key that is wrong; no path of this machine is shown."""
    page, _ = draft(house, "exceptions", **(EXCEPTION | but))

    assert "The file would be refused with it" in page
    assert next(iter(but)) in page.partition('role="alert">')[2].partition("</section>")[0]
    assert str(folder) not in page


def test_an_id_that_is_there_already_is_refused(house: House, folder: Path) -> None:
    """The entry is checked at the end of the file as it is."""
    _, text = draft(house, "exceptions", **EXCEPTION)
    (folder / "exceptions.toml").write_text(text)
    page, _ = draft(house, "exceptions", **EXCEPTION)

    assert "The file would be refused with it" in page
    assert "is there twice" in page


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_a_string_of_toml(text: str) -> None:
    """Whatever somebody pastes into the form cannot become a key of its own."""
    assert tomllib.loads(f"a = {toml_text(text)}") == {"a": text}
    assert toml_text(text).isprintable()
