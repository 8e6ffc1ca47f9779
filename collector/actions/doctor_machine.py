"""What can be wrong with this machine: packages, SQLite, disk, proxy and certificates, the store's files."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from collector import __version__
from collector.actions.doctor_copies import copies
from collector.actions.doctor_items import DoctorItem, DoctorState
from collector.actions.doctor_keys import keys
from collector.core.addresses import shown_address
from collector.core.errors import StoreError
from collector.setup.app import ROOMS
from collector.setup.store_file import exists, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.setup.app import App


_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")

_LEAST_FREE = 500 << 20
_LITTLE_FREE = 5 << 30


def machine(app: App, environ: Mapping[str, str] = os.environ) -> Iterator[DoctorItem]:
    """Yield the points about this machine and the store; those about platforms are elsewhere."""
    yield DoctorItem("annexd", DoctorState.OK, f"{__version__} on Python {platform.python_version()}")
    yield packages({room: import_module(room).__path__[0] for room in ROOMS}, packages_distributions())
    yield sqlite(sqlite3.sqlite_version_info)
    yield from _network(environ)
    yield from _store(app)
    yield from keys(app)
    yield from copies(app.config.store)


def packages(places: Mapping[str, str], owners: Mapping[str, list[str]]) -> DoctorItem:
    """Judge whether the four packages are annexd's own: their names are plain, and another one may shadow them."""
    strangers = sorted({owner for room in ROOMS for owner in owners.get(room, []) if owner != "annexd"})
    parents = sorted({str(Path(place).parent) for place in places.values()})
    if strangers:
        says = f"{', '.join(strangers)} installs packages of the same names as annexd"
    elif len(parents) > 1:
        says = f"annexd's packages come from different places: {', '.join(parents)}"
    else:
        return DoctorItem("packages", DoctorState.OK, f"all four from {parents[0]}")
    return DoctorItem(
        "packages", DoctorState.PROBLEM, says, "install annexd into an environment of its own, such as with pipx"
    )


def sqlite(version: tuple[int, ...]) -> DoctorItem:
    """Judge the version of SQLite by its WAL-reset defect: https://sqlite.org/wal.html, section 11."""
    text = ".".join(str(part) for part in version)
    mended = version >= (3, 51, 3) or ((3, 50, 7) <= version < (3, 51)) or ((3, 44, 6) <= version < (3, 45))
    if version < (3, 7) or mended:
        return DoctorItem("SQLite", DoctorState.OK, text)
    return DoctorItem(
        "SQLite",
        DoctorState.NOTE,
        f"{text} has the WAL-reset defect, which needs two connections that write;"
        " annexd writes on one, under a lock, and opens all others read-only",
        "let no other program write to the database; 3.44.6, 3.50.7 and 3.51.3 have it mended",
    )


def _network(environ: Mapping[str, str]) -> Iterator[DoctorItem]:
    proxies = [f"{name}={_harmless(value)}" for name in _PROXIES if (value := _set(environ, name))]
    yield DoctorItem("proxy", DoctorState.OK, ", ".join(proxies) or "none is set")
    for name in _CERTIFICATES:
        value = environ.get(name)
        if value and not Path(value).exists():
            yield DoctorItem(
                "certificates", DoctorState.PROBLEM, f"{name} names {value}, which is not there", f"correct {name}"
            )
        elif value:
            yield DoctorItem("certificates", DoctorState.OK, f"{name}={value}")


def _set(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name) or environ.get(name.lower())


def _harmless(address: str) -> str:
    """Take the name and the password out of a proxy's address."""
    split = urlsplit(address)
    return address if "@" not in split.netloc else split._replace(netloc=split.netloc.rpartition("@")[2]).geturl()


def _store(app: App) -> Iterator[DoctorItem]:
    path = path_of(app.config)
    if path is not None:
        folder = path.parent
        if not folder.is_dir():
            yield DoctorItem(
                "store", DoctorState.PROBLEM, f"its folder {folder} is not there", f"make it: mkdir -p {folder}"
            )
            return
        yield disk(folder, shutil.disk_usage(folder).free)
    if not exists(app.config):
        if path is not None and not os.access(path.parent, os.W_OK):
            yield DoctorItem(
                "store", DoctorState.PROBLEM, f"{path.parent} may not be written to", "correct its rights, or url"
            )
            return
        yield DoctorItem("store", DoctorState.OK, f"{path} is not there yet; the first scan makes it")
        return
    try:
        with app.open_store(writer=False) as store:
            length = len(store.redaction_key)
    except StoreError as error:
        yield DoctorItem("store", DoctorState.PROBLEM, error.what, error.mend)
        return
    yield DoctorItem(
        "store",
        DoctorState.OK,
        f"{shown_address(app.config.store.url)} opens, and its key of {length} bytes is the right one",
    )
    if path is not None and path.stat().st_mode & 0o077:
        yield DoctorItem(
            "store", DoctorState.PROBLEM, f"{path} can be read by others on this machine", f"chmod 600 {path}"
        )


def disk(folder: Path, free: int) -> DoctorItem:
    """Judge the free disk space in the folder of the store; a full disk ends a run."""
    says = f"{free / (1 << 30):.1f} GB free in {folder}"
    if free < _LEAST_FREE:
        return DoctorItem("disk", DoctorState.PROBLEM, says, "make room, or move the store")
    return DoctorItem("disk", DoctorState.NOTE if free < _LITTLE_FREE else DoctorState.OK, says)
