"""The leaves of a verified bundle, decoded; a leaf of which only the hash is shown is None."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Raw

from collector.bundle.verifying.log import Document
from collector.bundle.verifying.record import BundleRange, payload_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.bundle.verifying.members import Members

T = TypeVar("T")

_LEAVES = "proof/leaves/"
_document = msgspec.json.Decoder(Document).decode


class BundleLeaf:
    """One leaf of a bundle. What it states is decoded only when it is asked for."""

    def __init__(self, members: Members, document: Document) -> None:
        self._members = members
        self._document = document
        self.index = document.i
        self.kind = document.k

    def fact(self, of: type[T]) -> T:
        """Return what the leaf states."""
        if self._document.fact_in is None:
            return msgspec.json.decode(self._document.fact, type=of)
        (fact,) = self._payload(self._document.fact_in, of)
        return fact

    def rows(self, of: type[T]) -> Iterator[T]:
        """Yield the rows of the leaf in their order."""
        rows_in = self._document.rows_in
        if rows_in is not None:
            yield from self._below(rows_in.payloads, rows_in.above, of)
        elif self._document.rows:
            rows: list[T] = msgspec.json.decode(self._document.rows, type=list[of])  # type: ignore[valid-type]  # a runtime type
            yield from rows

    def _below(self, payloads: Iterable[str], above: int, of: type[T]) -> Iterator[T]:
        for digest in payloads:
            if above > 0:
                yield from self._below(self._payload(digest, str), above - 1, of)
            else:
                yield from self._payload(digest, of)

    def _payload(self, digest: str, of: type[T]) -> list[T]:
        rows = msgspec.json.decode(self._members.text(payload_path(digest)), type=dict[str, Raw])["rows"]
        return msgspec.json.decode(rows, type=list[of])  # type: ignore[valid-type]  # a runtime type


def range_of(members: Members) -> BundleRange:
    """Return the range of leaves of the period; its `bound` is the last that counts for the state at the end."""
    return msgspec.json.decode(members.text("proof/range.json"), type=BundleRange)


def leaves_until(members: Members, bound: int) -> Iterator[BundleLeaf | None]:
    """Yield the leaves up to and including the index `bound`; None for a leaf of which only the hash is shown."""
    for path in members.paths():
        if path.startswith(_LEAVES):
            with members.open(path) as file:
                for line in file:
                    number, _, rest = line.partition(b" ")
                    if int(number) > bound:
                        return
                    yield BundleLeaf(members, _document(rest)) if rest.startswith(b"{") else None
