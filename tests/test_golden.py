"""Golden files can fail, and hide nothing but what varies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import golden, golden_parts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of golden files with one in it."""
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    monkeypatch.setattr(golden, "WRITES", False)
    (tmp_path / "status.txt").write_text("last run <time>\n")
    return tmp_path


def test_what_varies_is_not_compared(folder: Path) -> None:
    """A golden file that held a time would be another one every day."""
    assert (folder / "status.txt").exists()
    golden.compare("status", "last run 2026-11-30T06:00:00Z  ")


@pytest.mark.parametrize("text", ["last scan 2026-11-30T06:00:00Z", "last run", ""])
def test_another_text_is_told(folder: Path, text: str) -> None:
    """A golden file that accepts anything guards nothing."""
    assert (folder / "status.txt").exists()
    with pytest.raises(AssertionError):
        golden.compare("status", text)


@pytest.mark.usefixtures("folder")
def test_a_missing_file_is_told() -> None:
    """Whoever adds a command must read what it prints once."""
    with pytest.raises(AssertionError):
        golden.compare("findings", "anything")


def test_writing_accepts_what_is_printed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make golden` is the one way to change a file."""
    monkeypatch.setattr(golden, "WRITES", True)
    golden.compare("status", "another text")
    monkeypatch.setattr(golden, "WRITES", False)

    golden.compare("status", "another text")
    assert (folder / "status.txt").read_text() == "another text\n"


@pytest.mark.parametrize(("part", "text"), [("denied", "another text"), ("denied", ""), ("missing", "refused")])
def test_a_part_of_a_golden_file_is_compared(folder: Path, part: str, text: str) -> None:
    """Another text fails, and so does a part that nobody has read."""
    (folder / "reasons.txt").write_text("== denied ==\nrefused\n\n== other ==\nlater\n")
    golden_parts.compare_part("reasons", "denied", "refused")

    with pytest.raises(AssertionError):
        golden_parts.compare_part("reasons", part, text)


def test_writing_a_part_keeps_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test writes its own part only."""
    monkeypatch.setattr(golden, "WRITES", True)
    golden_parts.compare_part("reasons", "b", "second")
    golden_parts.compare_part("reasons", "a", "first")

    assert (folder / "reasons.txt").read_text() == "== a ==\nfirst\n\n== b ==\nsecond\n"
