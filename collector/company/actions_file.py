"""`actions.toml`: corrective actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.company.control_names import known_controls
from collector.company.entries import entries, once
from collector.core.isms.actions import Action

if TYPE_CHECKING:
    from collector.core.controls import Framework
    from collector.setup.app import App
    from collector.setup.toml_file import TomlFile

TABLE = "action"


def read_actions(file: TomlFile, app: App, frameworks: tuple[Framework, ...]) -> tuple[Action, ...]:
    """Read the actions. Raises ConfigError that names file, line, key and the nearest value that would do.

    An action outlives its source and its check: those that are not configured any more are no error where it is closed.
    """
    for key in file.data:
        if key != TABLE:
            raise file.unknown_key((key,), (TABLE,))
    found: list[Action] = []
    ids: set[str] = set()
    for entry in entries(file, TABLE):
        one = entry.take(Action)
        once(entry, "id", one.id, ids)
        for key, why in one.faults():
            raise entry.error(key, why)
        if one.closed_on is None and one.check is not None and one.source is not None:
            if one.check.partition("_")[0] not in app.missing:
                entry.known("check", one.check, app.checks, "check")
            entry.known("source", one.source, app.config.sources, "source")
        known_controls(entry, "controls", one.controls, frameworks)
        found.append(one)
    return tuple(found)
