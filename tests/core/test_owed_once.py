"""A record is owed once, however many controls and framework versions ask for it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec.structs import replace

from collector.core.attestations import Attestation, Filed, Person, on_file, same_files
from collector.core.canonical import digest_of
from collector.core.controls import Ask, AskKind
from collector.core.tally import RecordState

DAY = date(2026, 3, 1)
POLICY = Ask(id="5.17-a", kind=AskKind.POLICY, every="12mo", text="Rules for passwords.")
AGAIN = replace(POLICY, id="A.9.3.1-5.17-a", same_as="5.17-a")
PART = replace(POLICY, id="A.9.2.4-5.17-a", text="Rules for passwords. As far as it concerns: users.", same_as="5.17-a")
OTHER = replace(POLICY, id="8.5-a", text="Sign-in standard.")
ASKS = (POLICY, AGAIN, PART, OTHER)


def filed(ask: str, leaf: int, data: bytes = b"rules", **but: object) -> Filed:
    """A valid record, in the log at an index."""
    made = Attestation(
        ask=ask,
        kind="record",
        stated_by=Person("Ann Sommer", "head of platform"),
        entered_by="ann",
        reviewed_by="Bob Winter",
        version="1",
        approved_on=date(2026, 2, 1),
        obtained_from="register",
        period=None,
        made_at=datetime(2026, 2, 1, tzinfo=UTC),
        valid_until=date(2027, 1, 31),
        file_name="rules.pdf",
        digest=digest_of(data),
        size=len(data),
    )
    return Filed(replace(made, **but), leaf, datetime(2026, 2, 1, tzinfo=UTC))


def states(*records: Filed) -> list[RecordState]:
    """The state of each of the requests."""
    found = on_file(ASKS, records, DAY)
    return [found[ask.id].state for ask in ASKS]


VALID, MISSING = RecordState.VALID, RecordState.MISSING


def test_the_record_of_the_whole_answers_its_copies_and_its_parts() -> None:
    """The same policy is not owed once for each edition; another policy is."""
    assert states(filed("5.17-a", 1)) == [VALID, VALID, VALID, MISSING]


def test_a_record_under_another_number_answers_the_whole() -> None:
    """It is the same question in the same words."""
    assert states(filed("A.9.3.1-5.17-a", 1)) == [VALID, VALID, VALID, MISSING]


def test_the_record_of_a_part_answers_that_part_alone() -> None:
    """What concerns users says nothing of machines."""
    assert states(filed("A.9.2.4-5.17-a", 1)) == [MISSING, MISSING, VALID, MISSING]


def test_a_record_that_was_taken_back_answers_nothing() -> None:
    """Wherever it had counted."""
    withdrawal = filed("5.17-a", 2, kind="withdrawal", withdraws=1, digest=None)

    assert states(filed("5.17-a", 1), withdrawal) == [MISSING] * 4


def test_the_same_file_twice_is_known() -> None:
    """One short file was accepted for seven requests without a word."""
    records = [filed("5.17-a", 1), filed("8.5-a", 2), filed("8.5-a", 3, b"another")]

    assert {digest: [one.leaf for one in found] for digest, found in same_files(records).items()} == {
        digest_of(b"rules"): [1, 2]
    }
    assert same_files([records[0], filed("5.17-a", 4, supersedes=1)]) == {}
