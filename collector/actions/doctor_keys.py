"""What can be wrong with the store's keys: where they lie, who can read them, whether their backup was tried."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from collector.actions.doctor_items import DoctorItem, DoctorState
from collector.core.errors import StoreError, VerificationError
from collector.core.plain_text import show_age
from collector.report.state.key_drills import newest_drill
from collector.setup.store_file import exists, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from collector.report.state.key_drills import KeyDrill
    from collector.setup.app import App
    from collector.setup.config import Config
    from storage import SqlStore

_DRILL = "annexd key drill --store-key COPY --signing-key COPY"
_TRIED_FOR = timedelta(days=365)
_ON_THIS_MACHINE = {"", "localhost", "127.0.0.1", "::1"}


def keys(app: App) -> Iterator[DoctorItem]:
    """Yield the points about the keys; none where there is no store, and not all where it cannot be opened."""
    if not exists(app.config):
        return
    files = key_files(app.config)
    yield from readable_by_others(files)
    yield from beside_the_database(app.config, files)
    try:
        store = app.open_store(writer=False)
    except StoreError:
        return  # why it cannot be opened is a point of its own
    with store:
        yield _signing(app, store)
        yield _backup(store)


def _backup(store: SqlStore) -> DoctorItem:
    try:
        return drilled(newest_drill(store), store.now())
    except StoreError as error:
        return DoctorItem(
            "key backup", DoctorState.UNKNOWN, f"when it was tried could not be read: {error.what}", error.mend
        )


def key_files(config: Config) -> dict[str, Path]:
    """Return the files of the keys, by what they are; without those that are kept elsewhere, or are not there."""
    refs = {"store key": config.store.key, "signing key": config.store.signing_key}
    paths = {what: None if ref is None else ref.path for what, ref in refs.items()}
    return {what: path for what, path in paths.items() if path is not None and path.exists()}


def readable_by_others(files: dict[str, Path]) -> Iterator[DoctorItem]:
    """Yield a problem for each key that another user of this machine may read or change."""
    for what, path in files.items():
        if path.stat().st_mode & 0o077:
            yield DoctorItem(
                what, DoctorState.PROBLEM, f"{path} is open to others on this machine", f"chmod 600 {path}"
            )


def beside_the_database(config: Config, files: dict[str, Path]) -> Iterator[DoctorItem]:
    """Yield a note where whoever takes the database, or the disk that it is on, takes keys with it."""
    database = path_of(config)
    if database is None:
        if files and _is_here(config.store.url):
            yield _note(files, "on the machine of the database server")
        return
    folder, volume = database.resolve().parent, database.resolve().parent.stat().st_dev
    beside = {what: path for what, path in files.items() if folder in path.resolve().parents}
    if beside:
        yield _note(beside, "in the folder of the database")
    near = {what: path for what, path in files.items() if what not in beside and path.stat().st_dev == volume}
    if near:
        yield _note(near, "on the volume of the database")


def _is_here(url: str) -> bool:
    split = urlsplit(url)
    hosts = parse_qs(split.query).get("host", [split.hostname or ""])
    return any(host in _ON_THIS_MACHINE or host.startswith("/") for host in hosts)


def _note(files: Iterable[str], where: str) -> DoctorItem:
    names = list(files)
    says = f"{' and '.join(names)} {'lie' if len(names) > 1 else 'lies'} {where}"
    return DoctorItem(
        "keys",
        DoctorState.NOTE,
        f"{says}: whoever takes one takes the other, and could write another history",
        "keep keys apart from it, and name the place with key and signing_key in [store]; see docs/operations.md",
    )


def _signing(app: App, store: SqlStore) -> DoctorItem:
    from storage.key_drill import drill_signing_key

    where = str(app.config.store.signing_key)
    try:
        key = drill_signing_key(store, store.signing_key(), where)
    except VerificationError as error:
        return DoctorItem(
            "signing key", DoctorState.PROBLEM, error.what, "put this store's signing key back from its backup"
        )
    except StoreError as error:
        return DoctorItem("signing key", DoctorState.PROBLEM, error.what, error.mend)
    return DoctorItem("signing key", DoctorState.OK, f"{where} signs, and is the key {key.id.hex()} of this store")


def drilled(drill: KeyDrill | None, now: datetime) -> DoctorItem:
    """Judge when the backup of the keys was tried last."""
    if drill is None:
        return DoctorItem("key backup", DoctorState.NOTE, "it was never tried whether it is the right one", _DRILL)
    says = f"tried {show_age(now - drill.at)} ago by {drill.by}"
    if not drill.is_of_current_key:
        return DoctorItem("key backup", DoctorState.NOTE, f"{says}, with the signing key before this one", _DRILL)
    if now - drill.at > _TRIED_FOR:
        return DoctorItem("key backup", DoctorState.NOTE, says, _DRILL)
    return DoctorItem("key backup", DoctorState.OK, says)
