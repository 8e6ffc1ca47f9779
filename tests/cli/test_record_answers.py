"""`annexd record-answers`: what it leaves in the folder, its errors, and what it leaves alone."""

from __future__ import annotations

import json
import stat

import pytest

from tests.played.company import Company
from tests.played.platform import MEMBERS, TICKETS


def test_a_recording_has_answers_and_a_review_and_touches_no_store(company: Company) -> None:
    """It must be possible beside a scan, and before there is a store."""
    to = company.folder / "to"
    said = company.run("record-answers", "acme", "--to", str(to), "--json")
    written = {path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file()}

    assert said.code == 0, said.err
    assert {"REVIEW.md", "recording.json"} < written
    assert said.json["recorded"] == sum(len(json.loads(path.read_text())) for path in to.glob("answers/*.json")) > 0
    assert said.json["files"] == len(written)
    assert sorted(path.name for path in company.folder.iterdir()) == ["config.toml", "to"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in to.rglob("*.*")} == {0o600}
    assert "acme" not in "".join(path.read_text() for path in to.rglob("*.*"))


def test_the_page_names_the_review(company: Company) -> None:
    """Whoever makes a recording has to know that it is to be read first."""
    said = company.run("record-answers", "acme", "--to", str(company.folder / "to"))

    assert said.code == 0
    assert f"{company.folder / 'to'}/REVIEW.md" in said.out


def test_a_refusal_is_recorded(company: Company) -> None:
    """How a platform refuses is worth as much as how it answers."""
    company.platform.deny(TICKETS)
    said = company.run("record-answers", "acme", "--to", str(company.folder / "to"), "--json")
    answers = [
        answer for path in (company.folder / "to").glob("answers/*.json") for answer in json.loads(path.read_text())
    ]

    assert said.code == 0
    assert said.json["refused"][TICKETS] == 1
    assert {answer["operation"] for answer in answers if answer["status"] == 403} == {TICKETS}


def test_only_the_kinds_that_were_named_are_asked_for(company: Company) -> None:
    """A question about one list needs no other."""
    company.run("record-answers", "acme", "--to", str(company.folder / "to"), "--kind", "played.ticket")

    assert company.platform.served[TICKETS] > 0
    assert company.platform.served[MEMBERS] == 0


@pytest.mark.parametrize(
    ("words", "nearest"),
    [(("acmee", "--to", "new"), "acme"), (("acme", "--to", "new", "--kind", "played.tickets"), "played.ticket")],
)
def test_a_slip_in_a_name_ends_with_2_and_names_the_nearest(
    company: Company, words: tuple[str, ...], nearest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked for and nothing is made."""
    monkeypatch.chdir(company.folder)
    said = company.run("record-answers", *words)

    assert said.code == 2
    assert nearest in said.err.replace(words[0], "").replace(words[-1], "")
    assert company.platform.count == 0
    assert not (company.folder / "new").exists()


def test_a_folder_with_files_or_that_cannot_be_made_ends_with_2(company: Company) -> None:
    """Two recordings in one folder would be two kinds of inventions; and the platform is not asked for nothing."""
    full = company.run("record-answers", "acme", "--to", str(company.folder))
    below_a_file = company.run("record-answers", "acme", "--to", str(company.config / "below"))

    assert (full.code, below_a_file.code) == (2, 2)
    assert company.platform.count == 0
    assert [path.name for path in company.folder.iterdir()] == ["config.toml"]
