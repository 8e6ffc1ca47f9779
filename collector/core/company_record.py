"""The company's own files as recorded in the log, and log entries with their content."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from collector.core.facts import CompanyFile, InForce


class RecordedFile(Struct, frozen=True):
    """One recorded state of a file, with the index and the time of its log entry."""

    file: CompanyFile
    leaf: int
    logged_at: datetime

    @property
    def text(self) -> str | None:
        """The text of the file; None where the file had been removed."""
        return None if self.file.digest is None else "".join(self.file.pieces)


class StatedLeaf(Struct, frozen=True):
    """One log entry with its content as it was written, also of a kind that this version does not know."""

    leaf: int
    kind: str
    logged_at: datetime
    fact: dict[str, Any]


@runtime_checkable
class CompanyRecord(Protocol):
    """What a store returns about the company's files and about its log entries."""

    def company_files(self, *, as_of: datetime | None = None) -> Iterator[RecordedFile]:
        """Yield every recorded state of the company's files, in the order of the log."""

    def in_force(self, *, as_of: datetime | None = None) -> InForce | None:
        """Return the configuration, code and rules of the latest run; None before the first run."""

    def log(
        self, *, since: datetime | None = None, as_of: datetime | None = None, kinds: Collection[str] = ()
    ) -> Iterator[StatedLeaf]:
        """Yield the log entries other than those of tasks, in order: after `since`, up to and including `as_of`."""
