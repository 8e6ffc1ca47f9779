"""What auditors looked at: one file a day beside the store, whose digest is a log entry once the day is over."""

from __future__ import annotations

import os
from datetime import date
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from collector.core.access_days import AccessDay
from collector.core.canonical import Digest, encode
from collector.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.core.company_record import CompanyRecord
    from collector.core.identities import Identity
    from storage import SqlStore

_SUFFIX = ".jsonl"


class DayOnFile(Struct, frozen=True, kw_only=True):
    """A day of the access log beside its log entry. `state` is what its file is, as far as it could be read.

    Nothing is recorded of the day that goes on.
    """

    day: date
    state: Literal["as recorded", "other than recorded", "gone", "cannot be read", "not recorded"]
    leaf: int | None
    views: int | None


class AccessLog:
    """Writes page views of auditors, each on disk before the page is made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()

    def write(self, at: datetime, who: Identity, method: str, path: str, *, allowed: bool) -> None:
        """Write one page view. `path` is with its query. Raises OSError where it cannot be written."""
        line = encode(
            {
                "at": at.isoformat(),
                "issuer": who.issuer,
                "subject": who.subject,
                "name": who.name,
                "audit": who.audit,
                "method": method,
                "path": path,
                "allowed": allowed,
            }
        )
        with self._lock:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._file(at.date()), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                left = line + b"\n"
                while left:  # a disk that is nearly full takes a part, and refuses only what comes next
                    left = left[os.write(descriptor, left) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def seal(self, store: SqlStore, now: datetime) -> int:
        """Record the digest of each day that is over and is not recorded yet; return how many were recorded.

        Raises StoreError once the others are recorded, where the files of some days cannot be read.
        """
        with store.alone():
            recorded = {entry.day for _, entry in _recorded(store)}
            facts, unread = [], []
            for day in self._days():
                if day < now.date() and day not in recorded:
                    try:
                        facts.append(self._day(day, now))
                    except OSError as error:
                        unread.append(f"{self._file(day).name}: {error.strerror or error}")
            if facts:
                store.write(facts)
        if unread:
            raise StoreError(f"the access log cannot be read: {'; '.join(unread)}")
        return len(facts)

    def is_due(self, store: CompanyRecord, now: datetime) -> bool:
        """Return whether a day is over whose digest is not recorded."""
        over = {day for day in self._days() if day < now.date()}
        return bool(over) and not over <= {entry.day for _, entry in _recorded(store)}

    def days(self, store: CompanyRecord) -> list[DayOnFile]:
        """Return every day that there is a file or a log entry of, and whether the two agree."""
        recorded = {entry.day: (leaf, entry) for leaf, entry in _recorded(store)}
        return [self._compared(day, recorded.get(day)) for day in sorted({*recorded, *self._days()})]

    def _compared(self, day: date, recorded: tuple[int, AccessDay] | None) -> DayOnFile:
        if recorded is None:
            return DayOnFile(day=day, state="not recorded", leaf=None, views=None)
        leaf, entry = recorded
        try:
            same = self._day(day, entry.at).digest == entry.digest
        except FileNotFoundError:
            return DayOnFile(day=day, state="gone", leaf=leaf, views=entry.views)
        except OSError:
            return DayOnFile(day=day, state="cannot be read", leaf=leaf, views=entry.views)
        return DayOnFile(day=day, state="as recorded" if same else "other than recorded", leaf=leaf, views=entry.views)

    def _days(self) -> list[date]:
        try:
            files = list(self._folder.iterdir())
        except FileNotFoundError:
            return []  # no auditor has opened a page yet
        except OSError as error:
            raise StoreError(
                f"the folder of the access log cannot be read: {error.strerror or error}",
                so="what auditors looked at is not known",
                mend=f"let annexd read {self._folder}",
            ) from error
        return sorted(day for file in files if (day := _day_of(file)) is not None)

    def _day(self, day: date, at: datetime) -> AccessDay:
        data = self._file(day).read_bytes()
        return AccessDay(
            at=at,
            day=day,
            file_name=self._file(day).name,
            digest=Digest("sha256:" + sha256(data).hexdigest()),
            views=data.count(b"\n"),
        )

    def _file(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}{_SUFFIX}"


def _day_of(file: Path) -> date | None:
    """Return the day whose log a file is; None where somebody else put it there."""
    try:
        day = date.fromisoformat(file.name.removesuffix(_SUFFIX))
    except ValueError:
        return None
    return day if file.name == f"{day.isoformat()}{_SUFFIX}" else None


def _recorded(store: CompanyRecord) -> Iterator[tuple[int, AccessDay]]:
    for entry in store.log(kinds=("access_day",)):
        yield entry.leaf, msgspec.convert(entry.fact, AccessDay)
