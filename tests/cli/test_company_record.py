"""The company's files in the log: what was recorded counts for its day, and what was not recorded was not said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.company_record import CompanyRecord
from collector.report.state.assessment import assessed
from collector.setup.config import load
from tests.cli.company_builders import a_system, log_files, write_exceptions, write_scope, write_soa
from tests.cli.texts import compare

if TYPE_CHECKING:
    from datetime import datetime

    from tests.cli.conftest import Desk

CHECK = "played_repo_protected"
DAY = timedelta(days=1)


def accepted(desk: Desk, as_of: datetime | None = None) -> int:
    """How many deviations are accepted."""
    return assessed(desk.reading(as_of)).evidence.tallies[CHECK].accepted


def leaves(desk: Desk) -> list[str]:
    """What the log has of the files, in its order: the name, and whether the file was there."""
    store = desk.world.store
    assert isinstance(store, CompanyRecord)
    return [
        recorded.file.name if recorded.text is not None else f"{recorded.file.name} gone"
        for recorded in store.company_files()
    ]


def test_an_exception_that_is_only_on_disk_covers_nothing_yet(scanned: Desk) -> None:
    """Whoever can write a file could otherwise accept a deviation without a trace."""
    write_exceptions(scanned, {}, logged=False)
    (exception,) = scanned.json("exceptions")["exceptions"]
    text = scanned.says("exceptions")

    assert accepted(scanned) == 0
    assert (exception["state"], exception["covers"], exception["logged_at"]) == ("not in the log yet", 0, None)
    compare("cli/company_record/an-exception-that-is-only-on-disk-covers-nothing-1", text)
    compare("cli/company_record/an-exception-that-is-only-on-disk-covers-nothing-2", scanned.last_error)


def test_once_it_is_in_the_log_it_covers_and_late_entry_is_printed(scanned: Desk) -> None:
    """It was approved on 1 February, and came into the log on 1 March."""
    write_exceptions(scanned, {}, logged=False)
    scanned.says("record")
    text = scanned.says("exceptions")

    assert accepted(scanned) == 1
    compare("cli/company_record/once-it-is-in-the-log-it-covers-and", text)
    assert scanned.last_error == ""


def test_one_that_is_widened_on_disk_is_another_one(scanned: Desk) -> None:
    """The leaf that was written for a narrow one carries no wide one."""
    write_exceptions(scanned, {})
    write_exceptions(scanned, {"expires": "2027-01-31"}, logged=False)

    assert accepted(scanned) == 0


def test_an_earlier_moment_is_read_with_the_files_of_then(scanned: Desk) -> None:
    """Today's statement of applicability says nothing about yesterday."""
    write_scope(scanned)
    log_files(scanned)
    then = scanned.clock.now()
    scanned.clock.move(DAY)
    write_scope(scanned, a_system(name="Another"))
    log_files(scanned)

    assert [system["name"] for system in scanned.json("scope")["systems"]] == ["Another"]
    assert [system["name"] for system in scanned.json("scope", "--as-of", then.isoformat())["systems"]] == ["Code"]
    compare("cli/company_record/an-earlier-moment-is-read-with-the-files-of", scanned.last_error)


def test_what_was_not_recorded_by_then_was_not_stated(scanned: Desk) -> None:
    """A file of today must not make an earlier day look better."""
    then = scanned.clock.now()
    scanned.clock.move(DAY)
    write_scope(scanned)
    write_soa(scanned, {})
    write_exceptions(scanned, {})
    found = assessed(scanned.reading(then))

    assert (found.company.scope, found.company.soa, found.company.exceptions) == (None, None, ())
    assert accepted(scanned, then) == 0
    assert scanned.json("scope", "--as-of", then.isoformat())["stated"] is False
    compare("cli/company_record/what-was-not-recorded-by-then-was-not-stated", scanned.last_error)


def test_a_source_that_left_the_configuration_is_no_mistake_in_a_file_of_then(scanned: Desk) -> None:
    """The file was right on its day."""
    write_scope(scanned, a_system(), a_system(name="Old", source="code"))
    write_exceptions(scanned, {})
    then = scanned.clock.now()
    scanned.clock.move(DAY)
    path = scanned.app.config.folder / "config.toml"
    path.write_text(path.read_text().replace("sources.code", "sources.new"))
    scanned.app = replace(scanned.app, config=load(path, {}), names=["new"])
    found = assessed(scanned.reading(then))

    assert found.company.scope is not None
    assert [exception.id for exception in found.company.exceptions] == ["EX-1"]


def test_a_file_that_is_gone_is_a_leaf_too(scanned: Desk) -> None:
    """To withdraw a scope is a decision like any other."""
    write_scope(scanned)
    log_files(scanned)
    then = scanned.clock.now()
    (scanned.app.config.folder / "scope.toml").unlink()
    scanned.clock.move(DAY)
    log_files(scanned)

    assert leaves(scanned) == ["scope", "scope gone"]
    assert assessed(scanned.reading(then)).company.scope is not None
    assert assessed(scanned.reading(scanned.clock.now())).company.scope is None


def test_what_did_not_change_is_not_recorded_again(scanned: Desk) -> None:
    """The log tells changes."""
    write_scope(scanned)
    log_files(scanned)
    log_files(scanned)

    assert leaves(scanned) == ["scope"]


def test_record_says_what_changed_in_each_file(scanned: Desk) -> None:
    """Whoever records approves what the page says, not what they remember."""
    write_exceptions(scanned, {}, {"id": "EX-2"})
    write_exceptions(scanned, {"expires": "2026-11-30"}, {"id": "EX-3"}, logged=False)
    tried = scanned.json("record", "--dry-run")
    (recorded,) = scanned.json("record")["files"]
    (again,) = scanned.json("record")["files"]

    assert [file["state"] for file in (*tried["files"], recorded, again)] == ["to be recorded", "recorded", "as before"]
    assert (recorded["added"], recorded["removed"], recorded["changed"]) == (["EX-3"], ["EX-2"], ["EX-1"])
    assert again["digest"] == recorded["digest"] != recorded["was"]
    assert leaves(scanned) == ["exceptions", "exceptions"]


def test_record_tells_another_comment_from_another_content(scanned: Desk) -> None:
    """The leaf is written, and nothing else is claimed."""
    write_scope(scanned)
    log_files(scanned)
    path = scanned.app.config.folder / "scope.toml"
    path.write_text(path.read_text() + "# reviewed\n")

    compare("cli/company_record/record-tells-another-comment-from-another-content", scanned.says("record"))


def test_record_refuses_a_file_that_cannot_be_read_and_records_none(scanned: Desk) -> None:
    """Half of what a company says would be something else that it never said."""
    write_scope(scanned)
    write_exceptions(scanned, {"check": "no_such_check"}, logged=False)
    said = scanned.says("record", code=3)

    assert "exceptions.toml" in said
    assert leaves(scanned) == []


ATTEST = ("attest", "1.1-a", "--by", "Ann, head", "--reviewed-by", "Bob", "--approved-on", "2026-02-01")
ERASE = ("erase", "code", "played.member", "ann", "--basis", "Art. 17", "--approved-by", "Eve")


@pytest.mark.parametrize(
    "words",
    [(*ATTEST, "--valid-until", "2026-12-31"), ERASE, ("retention", "--apply"), ("record",)],
    ids=lambda words: words[0],
)
def test_whatever_writes_records_the_files_first(scanned: Desk, words: tuple[str, ...]) -> None:
    """What stood when somebody acted is in the log before the act."""
    write_scope(scanned)
    before = len(scanned.json("log")["lines"])
    scanned.says(*words)
    kinds = [line["kind"] for line in scanned.json("log")["lines"]]

    assert kinds[before] == "company_file"


@pytest.mark.parametrize("words", [(*ERASE, "--dry-run"), ("retention",), ("record", "--dry-run"), ("scope",)])
def test_whatever_only_looks_records_nothing(scanned: Desk, words: tuple[str, ...]) -> None:
    """A reader has no right to write."""
    write_scope(scanned)
    scanned.says(*words)

    assert leaves(scanned) == []


def test_a_file_that_cannot_be_read_keeps_nothing_else_from_being_recorded(scanned: Desk) -> None:
    """A slip of the pen costs no evidence; what was recorded last stands, and stderr says so."""
    write_exceptions(scanned, {})
    (scanned.app.config.folder / "exceptions.toml").write_text("[[exception]]\nid = = ")
    write_scope(scanned)
    scanned.capture.readouterr()
    log_files(scanned)
    err = scanned.capture.readouterr().err

    assert leaves(scanned) == ["exceptions", "scope"]
    assert "exceptions.toml:2" in err
    compare("cli/company_record/a-file-that-cannot-be-read-keeps-nothing-else", err)
    assert scanned.says("exceptions", code=3)
