"""What is different between two states of a company file: entries by their id or name, and keys above them."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 8
"""Names that people are given of one kind of change."""

_NAMES = ("id", "name", "provider")


class EntryChanges(Struct, frozen=True, kw_only=True):
    """Entries by id or name; `head` are keys above the entries."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    head: tuple[str, ...] = ()

    def __str__(self) -> str:
        """What changed, for people; empty where nothing did that a reader of TOML can see."""
        return "; ".join(f"{how}: {names}" for how, names in named_changes(self))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.added or self.removed or self.changed or self.head)


class EntryLists(Protocol):
    """Names of the entries that differ between two states of a file."""

    @property
    def added(self) -> tuple[str, ...]:
        """Entries that are new."""

    @property
    def removed(self) -> tuple[str, ...]:
        """Entries that are gone."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Entries that say something else."""

    @property
    def head(self) -> tuple[str, ...]:
        """Keys above the entries that say something else."""


def named_changes(changes: EntryLists) -> Iterator[tuple[str, str]]:
    """Yield how entries changed and which, for people: the first of many, and how many more there are."""
    for how, names in (
        ("added", changes.added),
        ("removed", changes.removed),
        ("changed", (*changes.head, *changes.changed)),
    ):
        if names:
            more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
            yield how, f"{', '.join(names[:_MOST])}{more}"


def entry_changes(was: str | None, now: str | None) -> EntryChanges:
    """Compare two states of a file, each as its text; None where there was no file."""
    (head_was, before), (head_now, after) = _taken_apart(was), _taken_apart(now)
    both = [name for name in after if name in before]
    return EntryChanges(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(name for name in both if before[name] != after[name]),
        head=()
        if was is None or now is None
        else tuple(key for key in {**head_was, **head_now} if head_was.get(key) != head_now.get(key)),
    )


def raw_entries(text: str | None) -> dict[str, Any]:
    """Return the entries of a file by their names, as they were written."""
    return _taken_apart(text)[1]


def head_of_text(text: str | None) -> dict[str, Any]:
    """Return the keys above the entries of a file, as they were written."""
    return _taken_apart(text)[0]


def _taken_apart(text: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    data = {} if text is None else tomllib.loads(text)
    tables = [key for key, value in data.items() if isinstance(value, list) and all(isinstance(e, dict) for e in value)]
    entries: dict[str, Any] = {}
    for table in tables:
        for number, entry in enumerate(data[table], start=1):
            name = _name(entry) or f"{table} {number}"
            # Two tables may use one name for two things.
            entries[name if name not in entries else f"{table} {name} ({number})"] = entry
    return {key: value for key, value in data.items() if key not in tables}, entries


def _name(entry: dict[str, Any]) -> str:
    name = next((str(entry[key]) for key in _NAMES if key in entry), "")
    return f"{name} ({entry['role']})" if name and "role" in entry else name
