"""Under which name, and with which keys, a log was signed from when on: what its own leaves say of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.errors import VerificationError
from storage.database.blobs import damaged
from storage.log import leaves
from storage.log.dictionary import LeafOpener
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
    """What the first leaf states: what this log is, and who signs it. `tables` is the digest of the tables' text."""

    origin: str
    key: str
    created_at: str
    software: str
    canonical: str
    tree: str
    key_check: str
    tables: str | None = None


class NewKey(Struct, frozen=True, kw_only=True):
    """What the leaf of a rotation states: another key signs from here on."""

    old: str
    key: str
    reason: str
    by: str


class Restored(Struct, frozen=True, kw_only=True):
    """What the leaf of a restored store states: it goes on under another name, and what was lost.

    `signed` and `root` are of the head that was signed last under the old name; None where nobody remembers it.
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
    """What the leaf of a migration states: the revisions, and the digests of the tables' text before and after."""

    was: str | None
    now: str
    software: str
    was_tables: str | None
    tables: str | None


@dataclass(frozen=True)
class Origin:
    """The name and the key that count from a leaf on."""

    since: int
    key: VerifierKey

    @property
    def name(self) -> str:
        """The first line of its checkpoints."""
        return self.key.name


def origin_of(record: LeafRecord) -> Origin:
    """Return what a leaf of one of KINDS says. Raises StoreError where it does not read as one."""
    match record.kind:
        case "genesis":
            spelled = record.fact(Genesis).key
        case "key":
            spelled = record.fact(NewKey).key
        case _:
            spelled = record.fact(Restored).key
    try:
        return Origin(record.leaf.index, parse_verifier_key(spelled))
    except VerificationError as error:
        raise damaged(f"leaf {record.leaf.index}: {error.what}") from error


def read_origins(connection: Connection) -> list[Origin]:
    """Return every name and key in their order; the last one counts now."""
    opener = LeafOpener()
    found = [origin_of(leaves.read(connection, opener, row)) for row in connection.exec_driver_sql(_LEAVES).fetchall()]
    if not found:
        raise damaged("its first leaf, which says what it is, is missing")
    return found


def signers_at(origins: Sequence[Origin], size: int, signed_before: int) -> list[VerifierKey]:
    """Return the keys that sign the checkpoint of a size: the one that counts, and those handed over since the last."""
    current = max(at for at, one in enumerate(origins) if one.since < size)
    handed = [at for at in range(current + 1) if at == current or origins[at + 1].since >= signed_before]
    return list(dict.fromkeys(origins[at].key for at in reversed(handed)))
