"""Putting the company's files into the log as they are, before whatever else a command writes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from collector.company.company_files import NAMES, company, company_file, on_disk
from collector.core.canonical import digest_of
from collector.core.company_record import CompanyRecord
from collector.core.errors import ConfigError
from collector.core.facts import CompanyFile
from collector.setup.this_machine import this_host, this_user

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from collector.core.canonical import Digest
    from collector.core.company_record import RecordedFile
    from collector.setup.app import App
    from collector.setup.toml_file import TomlFile
    from storage import SqlStore

_PIECE = 64 << 10
"""Characters of a piece of a file, as the log keeps it."""


def latest(store: object, as_of: datetime | None = None) -> dict[str, RecordedFile]:
    """Return the last state of each file that was ever recorded; a store that keeps none has none."""
    if not isinstance(store, CompanyRecord):
        return {}
    return {recorded.file.name: recorded for recorded in store.company_files(as_of=as_of)}


def digest_on_disk(file: TomlFile | None) -> Digest | None:
    """Return the digest of the bytes of a file, which are UTF-8 or it would not have been read."""
    return None if file is None else digest_of(file.text.encode("utf-8"))


def differing(known: Mapping[str, RecordedFile], files: Mapping[str, TomlFile]) -> tuple[str, ...]:
    """Return which files are not what they were recorded as last; one that is gone differs too."""
    return tuple(
        which
        for which in NAMES
        if digest_on_disk(files.get(which)) != (known[which].file.digest if which in known else None)
    )


def record_all(
    app: App, store: SqlStore | None, known: Mapping[str, RecordedFile], at: datetime
) -> tuple[CompanyFile, ...]:
    """Record every file that differs, or none of them. Raises ConfigError where one of them cannot be.

    `known` is what was recorded last. Without a store, nothing is written: what would be is returned.
    """
    files = on_disk(app.config)
    company(app, app.frameworks(), files)
    made = [_fact(which, files.get(which), known.get(which), at) for which in differing(known, files)]
    if store is not None and made:
        store.write(made)
    return tuple(made)


def bring_in(app: App, store: SqlStore, at: datetime) -> tuple[CompanyFile, ...]:
    """Record every file that differs and can be read; write to stderr which cannot. The command continues.

    Evidence is not lost over a slip of the pen. A file that cannot be read stays as it was recorded last.
    """
    with store.alone():  # of two commands at once one records a change
        known = latest(store)
        sound, refused = _sound(app, known)
        names = [which for which in differing(known, sound) if which not in refused]
        made = tuple(_fact(which, sound.get(which), known.get(which), at) for which in names)
        if made:
            store.write(made)
    return made


def prove_recorded(app: App, store: SqlStore) -> None:
    """Raise ConfigError where a file could not be recorded, for the exit code of a command."""
    files = on_disk(app.config)
    if differing(latest(store), files):
        company(app, app.frameworks(), files)


def _sound(app: App, known: Mapping[str, RecordedFile]) -> tuple[dict[str, TomlFile], Collection[str]]:
    """Return the files that can be read, and the names of those that cannot. What is on record is not read again."""
    sound: dict[str, TomlFile] = {}
    refused: list[str] = []
    for which in NAMES:
        try:
            file = company_file(app.config, which)
            if file is None:
                continue
            if which in differing(known, {which: file}):
                company(app, app.frameworks(), {**sound, which: file})
        except ConfigError as error:
            refused.append(which)
            for line in (
                *error.lines(),
                "so       the file is not in the log as it is; what was recorded of it last stands, and this goes on",
            ):
                sys.stderr.write(f"{line}\n")
        else:
            sound[which] = file
    return sound, refused


def _fact(which: str, file: TomlFile | None, last: RecordedFile | None, at: datetime) -> CompanyFile:
    text = "" if file is None else file.text
    name = NAMES[which] if last is None else last.file.file_name
    return CompanyFile(
        at=at,
        name=which,
        file_name=name if file is None else file.path.name,
        by=this_user(),
        host=this_host(),
        digest=digest_on_disk(file),
        was=None if last is None else last.file.digest,
        pieces=tuple(text[start : start + _PIECE] for start in range(0, len(text), _PIECE)),
    )
