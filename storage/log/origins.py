"""Origins: the names and keys that a log was signed with, each from a leaf on, as its own leaves state them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from collector.core.errors import VerificationError
from storage.database.blobs import damaged
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor
from storage.log.notes import VerifierKey, parse_verifier_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.log.leaves import LeafRecord

GENESIS, KEY, RESTORE, MIGRATED = "genesis", "key", "restore", "migrated"
KINDS = frozenset({GENESIS, KEY, RESTORE})

# The first condition lets both databases use the index of leaves other than those of tasks.
_LEAVES = (
    "SELECT idx, dictionary, body, hash FROM log_leaf"
    " WHERE kind <> 'task' AND kind IN ('genesis', 'key', 'restore') ORDER BY idx"
)


class Genesis(Struct, frozen=True, kw_only=True):
    """The content of the first leaf. `tables` is the digest of the definitions of tables, indexes and triggers.

    `schema` is the digest of the whole definition of the store, on both databases. `macs` is the id of the key of
    MACs; without it, the log began before there were any.
    """

    origin: str
    key: str
    created_at: str
    software: str
    canonical: str
    tree: str
    key_check: str
    tables: str | None = None
    schema: str | None = None
    macs: str | UnsetType = UNSET


class NewKey(Struct, frozen=True, kw_only=True):
    """The content of the leaf of a key rotation: `key` signs from here on, and MACs are made with the key `macs`."""

    old: str
    key: str
    reason: str
    by: str
    macs: str | UnsetType = UNSET


class Restored(Struct, frozen=True, kw_only=True):
    """The content of the leaf of a restored store, which continues under another origin.

    `held` is its number of leaves; `signed` and `root` are of the head signed last under the old origin, None where
    that is not known.
    """

    old: str
    origin: str
    key: str
    held: int
    signed: int | None
    root: str | None
    reason: str
    by: str


class Migrated(Struct, frozen=True, kw_only=True):
    """The content of the leaf of a migration: revisions, and digests of the table definitions, before and after.

    `was_schema` and `schema` are the digests of the whole definition.
    """

    was: str | None
    now: str
    software: str
    was_tables: str | None
    tables: str | None
    was_schema: str | None = None
    schema: str | None = None


@dataclass(frozen=True)
class Origin:
    """The name and the key that are valid from the leaf `since` on."""

    since: int
    key: VerifierKey

    @property
    def name(self) -> str:
        """The first line of its checkpoints."""
        return self.key.name


def origin_of(record: LeafRecord) -> Origin:
    """Return the origin in a leaf of one of KINDS. Raises StoreError where it cannot be decoded."""
    match record.kind:
        case "genesis":
            key_text = record.fact(Genesis).key
        case "key":
            key_text = record.fact(NewKey).key
        case _:
            key_text = record.fact(Restored).key
    try:
        return Origin(record.leaf.index, parse_verifier_key(key_text))
    except VerificationError as error:
        raise damaged(f"leaf {record.leaf.index}: {error.what}") from error


def read_origins(connection: Connection) -> list[Origin]:
    """Return every origin in order; the last one is current. Raises StoreError where there is none."""
    decompressor = LeafDecompressor()
    found = [
        origin_of(leaves.read(connection, decompressor, row)) for row in connection.exec_driver_sql(_LEAVES).fetchall()
    ]
    if not found:
        raise damaged("its first leaf, which says what it is, is missing")
    return found


def signers_at(origins: Sequence[Origin], size: int, signed_before: int) -> list[VerifierKey]:
    """Return the keys that sign a checkpoint of a size: the current one, and those rotated out since the last one."""
    current = max(at for at, origin in enumerate(origins) if origin.since < size)
    handed_over = [at for at in range(current + 1) if at == current or origins[at + 1].since >= signed_before]
    return list(dict.fromkeys(origins[at].key for at in reversed(handed_over)))
