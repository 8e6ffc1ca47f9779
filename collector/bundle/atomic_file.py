"""A file that is there whole and on disk, or not at all: its name never holds half of it, whatever happens."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from collector.core.errors import ConfigError, StoreError
from storage.database.failpoints import reached
from storage.database.keys import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def check_place(to: Path, *, force: bool) -> None:
    """Raise ConfigError where a file cannot be put, before anything is done for it."""
    if not to.absolute().parent.is_dir():
        raise ConfigError(
            f"{to}: there is no folder {to.absolute().parent}",
            so="nothing was exported, and nothing recorded",
            mend="make the folder, or name another",
        )
    if to.is_dir() or (to.exists() and not force):
        raise ConfigError(
            f"{to} is there already",
            so="nothing was exported, and nothing replaced",
            mend="name a file that is not there yet" + ("" if to.is_dir() else ", or say --force"),
        )


@contextmanager
def placed(to: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Hand out a file to write and to read back, and give it its name when it is whole. Raises StoreError."""
    fresh = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        reached("bundle written")
        if force:
            fresh.replace(to)
        else:
            # Unlike a rename, a link does not replace a file that was created meanwhile.
            os.link(fresh, to)
        reached("bundle named")
        sync_folder(to.absolute().parent)
    except OSError as error:
        raise StoreError(
            f"{to} could not be written: {error}",
            so="there is no bundle under that name",
            mend="name a folder with room for it that annexd may write to",
        ) from error
    finally:
        fresh.unlink(missing_ok=True)
