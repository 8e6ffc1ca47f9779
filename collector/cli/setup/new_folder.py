"""A folder of files that a command writes: nothing that is there already is written over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from collector.core.errors import UsageError


def write_new_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write texts by their names in the folder. Raises UsageError where it is there already, or cannot be written."""
    if folder.exists():
        raise UsageError(f"{folder} is there already, and stays as it is", mend="name another folder with --dir")
    try:
        for name, text in files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}", mend="name another one with --dir") from error
