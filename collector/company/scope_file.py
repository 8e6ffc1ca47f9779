"""`scope.toml`: what belongs to the management system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.company.entries import entries, head_of, once
from collector.core.isms.scope import NO_SOURCE, IsmsScope, System

if TYPE_CHECKING:
    from collector.setup.app import App
    from collector.setup.toml_file import TomlFile


def read_scope(file: TomlFile, app: App) -> IsmsScope:
    """Read the scope. Raises ConfigError that names file, line, key and the nearest value that would do."""
    scope = head_of(file, IsmsScope, "system")
    systems: list[System] = []
    names: set[str] = set()
    for entry in entries(file, "system"):
        system = entry.take(System)
        once(entry, "name", system.name, names)
        if system.source != NO_SOURCE:
            # `none` is among the words that would do.
            entry.known("source", system.source, [*app.config.sources, NO_SOURCE], "source")
        if system.source == NO_SOURCE and system.scope:
            raise entry.error("scope", "a place in no source", mend="name the source, or take the place out")
        if system.source != NO_SOURCE and system.platform is not None:
            raise entry.error("platform", "the source says which platform it is", mend="take it out")
        if system.in_scope_until is not None and system.in_scope_until < system.in_scope_from:
            raise entry.error("in_scope_until", "it ends before it begins")
        systems.append(system)
    return replace(scope, systems=tuple(systems))
