"""A record that is entered on a page is on file when a second person has approved it, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.actions import record_reviews
from collector.core.record_reviews import review_refusal
from collector.report.company.audit_request_views import records_under_review
from tests.web.people.conftest import ANN, BOB, MAURER, VERA, House
from tests.web.people.test_requests import store_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

GIVEN = {
    "ask": "1.1-a",
    "document-version": "3.1",
    "obtained-from": "intranet",
    "by": "Carl Berg",
    "role": "head of platform",
    "approved-on": "2026-02-01",
    "valid-until": "2027-01-31",
}
FILE = ("standard.pdf", b"%PDF-1.7 standard")


def enter(house: House, browser: TestClient, **but: Any) -> int:
    """Enter a record, and return its log entry."""
    answer = house.post(browser, "/records", **{**GIVEN, "file": FILE, **but})
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("/")[2])


def on_file(house: House) -> list[tuple[str, str]]:
    """Who stated each record on file, and who reviewed it."""
    return [(filed.attestation.stated_by.name, filed.attestation.reviewed_by) for filed in store_of(house).attested()]


def test_a_second_person_puts_it_on_file(house: House) -> None:
    """One entry is entered, two are approved and on file, and the bytes come back from each."""
    ann, bob, before = house.sign_in(ANN), house.sign_in(BOB), on_file(house)
    leaf = enter(house, ann)
    assert on_file(house) == before
    assert "to be reviewed" in bob.get(f"/records/{leaf}").text
    assert bob.get(f"/records/{leaf}/file").content == FILE[1]

    assert house.post(bob, f"/records/{leaf}", do="approve").status_code == 303
    filed = list(store_of(house).attested())[-1]
    assert on_file(house) == [*before, ("Carl Berg", "Bob Winter")]
    assert filed.attestation.entered_by == "Ann Sommer (ann at https://login.example.org)"
    assert store_of(house).file_of(filed.leaf) == FILE[1]
    assert house.post(bob, f"/records/{leaf}", do="approve").status_code == 400


def test_the_same_subject_under_another_name_is_the_same_person(house: House) -> None:
    """A name is what a provider says today; issuer and subject are who it is."""
    leaf, before = enter(house, house.sign_in(ANN)), on_file(house)
    renamed = house.sign_in({"sub": "ann", "name": "Zoe Quist"})

    assert "under whatever name" in renamed.get(f"/records/{leaf}").text
    assert house.post(renamed, f"/records/{leaf}", do="approve").status_code == 400
    assert on_file(house) == before


def test_one_person_with_two_accounts_is_likely_one_person(house: House) -> None:
    """Two subjects with one name do not make two people."""
    leaf, before = enter(house, house.sign_in(ANN)), on_file(house)
    second = house.sign_in({"sub": "ann2", "name": "Sommer, Ann", "groups": ["isms"]})

    assert house.post(second, f"/records/{leaf}", do="approve").status_code == 400
    assert on_file(house) == before


def test_what_was_written_into_the_log_otherwise_counts_as_little(house: House) -> None:
    """A review by whoever entered the record is in the log, and decides nothing."""
    leaf = enter(house, house.sign_in(ANN))
    record = records_under_review(store_of(house))[leaf]
    from collector.core.record_reviews import RecordReviewed

    review = RecordReviewed(at=record.logged_at, by=record.entered.by, entered=leaf, decision="approved", text="")
    store_of(house).write([review])

    assert records_under_review(store_of(house))[leaf].review is None
    assert review_refusal(record, record.entered.by)


def test_it_is_returned_with_a_reason(house: House) -> None:
    """And is never on file then."""
    ann, bob, before = house.sign_in(ANN), house.sign_in(BOB), on_file(house)
    leaf = enter(house, ann)

    assert house.post(bob, f"/records/{leaf}", do="return", text=" ").status_code == 400
    assert house.post(bob, f"/records/{leaf}", do="return", text="last year's").status_code == 303
    assert house.post(bob, f"/records/{leaf}", do="approve").status_code == 400
    assert on_file(house) == before


@pytest.mark.parametrize(
    "but",
    [
        {"ask": "9.9-z"},
        {"file": None},
        {"file": ("empty.pdf", b"")},
        {"by": ""},
        {"role": " "},
        {"approved-on": "2026-03-02"},
        {"approved-on": "soon"},
        {"approved-on": ""},
        {"valid-until": "2026-01-31"},
        {"document-version": ""},
        {"obtained-from": ""},
        {"from": "2026-01-01"},
        {"from": "2026-02-01", "to": "2026-01-01"},
    ],
    ids=str,
)
def test_what_is_not_whole_is_not_entered(house: House, but: dict[str, Any]) -> None:
    """The same as with the command; the played clock says 1 March 2026."""
    ann, before = house.sign_in(ANN), records_under_review(store_of(house))

    assert house.post(ann, "/records", **{**GIVEN, "file": FILE, **but}).status_code == 400
    assert records_under_review(store_of(house)) == before


def test_a_file_that_is_too_large_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is read whole."""
    monkeypatch.setattr("collector.web.people.forms.LARGEST_FORM", 10_000)

    assert house.post(house.sign_in(ANN), "/records", **GIVEN, file=("a.pdf", b"x" * 20_000)).status_code == 413


@pytest.mark.parametrize("who", [VERA, MAURER], ids=lambda who: str(who["sub"]))
def test_others_neither_see_nor_enter_records(house: House, who: dict[str, Any]) -> None:
    """An auditor sees what is on file, and not what somebody is about to file."""
    browser = house.sign_in(who)

    assert [browser.get(path).status_code for path in ("/records", "/records/1", "/records/1/file")] == [403] * 3
    assert house.post(browser, "/records", **GIVEN, file=FILE).status_code == 403


def test_one_person_files_only_so_much_a_day(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be too much is not recorded, under whatever name; another person still may."""
    ann, known = house.sign_in(ANN), records_under_review(store_of(house)).values()
    by_ann = sum(record.entered.record.size or 0 for record in known if record.entered.by.subject == ANN["sub"])
    monkeypatch.setattr(record_reviews, "MOST_A_DAY", by_ann + 2 * len(FILE[1]))
    enter(house, ann)
    enter(house, ann)
    before = len(records_under_review(store_of(house)))

    for browser in (ann, house.sign_in({**ANN, "name": "Zoe Quist"})):
        refused = house.post(browser, "/records", **GIVEN, file=FILE)
        assert refused.status_code == 400
        assert "a day" in refused.text
    assert len(records_under_review(store_of(house))) == before

    enter(house, house.sign_in(BOB))
    assert len(records_under_review(store_of(house))) == before + 1


def test_a_file_that_is_not_what_its_name_says_is_refused(house: House) -> None:
    """A program under the name of a document is not recorded, and the form says why."""
    ann = house.sign_in(ANN)
    before = len(records_under_review(store_of(house)))

    answer = house.post(ann, "/records", **GIVEN, file=("standard.pdf", b"MZ program"))

    assert answer.status_code == 400
    assert "its content is of another kind" in answer.text
    assert len(records_under_review(store_of(house))) == before
