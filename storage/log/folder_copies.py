"""Copies of checkpoints in a folder: on a volume that is written once, or one that is mounted from elsewhere."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from collector.core.errors import StoreError

_LARGEST = 1 << 20


class FolderCopies:
    """Files that are written whole, once, and made read-only. The folder has to be there: it may be a mount."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, text: str) -> None:
        """Keep a text under a name, synced to the disk. Raises StoreError."""
        path = self._folder / name
        try:
            if path.exists():
                return
            handle, name_made = tempfile.mkstemp(prefix=".", dir=self._folder)
            made = Path(name_made)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                made.chmod(0o444)
                os.link(made, path)  # fails where another process was first
            finally:
                made.unlink()
            self._sync()
        except FileExistsError:
            return
        except OSError as error:
            raise self._failed("written", error) from error

    def names(self) -> list[str]:
        """Return the names of the files. Raises StoreError."""
        try:
            return sorted(path.name for path in self._folder.iterdir() if path.is_file())
        except OSError as error:
            raise self._failed("listed", error) from error

    def read(self, name: str) -> str:
        """Return the text of a file. Raises StoreError."""
        try:
            with (self._folder / name).open("rb") as file:
                return file.read(_LARGEST).decode("utf-8", "replace")
        except OSError as error:
            raise self._failed("read", error) from error

    def lasting(self) -> str:
        """Return what annexd cannot see of a folder."""
        return "a folder does not tell whether files in it can be deleted: that is for the volume below it"

    def _sync(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _failed(self, what: str, error: OSError) -> StoreError:
        return StoreError(
            f"copies of checkpoints: {self._folder} cannot be {what}: {error.strerror or error}",
            mend="make the folder, or mount it, and let annexd's user write there",
        )
