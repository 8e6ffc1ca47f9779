"""The company's own files as the log has them, and the leaves that people may read one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from collector.core.facts import CompanyFile, InForce


class RecordedFile(Struct, frozen=True):
    """One state of a file, with its place in the log and the moment at which it came there."""

    file: CompanyFile
    leaf: int
    logged_at: datetime

    @property
    def text(self) -> str | None:
        """What it said; None where it was gone."""
        return None if self.file.digest is None else "".join(self.file.pieces)


class StatedLeaf(Struct, frozen=True):
    """One leaf, with what it states as it was written: also one of a kind that this version does not know."""

    leaf: int
    kind: str
    logged_at: datetime
    fact: dict[str, Any]


@runtime_checkable
class CompanyRecord(Protocol):
    """What a store tells about the company's files, and about its own leaves."""

    def company_files(self, *, as_of: datetime | None = None) -> Iterator[RecordedFile]:
        """Yield every state of the company's files, in the order of the log."""

    def in_force(self, *, as_of: datetime | None = None) -> InForce | None:
        """Return what the latest run was judged with, None before the first."""

    def log(
        self, *, since: datetime | None = None, as_of: datetime | None = None, kinds: Collection[str] = ()
    ) -> Iterator[StatedLeaf]:
        """Yield the leaves other than those of tasks, in their order, after one moment and up to another."""
