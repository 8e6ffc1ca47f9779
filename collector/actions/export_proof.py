"""A bundle is written only from a store that is proven, and that has not changed until the bundle was written.

Nothing is erased from one that is not proven either: what is gone cannot be compared any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.verification import VerificationRequest, verify
from storage.verifying.rebuilding import tables_digest

if TYPE_CHECKING:
    from storage import SqlStore


def prove_source(store: SqlStore) -> bytes:
    """Verify the store with all its tables, and return the digest of the tables that a bundle is written from.

    Raises VerificationError that names the first difference.
    """
    verify(store, VerificationRequest(rebuild=True))
    return _digest(store)


def prove_unchanged(store: SqlStore, digest: bytes) -> None:
    """Verify the store again where the tables have changed since. Raises VerificationError.

    A run that goes on meanwhile changes them too, and is no reason to refuse.
    """
    if _digest(store) != digest:
        verify(store, VerificationRequest(rebuild=True))


def _digest(store: SqlStore) -> bytes:
    with store.reading() as connection:
        return tables_digest(connection)
