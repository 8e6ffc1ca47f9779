"""The company's files in the log, and the log told leaf by leaf, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.canonical import digest_of
from collector.core.facts import CompanyFile, OperatorAct
from tests.storage.evidence import MONDAY, scan, started

if TYPE_CHECKING:
    from storage import SqlStore
    from tests.storage.evidence import TickingClock


def a_file(text: str | None, was: str | None = None, name: str = "scope") -> CompanyFile:
    """One state of a file, in pieces of three letters."""
    return CompanyFile(
        at=MONDAY,
        name=name,
        file_name=f"{name}.toml",
        by="ann",
        host="sha256:00",
        digest=None if text is None else digest_of(text.encode()),
        was=None if was is None else digest_of(was.encode()),
        pieces=tuple((text or "")[start : start + 3] for start in range(0, len(text or ""), 3)),
    )


def test_a_file_comes_back_letter_by_letter(store: SqlStore) -> None:
    """Its digest is of these bytes, line ends and all."""
    text = 'version = "3"\r\n# Zürich, 株式会社\n'
    store.write([a_file(text)])
    (found,) = store.company_files()

    assert found.text == text
    assert digest_of(found.text.encode()) == found.file.digest


def test_a_long_file_comes_back_whole(store: SqlStore) -> None:
    """A statement of applicability for four editions does not fit into a leaf."""
    text = "because = 'it is in use'\n" * 20_000
    store.write([a_file(text)])

    assert [file.text for file in store.company_files()] == [text]


def test_a_file_that_is_gone_has_no_text(store: SqlStore) -> None:
    """Empty and gone are two things."""
    store.write([a_file(""), a_file(None, "")])

    assert [file.text for file in store.company_files()] == ["", None]


def test_the_states_of_a_moment_are_those_recorded_by_then(store: SqlStore, clock: TickingClock) -> None:
    """What was recorded later says nothing of an earlier day."""
    store.write([a_file("one")])
    before = clock.now
    store.write([a_file("two", "one"), a_file("other", name="soa")])

    assert [file.text for file in store.company_files(as_of=before)] == ["one"]
    assert [file.text for file in store.company_files()] == ["one", "two", "other"]


def test_the_log_tells_every_leaf_but_those_of_tasks(store: SqlStore, clock: TickingClock) -> None:
    """Who reads the log reads it in its order."""
    store.write([started("run-1")])
    scan(store)
    before = clock.now
    act = OperatorAct(at=MONDAY, by="ann", host="sha256:00", act="backup", about={"file": "copy.db"})
    store.write([act, a_file("one")])

    everything = list(store.log())
    later = list(store.log(since=before))
    earlier = list(store.log(as_of=before))
    acts = list(store.log(kinds=["operator_act"]))

    assert [entry.kind for entry in everything][:2] == ["genesis", "run_started"]
    assert "task" not in {entry.kind for entry in everything}
    assert [entry.kind for entry in later] == ["operator_act", "company_file"]
    assert [*earlier, *later] == everything
    assert [entry.fact["about"] for entry in acts] == [{"file": "copy.db"}]
    assert [entry.leaf for entry in everything] == sorted(entry.leaf for entry in everything)
