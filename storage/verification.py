"""Verify a store: every leaf, the tree under every checkpoint, signatures, anchors, and every body.

The first difference ends the verification and is named with both values. Whatever the damage, the result is a report
or a VerificationError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError

from collector.core.errors import StoreError, VerificationError
from storage.database.columns import show_digest
from storage.database.unavailable import StoreUnavailable, is_unavailable, unavailable
from storage.log.leaf_check import mismatch
from storage.log.notes import VerifierKey
from storage.verifying.absence_check import check_absence
from storage.verifying.blob_check import check_bodies, check_payloads
from storage.verifying.copies_check import CheckpointCopy, check_copies
from storage.verifying.finding_count_check import check_finding_counts
from storage.verifying.head_check import Heads, check_memory
from storage.verifying.inventory_check import check_inventories
from storage.verifying.log_check import read_log
from storage.verifying.mac_check import check_macs
from storage.verifying.meta_check import check_file, check_meta, integrity_errors
from storage.verifying.rebuilding import rebuild
from storage.verifying.schema_check import check_schema, check_stated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography.x509 import Certificate

    from storage.store import SqlStore


class VerificationReport(Struct, frozen=True, kw_only=True):
    """What was verified. `unsigned` leaves are after the newest checkpoint; `rows` were derived again, if requested.

    `authenticated` leaves have a MAC that was computed again, which takes the signing key; `unauthenticated` ones are
    proven by neither a checkpoint nor that.
    `memory_compared` and `lookups_checked` are False where the signer's memory or the store key is not here.
    `interrupted` is the size of a head that was being signed when annexd ended, and that is not kept.
    `copies` of checkpoints that were kept outside lead to this log, `copies_oldest` and `copies_newest` are the sizes
    of the oldest and the newest of them, and `copies_given_up` are of a history that was given up when the store was
    restored. `copies_missing` checkpoints are older than the oldest copy.
    """

    store: str
    origin: str
    leaves: int
    root: str
    checkpoints: int
    signed: int
    unsigned: int
    authenticated: int
    unauthenticated: int
    key: str
    fingerprint: str
    anchors: int
    anchors_proven: int
    anchored_size: int | None
    anchored_at: str | None
    pending: int
    payloads: int
    bodies: int
    erased: int
    inventories: int
    rows: int | None = None
    against: int | None = None
    copies: int = 0
    copies_oldest: int | None = None
    copies_newest: int | None = None
    copies_missing: int = 0
    copies_given_up: int = 0
    memory_compared: bool
    lookups_checked: bool
    interrupted: int | None = None


class VerificationRequest(Struct, frozen=True, kw_only=True):
    """How to verify a store. Without `key` the key that the log itself names is used, which proves less.

    `against` is a signed note from outside, `copies` are those of checkpoints; `rebuild` also derives all tables again.
    """

    key: VerifierKey | None = None
    against: str | None = None
    copies: tuple[CheckpointCopy, ...] = ()
    rebuild: bool = False


def verify(
    store: SqlStore,
    request: VerificationRequest,
    *,
    roots: Sequence[Certificate] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> VerificationReport:
    """Verify a store and return the report.

    Raises VerificationError that names the first difference, and StoreUnavailable where the store, or the signer's
    memory, could not be looked at: then nothing is known of it.
    """
    try:
        return _verify(store, request, roots, tell)
    except (VerificationError, StoreUnavailable):
        raise
    except StoreError as error:
        raise mismatch(_with_file(store, error.what)) from error
    except SQLAlchemyError as error:
        if is_unavailable(error):
            raise unavailable("the store could not be read", error) from None
        raise mismatch(_with_file(store, f"the database cannot be read: {error}")) from error
    except (
        ValueError,
        TypeError,
        AttributeError,
        ArithmeticError,
        LookupError,
        RecursionError,
        MemoryError,
    ) as error:
        # SQLite keeps any type in any column, so a damaged row may raise any of these; and somebody may have written a
        # value to be too deep or too large to read.
        raise mismatch(
            _with_file(store, f"a row holds what was never written: {type(error).__name__}: {error}")
        ) from error


def _verify(
    store: SqlStore, request: VerificationRequest, roots: Sequence[Certificate], tell: Callable[[str], None]
) -> VerificationReport:
    with store.reading() as connection:
        tell("the definition of the store")
        schema = check_schema(connection)
        tell("leaves and tree")
        heads = Heads.read(connection, request.against, store.checkpoints.remembered(connection))
        heads.sizes.update(copy.name.size for copy in request.copies)
        payloads = check_payloads(connection)
        log = read_log(connection, store.name, heads)
        heads.check_signatures(log.origins, request.key)
        copies = check_copies(request.copies, heads.roots, log)
        check_memory(log, heads)
        macs = check_macs(connection, heads, store.mac_keys_if_there())
        interrupted = check_absence(log, heads)
        stamps = heads.check_anchors(log.anchors, roots)
        check_meta(connection, store.name, log)
        check_stated(connection, log, schema)
        tell("bodies and payloads")
        store_key = store.key_if_there()
        bodies = check_bodies(connection, log, payloads, store_key)
        tell("inventories")
        inventories = check_inventories(connection)
        tell("tables")
        rows = None
        if request.rebuild:
            rows = rebuild(connection)
        else:
            check_finding_counts(connection)
        tell("the file itself")
        check_file(connection)
    key = request.key or log.origins[-1].key
    return VerificationReport(
        store=store.name,
        origin=log.origins[-1].name,
        leaves=log.size,
        root=show_digest(log.root),
        checkpoints=len(heads.kept),
        signed=heads.newest,
        unsigned=log.size - heads.newest,
        authenticated=macs.proven,
        unauthenticated=macs.unproven,
        key=str(key),
        fingerprint=key.fingerprint,
        anchors=stamps.count,
        anchors_proven=stamps.proven,
        anchored_size=stamps.size,
        anchored_at=stamps.at,
        pending=stamps.pending,
        payloads=len(log.payloads),
        bodies=bodies.kept,
        erased=bodies.erased,
        inventories=inventories,
        rows=rows,
        against=heads.outside_size,
        copies=copies.leading,
        copies_oldest=copies.oldest or None,
        copies_newest=copies.newest or None,
        copies_missing=sum(size < copies.oldest for size in heads.kept),
        copies_given_up=copies.given_up,
        memory_compared=heads.remembered is not None,
        lookups_checked=store_key is not None,
        interrupted=interrupted,
    )


def _with_file(store: SqlStore, what: str) -> str:
    try:
        with store.reading() as connection:
            errors = integrity_errors(connection)
    except (StoreError, SQLAlchemyError, VerificationError):
        return what
    return f"{what}; the database's own check says: {errors}" if errors else what
