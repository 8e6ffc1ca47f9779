"""`exceptions.toml`: deviations that are accepted for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.company.entries import entries, once
from collector.core.isms.exceptions import Acceptance
from collector.setup.loading import platform_of

if TYPE_CHECKING:
    from collector.setup.app import App
    from collector.setup.toml_file import TomlFile

TABLE = "exception"


def read_exceptions(file: TomlFile, app: App) -> tuple[Acceptance, ...]:
    """Read the exceptions. Raises ConfigError that names file, line, key and the nearest value that would do."""
    for key in file.data:
        if key != TABLE:
            raise file.unknown_key((key,), (TABLE,))
    found: list[Acceptance] = []
    ids: set[str] = set()
    for entry in entries(file, TABLE):
        exception = entry.take(Acceptance)
        once(entry, "id", exception.id, ids)
        if platform_of(exception.check) not in app.missing:
            entry.known("check", exception.check, app.checks, "check")
        entry.known("source", exception.source, app.config.sources, "source")
        for key, why in exception.faults():
            raise entry.error(key, why)
        found.append(exception)
    return tuple(found)
