"""A record that one person enters and another one reviews; only then is it on file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from collector.actions.file_pieces import pieces_of
from collector.core.attestations import Attestation, Attested
from collector.core.errors import UsageError
from collector.core.record_reviews import RecordEntered, RecordReviewed, RecordUnderReview, review_refusal
from collector.report.company.audit_request_views import records_under_review

if TYPE_CHECKING:
    from collector.core.identities import Identity
    from storage import SqlStore


MOST_A_DAY = 256 << 20
"""Bytes of files that one person may enter on one day of UTC: what is in the log stays there."""


def enter_record(store: SqlStore, record: Attestation, data: bytes, by: Identity) -> RecordUnderReview:
    """Write a record into the log, to be reviewed; `record` has no reviewer yet. It answers nothing so far.

    Raises UsageError, and then nothing is written, where it is more than one person may enter on a day.
    """
    entry = RecordEntered(
        at=store.now(), by=by, record=replace(record, entered_by=str(by), reviewed_by=""), pieces=tuple(pieces_of(data))
    )
    with store.alone():
        if _entered_on_day(store, entry) + len(data) > MOST_A_DAY:
            raise UsageError(
                f"one person may enter {MOST_A_DAY >> 20} MiB of files a day",
                so="nothing was recorded",
                mend="enter it tomorrow, or on the command line: annexd evidence-request answer",
            )
        store.write([entry])
    # Others may have entered theirs meanwhile.
    stated = replace(entry, pieces=())
    return next(record for record in reversed(records_under_review(store).values()) if record.entered == stated)


def _entered_on_day(store: SqlStore, entry: RecordEntered) -> int:
    """Return the bytes that a person entered on the day of an entry, the entry itself not included."""
    return sum(
        record.entered.record.size or 0
        for record in records_under_review(store).values()
        if record.logged_at.date() == entry.at.date()
        and (record.entered.by.issuer, record.entered.by.subject) == (entry.by.issuer, entry.by.subject)
    )


def review_record(
    store: SqlStore, leaf: int, decision: Literal["approved", "returned"], text: str, by: Identity
) -> RecordUnderReview:
    """Write the decision on a record into the log; one that is approved is put on file with it, both or none.

    Raises UsageError, and then nothing is written, where there is no such record and where somebody may not decide.
    """
    with store.alone():
        record = records_under_review(store).get(leaf)
        if record is None:
            raise UsageError(f"log entry {leaf} is no record to be reviewed", so="nothing was recorded")
        if why := review_refusal(record, by):
            mend = "ask a second person" if record.review is None else ""
            raise UsageError(f"this cannot be done: {why}", so="nothing was recorded", mend=mend)
        if decision == "returned" and not text.strip():
            raise UsageError("it is not said what is wrong with it", so="nothing was recorded", mend="write a text")
        review = RecordReviewed(at=store.now(), by=by, entered=leaf, decision=decision, text=text.strip())
        if decision == "approved":
            data = store.file_of(leaf) or b""
            attestation = replace(record.entered.record, reviewed_by=by.name)
            store.write([review, Attested(attestation, tuple(pieces_of(data)))])
        else:
            store.write([review])
    return records_under_review(store)[leaf]
