"""`actions.toml`: corrective actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.company.control_names import known_controls
from collector.company.entries import entries, once
from collector.core.isms.actions import Action
from collector.setup.loading import platform_of

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
        action = entry.take(Action)
        once(entry, "id", action.id, ids)
        for key, why in action.faults():
            raise entry.error(key, why)
        if action.closed_on is None and action.check is not None and action.source is not None:
            if platform_of(action.check) not in app.missing:
                entry.known("check", action.check, app.checks, "check")
            entry.known("source", action.source, app.config.sources, "source")
        known_controls(entry, "controls", action.controls, frameworks)
        found.append(action)
    return tuple(found)
