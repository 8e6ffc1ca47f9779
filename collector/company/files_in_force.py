"""The company files that a page is based on: today's beside the configuration, or those in the log at a moment.

Of an earlier moment only the log speaks: today's files say nothing of it. What was not recorded by then was not stated.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from collector.company.company_files import NAMES, Company, company, on_disk
from collector.company.recording import differing
from collector.core.company_record import CompanyRecord, RecordedFile
from collector.core.errors import ConfigError
from collector.core.isms.exceptions import first_logged
from collector.core.isms.scope import NO_SOURCE
from collector.setup.app import App
from collector.setup.config import SourceConfig
from collector.setup.loading import platform_of
from collector.setup.toml_file import TomlFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.core.controls import Framework
    from collector.setup.loading import LoadedConnector


@dataclass(frozen=True)
class FilesInForce:
    """The files of a moment. `notes` say which they are where that is not today's, all of them in the log."""

    company: Company
    logged: Mapping[str, datetime]
    notes: tuple[str, ...]
    not_in_log: tuple[str, ...]


def files_in_force(
    app: App, store: object, frameworks: tuple[Framework, ...], as_of: datetime | None = None
) -> FilesInForce:
    """Return the company's files at a moment, with the time at which each exception came into the log.

    Raises ConfigError on a file of today that cannot be.
    """
    record = list(store.company_files(as_of=as_of)) if isinstance(store, CompanyRecord) else []
    known = {recorded.file.name: recorded for recorded in record}
    if as_of is None:
        files = on_disk(app.config)
        stated = company(app, frameworks, files)
        open_ = differing(known, files)
        names = ", ".join(_file_name(which, files, known) for which in open_)
        verb = "is" if len(open_) == 1 else "are"
        notes = tuple([f"{names} {verb} not in the log yet: annexd company-files record"] if open_ else [])
    else:
        open_ = ()
        stated, notes = _then(app, frameworks, known)
    return FilesInForce(stated, first_logged(stated.exceptions, _exceptions(app, record)), notes, open_)


def _file_name(which: str, files: Mapping[str, TomlFile], known: Mapping[str, RecordedFile]) -> str:
    if which in files:
        return files[which].path.name
    return f"{known[which].file.file_name if which in known else NAMES[which]} (gone)"


def _then(
    app: App, frameworks: tuple[Framework, ...], known: Mapping[str, RecordedFile]
) -> tuple[Company, tuple[str, ...]]:
    """Read the files as they were recorded. A note names those that cannot be read any more."""
    readable: dict[str, TomlFile] = {}
    notes: list[str] = []
    absent = []
    stated = company(app, frameworks, readable)
    for which in NAMES:
        recorded = known.get(which)
        file = None if recorded is None else _read(recorded)
        if recorded is None or file is None:
            absent.append(
                NAMES[which] if recorded is None else f"{recorded.file.file_name} (gone since {_day(recorded)})"
            )
            continue
        try:
            stated = company(_then_app(app, (*readable.values(), file)), frameworks, {**readable, which: file})
        except ConfigError as error:
            notes.append(
                f"{recorded.file.file_name} as recorded {_day(recorded)} is not read any more, so not stated: {error}"
            )
        else:
            readable[which] = file
            notes.append(f"{recorded.file.file_name} as recorded {_day(recorded)}")
    if absent:
        notes.append(f"not in the log by then, so not stated: {', '.join(absent)}")
    return stated, tuple(notes)


def _day(recorded: RecordedFile) -> str:
    return recorded.logged_at.date().isoformat()


def _read(recorded: RecordedFile) -> TomlFile | None:
    text = recorded.text
    path = Path(f"{recorded.file.file_name} of log entry {recorded.leaf}")
    return None if text is None else TomlFile(path, text, tomllib.loads(text))


def _exceptions(app: App, record: list[RecordedFile]) -> Iterator[tuple[datetime, Any]]:
    """Yield every state of the exceptions in the log that can be read, with the moment at which it came there."""
    for recorded in record:
        file = _read(recorded) if recorded.file.name == "exceptions" else None
        if file is not None:
            try:
                yield recorded.logged_at, company(_then_app(app, (file,)), (), {"exceptions": file}).exceptions
            except ConfigError:
                continue  # what cannot be read covers nothing


@dataclass(frozen=True)
class _AppThen(App):
    """annexd as a file of an earlier moment knew it: what has left the configuration since is no mistake in it."""

    today: App
    gone: frozenset[str]

    @property
    def loaded(self) -> dict[str, LoadedConnector]:
        """What can be loaded today."""
        return self.today.loaded

    @property
    def missing(self) -> frozenset[str]:
        """The platforms without a connector, and those of checks that no longer exist."""
        return self.today.missing | self.gone


def _then_app(app: App, files: tuple[TomlFile, ...]) -> App:
    """Return annexd with the sources and the checks that the files name, whether it still has them or not."""
    entries = [
        entry
        for file in files
        for value in file.data.values()
        if isinstance(value, list)
        for entry in value
        if isinstance(entry, dict)
    ]
    sources = {entry["source"] for entry in entries if isinstance(entry.get("source"), str)} - {
        *app.config.sources,
        NO_SOURCE,
    }
    checks = {entry["check"] for entry in entries if isinstance(entry.get("check"), str)} - set(app.checks)
    if not sources and not checks:
        return app
    configured = {**app.config.sources, **{name: SourceConfig(connector="gone") for name in sources}}
    config = msgspec.structs.replace(app.config, sources=configured)
    return _AppThen(config, app.used, today=app, gone=frozenset(platform_of(check) for check in checks))
