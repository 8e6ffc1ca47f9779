"""The `[[tables]]` of a company file, one at a time, so that an error names the line of the entry that is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import fields

from collector.setup.toml_file import TomlFile, would_do

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from collector.core.errors import ConfigError

T = TypeVar("T")

_HEADER = re.compile(r"^\s*\[\[?\s*([\w.\"'-]+)")


@dataclass(frozen=True)
class Entry:
    """One `[[table]]`; `file` shows only its own lines, under their numbers."""

    file: TomlFile
    table: str
    raw: Any

    def take(self, into: type[T]) -> T:
        """Return the entry as a struct. Raises ConfigError with file, line and key."""
        required = [field.encode_name for field in fields(into) if field.required]  # type: ignore[arg-type]  # a Struct
        if isinstance(self.raw, dict):
            for key in required:
                if key not in self.raw:
                    raise self.error(key, "this key is required", mend=f"write {key} = ...")
        return self.file.convert(self.raw, into, (self.table,))

    def error(self, key: str, what: str, *, so: str = "", mend: str = "correct the value at that place") -> ConfigError:
        """Return an error about a key of this entry."""
        return self.file.error((self.table, key), what, so=so, mend=mend)

    def known(self, key: str, word: str, known: Collection[str], what: str) -> None:
        """Raise ConfigError, with the nearest word that would do, unless this one is known."""
        if word not in known:
            raise self.error(key, f"there is no {what} {word!r}", mend=would_do(word, known, f"the {what}s are"))


def entries(file: TomlFile, table: str) -> Iterator[Entry]:
    """Yield the entries of an array of tables, in their order. Raises ConfigError where it is no such array."""
    raws = file.data.get(table, [])
    if not isinstance(raws, list):
        raise file.error((table,), "this is not a list of tables", mend=f"write [[{table}]] above each entry")
    lines = file.text.splitlines()
    starts = [at for at, line in enumerate(lines) if (head := _HEADER.match(line)) and head[1] == table]
    for number, raw in enumerate(raws):
        if len(starts) == len(raws):
            first = starts[number]
            last = starts[number + 1] if number + 1 < len(starts) else len(lines)
            own = TomlFile(file.path, "\n".join([*[""] * first, *lines[first:last]]), file.data)
            yield Entry(own, table, raw)
        else:
            yield Entry(file, table, raw)


def head_of(file: TomlFile, into: type[T], *tables: str) -> T:
    """Return the keys above the entries. Raises ConfigError on an unknown key and on a missing one.

    The fields of `into` that hold the entries are empty by default, and are filled in by the caller.
    """
    raw = {key: value for key, value in file.data.items() if key not in tables}
    for field in fields(into):  # type: ignore[arg-type]  # a Struct
        if field.required and field.encode_name not in raw:
            raise file.error((field.encode_name,), "this key is required", mend=f"write {field.encode_name} = ...")
        if field.default == () and field.encode_name in raw:
            raise file.unknown_key((field.encode_name,), tables)
    return file.convert(raw, into, ())


def once(entry: Entry, key: str, word: str, seen: set[str]) -> None:
    """Raise ConfigError where an earlier entry has this name already."""
    if word in seen:
        raise entry.error(key, f"{word!r} is there twice", so="one would hide the other", mend="give it its own name")
    seen.add(word)
