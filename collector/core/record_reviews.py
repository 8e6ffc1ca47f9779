"""Records that somebody entered after signing in, and the decision on each by a second person.

A record that is entered answers nothing: it is on file when its review approves it, as an attestation of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct

from collector.core.attestations import Attestation
from collector.core.identities import Identity


class RecordEntered(Struct, frozen=True, kw_only=True, tag="record_entered"):
    """The log entry of a record before its review. `pieces` joined are its file, in base64."""

    at: datetime
    by: Identity
    record: Attestation
    pieces: tuple[str, ...] = ()


class RecordReviewed(Struct, frozen=True, kw_only=True, tag="record_reviewed"):
    """The log entry of a decision on the record that was entered with the log entry `entered`."""

    at: datetime
    by: Identity
    entered: int
    decision: Literal["approved", "returned"]
    text: str


class RecordUnderReview(Struct, frozen=True, kw_only=True):
    """A record that was entered, with its log entry and the decision on it; None: nobody has decided."""

    entered: RecordEntered
    leaf: int
    logged_at: datetime
    review: RecordReviewed | None = None


def review_refusal(record: RecordUnderReview, by: Identity) -> str:
    """Return why somebody may not decide on a record, empty where they may."""
    if record.review is not None:
        return f"it was {record.review.decision} already"
    if by.is_same_subject(record.entered.by):
        return "whoever entered a record does not review it, under whatever name"
    if by.may_be(record.entered.by):
        return f"{by.name} is likely the same person as {record.entered.by.name}"
    return ""


def with_reviews(
    entered: Iterable[RecordUnderReview], reviews: Iterable[RecordReviewed]
) -> dict[int, RecordUnderReview]:
    """Return the records by log entry, each with the first decision on it."""
    found = {record.leaf: record for record in entered}
    for review in reviews:
        record = found.get(review.entered)
        if record is not None and not review_refusal(record, review.by):
            found[review.entered] = RecordUnderReview(
                entered=record.entered, leaf=record.leaf, logged_at=record.logged_at, review=review
            )
    return found
