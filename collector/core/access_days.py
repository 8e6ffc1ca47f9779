"""The digest of a day's access log, which is kept outside of the log: what auditors looked at is no evidence."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from collector.core.canonical import Digest


class AccessDay(Struct, frozen=True, kw_only=True, tag="access_day"):
    """Written once a day is over: the digest over the whole file of its page views, and how many there were."""

    at: datetime
    day: date
    file_name: str
    digest: Digest
    views: int
