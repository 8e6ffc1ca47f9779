"""Records of people: filed whole, valid for as long as they are, and never more than was said."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from collector.core.assess import ControlStatus
from collector.core.canonical import digest_of
from collector.core.controls import Ask, AskKind
from collector.report.state.assessment import assessed
from tests.cli.company_builders import a_system, use, write_scope
from tests.cli.texts import compare

if TYPE_CHECKING:
    from pathlib import Path

    from collector.report.state.assessment import Assessment
    from tests.cli.conftest import Desk

GIVEN = {
    "by": "Ann Sommer, head of platform",
    "reviewed-by": "Bob Winter",
    "file": "standard.pdf",
    "approved-on": "2026-02-01",
    "valid-until": "2027-01-31",
    "document-version": "2.1",
    "obtained-from": "the document register",
}


@pytest.fixture
def filing(scanned: Desk, tmp_path: Path) -> Desk:
    """Return a desk with a document, whose store takes records."""
    (tmp_path / "standard.pdf").write_bytes(b"%PDF made up" * 100_000)
    scanned.app.stores[0] = scanned.world.store
    return scanned


def attest(desk: Desk, ask: str = "1.1-a", *, code: int = 0, **but: Any) -> str:
    """File a record, everything given unless a test says otherwise."""
    words = {name.replace("_", "-"): option for name, option in but.items()}
    options = {name: option for name, option in (GIVEN | words).items() if option is not None}
    return desk.says(
        "attest", ask, *(word for name, option in options.items() for word in (f"--{name}", option)), code=code
    )


def state(desk: Desk, ask: str = "1.1-a") -> str:
    """What is on file."""
    return assessed(desk.reading()).records[ask].state.value


def leaf(text: str) -> str:
    """The leaf that a record was filed at."""
    found = re.search(r"log entry (\d+)", text)
    assert found is not None
    return found[1]


def test_a_record_is_kept_whole_and_answers_its_ask(filing: Desk, tmp_path: Path) -> None:
    """The bytes that come back are those that were filed."""
    assert state(filing) == "missing"
    printed = attest(filing)
    data = (tmp_path / "standard.pdf").read_bytes()

    assert state(filing) == "valid"
    assert digest_of(data) in printed
    assert filing.world.store.file_of(int(leaf(printed))) == data


@pytest.mark.parametrize(
    ("but", "found"),
    [
        ({"file": None}, "statement-only"),
        ({"valid_until": "2026-03-01"}, "valid"),
        ({"valid_until": "2026-02-28"}, "expired"),
        ({"approved_on": "2025-03-01", "valid_until": "2029-01-01"}, "valid"),
        ({"approved_on": "2025-02-28", "valid_until": "2029-01-01"}, "expired"),
    ],
)
def test_it_is_valid_until_its_last_day_and_no_longer_than_it_is_asked_for(
    filing: Desk, but: dict[str, Any], found: str
) -> None:
    """Twelve months are asked for; a statement is somebody's word; the played clock says 1 March 2026."""
    attest(filing, **but)

    assert state(filing) == found


def test_a_record_does_not_reach_back(filing: Desk) -> None:
    """Before it was logged nobody could have looked at it."""
    before = filing.clock.now()
    filing.clock.move(timedelta(hours=1))
    attest(filing)

    assert assessed(filing.reading(before)).records["1.1-a"].state.value == "missing"


def test_what_is_withdrawn_or_superseded_is_not_on_file(filing: Desk) -> None:
    """And it stays in the log, with who took it back."""
    first = leaf(attest(filing))
    second = leaf(attest(filing, supersedes=first, document_version="2.2"))
    attest(filing, file=None, withdraws=second, because="the wrong company", approved_on=None, valid_until=None)

    assert state(filing) == "missing"
    assert len(list(filing.world.store.attested())) == 3


@pytest.mark.parametrize(
    ("but", "says", "code"),
    [
        ({"ask": "1.1-b"}, "the nearest is 1.1-a", 2),
        ({"reviewed_by": "ann sommer"}, "does not review it", 2),
        ({"by": "Ann Sommer"}, "Name, role", 2),
        ({"approved_on": "2026-03-02"}, "yet to come", 2),
        ({"valid_until": "2026-01-31"}, "before it was approved", 2),
        ({"document_version": None}, "a document on file needs it", 2),
        ({"period": "2026-03-01..2026-01-01"}, "ends before it begins", 2),
        ({"supersedes": "1"}, "is no record for", 2),
        ({"file": "nothing.pdf"}, "cannot be read", 3),
    ],
)
def test_a_record_that_cannot_be_is_refused_and_nothing_is_written(
    filing: Desk, but: dict[str, Any], says: str, code: int
) -> None:
    """Half a record would be found in the log for ever."""
    attest(filing, **({"ask": "1.1-a"} | but), code=code)

    assert says in " ".join(filing.last_error.split())
    assert list(filing.world.store.attested()) == []


def test_late_entries_are_printed_as_such(filing: Desk) -> None:
    """What was written down afterwards is worth less, and a reader must see that."""
    attest(filing, approved_on="2026-01-15")

    compare("cli/attest/late-entries-are-printed-as-such", filing.says("asks", "--all"))


def test_the_work_list_has_what_is_missing_and_what_ends_soon(filing: Desk) -> None:
    """What is due at once comes first, and what is valid for long is not on it."""
    attest(filing, valid_until="2026-03-20")
    attest(filing, "2.1-a")
    shape = filing.json("asks")

    assert [(ask["ask"], ask["state"], ask["due"]) for ask in shape["asks"]] == [
        ("1.2-a", "missing", None),
        ("1.1-a", "ends soon", "2026-03-21"),
    ]
    assert shape["counts"]["valid"] == 1
    assert shape["asks"][0]["controls"] == ["played:1/1.2"]


def test_with_everything_on_file_a_control_has_its_evidence(filing: Desk) -> None:
    """The whole way: seen, in scope, and on file; and one expired record takes it back."""
    write_scope(filing, a_system())
    attest(filing)
    attest(filing, "2.1-a")

    def found() -> dict[str, ControlStatus]:
        ((_, states),) = assessed(filing.reading()).frameworks
        return {state.control.id: state.status for state in states}

    assert found() == {
        "1.1": ControlStatus.EVIDENCED,
        "1.2": ControlStatus.FAILING,
        "2.1": ControlStatus.EVIDENCED,
    }
    filing.clock.move(timedelta(days=400))
    assert found()["1.1"] is ControlStatus.UNKNOWN
    assert found()["2.1"] is ControlStatus.INCOMPLETE


def test_gaps_name_what_closes_most(filing: Desk) -> None:
    """What fails, what nobody could see, and what needs a person, with what to do."""
    write_scope(filing, a_system())
    attest(filing)
    shape, text = filing.json("gaps")["frameworks"][0], filing.says("gaps")

    assert [
        (obstacle["sort"], obstacle["about"], obstacle["closes"], obstacle["controls"])
        for obstacle in shape["obstacles"]
    ] == [
        ("person", "2.1-a missing", 1, ["2.1"]),
        ("person", "1.2-a missing", 0, ["1.2"]),
        ("fails", "played_repo_protected", 0, ["1.2"]),
    ]
    compare("cli/attest/gaps-name-what-closes-most", text)


@pytest.mark.parametrize("name", ["sommer, ann", "A. Sommer", "Ann Sömmer, board", "ann.sommer@acme.example", "Ann"])
def test_the_same_person_in_another_spelling_reviews_nothing(filing: Desk, name: str) -> None:
    """Two people have to be two people, and what was stated of them is printed as stated."""
    assert "likely the same person" in attest(filing, reviewed_by=name, code=2)
    assert state(filing) == "missing"
    assert "As stated: by Ann Sommer, head of platform, reviewed by Bob Winter." in attest(filing)


def test_one_file_for_two_requests_is_said(filing: Desk) -> None:
    """Nobody is refused for it, and nobody overlooks it."""
    assert "same file" not in attest(filing)
    second = attest(filing, "1.2-a")
    lines = {line["ask"]: line["same_file"] for line in filing.json("evidence-request", "list", "--all")["asks"]}

    assert "The same file was also filed for 1.1-a." in second
    assert (lines["1.1-a"], lines["1.2-a"], lines["2.1-a"]) == (["1.2-a"], ["1.1-a"], [])


def test_a_dated_review_stands_for_a_system_without_a_source(filing: Desk) -> None:
    """By whom and when is printed; its basis is a record, and it is no look."""
    write_scope(filing, a_system(), a_system(name="HR", source="none"))
    before = assessed(filing.reading())
    assert "in scope but without a source: HR" in _reasons(before)

    attest(filing, "system:HR")
    after = assessed(filing.reading())

    assert str(after.evidence.coverage) == "1 of 2 systems, 1 reviewed by a person"
    assert "in scope but without a source: HR" not in _reasons(after)
    ((_, states),) = after.frameworks
    assert states[0].basis == ("observed", "record")
    assert "reviewed by Bob Winter on 2026-02-01" in " ".join(filing.says("scope").split())


@pytest.mark.parametrize(
    "but", [{"file": None}, {"approved_on": "2025-02-01", "valid_until": "2029-01-01"}, {"valid_until": "2026-02-15"}]
)
def test_a_review_without_a_document_or_out_of_date_stands_for_nothing(filing: Desk, but: dict[str, Any]) -> None:
    """A review is good for twelve months at most, whatever it says of itself."""
    write_scope(filing, a_system(), a_system(name="HR", source="none"))
    attest(filing, "system:HR", **but)

    assert assessed(filing.reading()).evidence.coverage.no_source == ("HR",)


def test_only_a_system_without_a_source_can_be_reviewed(filing: Desk) -> None:
    """What annexd can look at is looked at."""
    write_scope(filing)

    assert "system:Code" in attest(filing, "system:Code", code=2)


def test_the_record_of_another_tool_makes_a_fail_unknown(filing: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What that tool found cannot be seen here; without the record the fail stands, and nobody owes it."""
    first = filing.app.frameworks()[0]
    other = Ask(id="1.2-b", kind=AskKind.RECORD, text="Which tool.", instead_of=("played_repo_protected",))
    changed = replace(first.controls[1], asks=(*first.controls[1].asks, other))
    use(filing, monkeypatch, controls=(first.controls[0], changed, first.controls[2]))
    ((_, before),) = assessed(filing.reading()).frameworks

    attest(filing, "1.2-b")
    ((_, after),) = assessed(filing.reading()).frameworks

    assert (before[1].status, before[1].counts.records_missing) == (ControlStatus.FAILING, 1)
    assert (after[1].status, after[1].counts.fails) == (ControlStatus.UNKNOWN, 0)
    assert any("another tool does it, by the record for 1.2-b" in reason for reason in after[1].reasons)


def test_the_record_is_owed_once_on_every_page(filing: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two controls that ask for the same policy have two requests and one record."""
    first = filing.app.frameworks()[0]
    again = Ask(id="2.1-b", kind=AskKind.POLICY, every="12mo", text="Sign-in standard.", same_as="1.1-a")
    changed = replace(first.controls[2], asks=(*first.controls[2].asks, again))
    use(filing, monkeypatch, controls=(*first.controls[:2], changed))
    view = filing.json("evidence-request", "list")
    (measure,) = filing.json("metrics", "--metric", "records_missing")["metrics"]

    assert view["counts"]["missing"] == measure["points"][-1]["value"] == 3
    assert "It also answers 2.1-b." in attest(filing)
    assert (state(filing, "1.1-a"), state(filing, "2.1-b")) == ("valid", "valid")
    assert filing.json("evidence-request", "list")["counts"]["missing"] == 2


def _reasons(found: Assessment) -> set[str]:
    return {reason for _, states in found.frameworks for control in states for reason in control.reasons}
