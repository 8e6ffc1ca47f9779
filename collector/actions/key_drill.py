"""The drill of the keys' backup: proves that copies are the right ones, and records that it was done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from collector.actions.operator_acts import note
from collector.core.errors import StoreError, UsageError, VerificationError
from collector.report.state.key_drills import KEY_DRILL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.setup.app import App
    from collector.setup.key_refs import KeyRef
    from storage import SqlStore
    from storage.database.keys import StoreKey


class Copies(NamedTuple):
    """The files of the copies; `signing_key` is None for a key in a service, of which there is no copy."""

    store_key: Path
    signing_key: Path | None


class Drilled(NamedTuple):
    """What was proven, with the names of copies that lie too near to the key in use, or are open to others."""

    at: datetime
    signing_key: str | None
    same_volume: tuple[str, ...]
    open_to_others: tuple[str, ...]


def drill_keys(app: App, copies: Copies) -> Drilled:
    """Try the copies, and record it. Raises VerificationError where one is not the right one, and records nothing."""
    config = app.config.store
    _require_copies(copies, config.signing_key)
    pairs: list[tuple[Path, KeyRef | None]] = [(copies.store_key, config.key)]
    if copies.signing_key is not None:
        pairs.append((copies.signing_key, config.signing_key))
    for copy, in_use in pairs:
        _refuse_itself(copy, in_use)
    with app.open_store(writer=False) as store:
        fingerprint = _proven(store, copies)
    about = {"store_key": "right", "signing_key": fingerprint}
    if copies.signing_key is None:
        about["kept_in"] = str(config.signing_key)
    with app.open_store(writer=True, alongside=True) as store:
        act = note(store, KEY_DRILL, about)
    return Drilled(
        at=act.at,
        signing_key=None if copies.signing_key is None else fingerprint,
        same_volume=tuple(_near(pairs)),
        open_to_others=tuple(str(copy) for copy, _ in pairs if copy.stat().st_mode & 0o077),
    )


def _proven(store: SqlStore, copies: Copies) -> str:
    """Return the fingerprint of the signing key that was tried."""
    from storage.key_drill import drill_signing_key, drill_store_key
    from storage.log.signing import read_signing_key

    try:
        store_key = _store_key(copies.store_key)
        signing_key = None if copies.signing_key is None else read_signing_key(copies.signing_key)
    except StoreError as error:
        raise VerificationError(
            f"a copy cannot be used: {error.what}",
            so="once the key in use is lost, nothing could be recorded with this copy",
            mend="copy the key in use again, and repeat the drill",
        ) from error
    drill_store_key(store, store_key, str(copies.store_key))
    if signing_key is None:
        return drill_signing_key(store, store.signing_key(), "the key in its service").fingerprint
    return drill_signing_key(store, signing_key, str(copies.signing_key)).fingerprint


def _store_key(copy: Path) -> StoreKey:
    """Return the key in a copy: its 32 bytes, or base64 of them as a variable or a keyring has it."""
    from storage.database.keys import StoreKeyText, read_key

    try:
        return read_key(copy)
    except StoreError:
        try:
            text = copy.read_text("ascii").strip()
            return StoreKeyText(str(copy), lambda: text).read()
        except (OSError, UnicodeDecodeError, StoreError):
            pass
        raise


def _require_copies(copies: Copies, in_use: KeyRef | None) -> None:
    in_service = in_use is not None and not in_use.may_be_copied
    if in_service and copies.signing_key is not None:
        raise UsageError(f"the signing key is in {in_use}, which gives no copy of it", mend="leave out --signing-key")
    if not in_service and copies.signing_key is None:
        raise UsageError("a drill tries both keys", mend="name the copy of the signing key with --signing-key")


def _refuse_itself(copy: Path, in_use: KeyRef | None) -> None:
    """Raise UsageError where what is named as a copy is the key in use, also by another name or a hard link."""
    path = None if in_use is None else in_use.path
    if path is not None and copy.exists() and path.exists() and copy.samefile(path):
        raise UsageError(f"{copy} is the key in use, and no copy of it", mend="name a file of the backup")


def _near(pairs: list[tuple[Path, KeyRef | None]]) -> Iterator[str]:
    for copy, in_use in pairs:
        path = None if in_use is None else in_use.path
        if path is not None and path.exists() and copy.stat().st_dev == path.stat().st_dev:
            yield str(copy)
