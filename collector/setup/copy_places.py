"""The places outside that `[store] copies` names: folders, buckets of S3, and what installed packages offer."""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.core.copies import CheckpointCopies

GROUP = "annexd.copies"
"""The entry points by which other distributions offer places; each is a function of the whole address."""

_BUILT_IN = {"s3": "connectors._copies.aws_s3"}


def placed(address: str, folder: Path) -> str:
    """Return the address with a folder made absolute. Raises ValueError where no such place can be named."""
    if not address.strip() or "\n" in address:
        message = "a place is the path of a folder, or an address such as s3://BUCKET/PREFIX"
        raise ValueError(message)
    scheme, parted, _ = address.partition("://")
    if not parted:
        return str(folder / address)
    if scheme not in _openers():
        message = (
            f"{scheme}:// is no place for copies; write the path of a folder,"
            f" or {' or '.join(f'{known}://...' for known in sorted(_openers()))}"
        )
        raise ValueError(message)
    open_place(address)
    return address


def open_place(address: str) -> CheckpointCopies:
    """Return the place; nothing is sent or written. Raises ValueError where the address is none, and ConfigError."""
    from storage.log.folder_copies import FolderCopies

    scheme, parted, _ = address.partition("://")
    if not parted:
        return FolderCopies(Path(address))
    try:
        return _openers()[scheme]()(address)
    except ValueError:
        raise
    except Exception as error:  # it is somebody else's code
        raise ConfigError(
            f"[store] copies: what is to keep copies at {address} cannot be loaded: {type(error).__name__}: {error}",
            so="checkpoints are not copied there",
            mend="install or mend the package that offers it",
        ) from error


def _openers() -> dict[str, Callable[[], Callable[[str], CheckpointCopies]]]:
    found: dict[str, Callable[[], Callable[[str], CheckpointCopies]]] = {
        scheme: lambda module=module: importlib.import_module(module).open_copies  # type: ignore[misc]
        for scheme, module in _BUILT_IN.items()
    }
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, entry.load)
    return found
