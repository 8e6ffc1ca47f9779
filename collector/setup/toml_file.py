"""A TOML file of the user's, and errors with the place of what is wrong in it."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

T = TypeVar("T")

_HEADER = re.compile(r"^\s*\[\[?\s*(?P<path>[^\[\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*(?P<key>[\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=")


@dataclass(frozen=True)
class TomlFile:
    """A file with its text and its values."""

    path: Path
    text: str
    data: dict[str, Any]

    def error(self, at: tuple[str, ...], what: str, *, so: str = "", mend: str = "") -> ConfigError:
        """Return an error that names the file, the line where it can be found, and the key."""
        line = self.line_of(at)
        place = str(self.path) if line is None else f"{self.path}:{line}"
        key = ".".join(_quoted(part) for part in at)
        return ConfigError(": ".join(part for part in (place, key, what) if part), so=so, mend=mend)

    def line_of(self, at: tuple[str, ...]) -> int | None:
        """Return the line that sets a key or opens a table; that of the nearest table where there is no such line."""
        if not at:
            return None
        table: tuple[str, ...] = ()
        nearest: int | None = None
        for number, line in enumerate(self.text.splitlines(), start=1):
            if header := _HEADER.match(line):
                table = _parts(header["path"])
                here = table
            elif key := _KEY.match(line):
                here = (*table, *_parts(key["key"]))
            else:
                continue
            if here[: len(at)] == at:
                return number
            if nearest is None and here and at[: len(here)] == here:
                nearest = number
        return nearest

    def convert(
        self, raw: object, into: type[T], at: tuple[str, ...], dec_hook: Callable[[type, Any], Any] | None = None
    ) -> T:
        """Return a value as a type. Raises ConfigError with the place where it does not fit."""
        try:
            return msgspec.convert(raw, into, dec_hook=dec_hook)
        except msgspec.ValidationError as error:
            what, inner = _split(str(error))
            where = (*at, *inner)
            if unknown := re.search(r"unknown field `([^`]*)`", what):
                raise self.unknown_key((*where, unknown[1]), keys_of(into, inner)) from error
            # An error of a Struct's own has no path; its text begins with the name of the key.
            if not inner and isinstance(raw, dict) and (key := re.match(r"\w+", what)) and key[0] in raw:
                raise self.error((*at, key[0]), what, mend="correct the value at that place") from error
            given = _value_at(raw, inner)
            # A value is shown only in errors of msgspec's own: one that a hook refuses may be a secret.
            typical = what[:1].isupper() and isinstance(given, str | int | float | bool)
            shown = f", and this is {given!r}" if typical else ""
            raise self.error(where, what + shown, mend="correct the value at that place") from error

    def unknown_key(self, at: tuple[str, ...], known: Iterable[str]) -> ConfigError:
        """Return the error for an unknown key, with the known ones."""
        names = tuple(known)
        return self.error(at, "there is no such key", mend=would_do(at[-1], names, "the keys here are"))


def read_toml(path: Path) -> TomlFile:
    """Read a file. Raises ConfigError with line and column where it is not UTF-8 or not TOML."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", mend="correct the path or its rights") from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise ConfigError(
            f"{path}:{line}: column {column}: this is not UTF-8: byte 0x{raw[error.start]:02x}",
            mend="save the file as UTF-8",
        ) from error
    try:
        # Some editors put a byte order mark in front.
        return TomlFile(path, text, tomllib.loads(text.removeprefix("\ufeff")))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"^(.*) \(at line (\d+), column (\d+)\)$", str(error))
        where = f"{path}:{place[2]}: column {place[3]}: {place[1]}" if place else f"{path}: {error}"
        raise ConfigError(f"{where}: this is not TOML", mend="correct the file at that place") from error


_FEW = 12
"""Names that are listed in an error; of more, the most alike."""


def would_do(word: str, known: Iterable[str], what: str) -> str:
    """Return a text with the nearest known word and the list of all; of many, only those most alike."""
    names = tuple(dict.fromkeys(known))
    near = difflib.get_close_matches(word, names, n=1)
    nearest = f"the nearest is {near[0]}; " if near else ""
    if len(names) <= _FEW:
        return f"{nearest}{what}: {', '.join(names) or 'none'}"
    shown = difflib.get_close_matches(word, names, n=_FEW, cutoff=0)
    return f"{nearest}{what}: {', '.join(sorted(shown))} and {len(names) - len(shown)} more"


def toml_text(text: str) -> str:
    """Return a text as a basic string of TOML: as JSON, with everything escaped that cannot be seen."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else _escape(ord(letter)) for letter in quoted)


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"


def keys_of(struct: object, inner: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the keys that a Struct takes, or the Struct at a place inside it."""
    for name in inner:
        if not (isinstance(struct, type) and issubclass(struct, msgspec.Struct)):
            return ()
        types = {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
        struct = types.get(name)
    return tuple(getattr(struct, "__struct_encode_fields__", ()))


def _split(error: str) -> tuple[str, tuple[str, ...]]:
    """Split an error of msgspec's, such as `Expected int - at $.store.url[0]`, into its text and its path."""
    what, _, place = error.partition(" - at `$")
    return what, tuple(re.findall(r"[^.\[\]`]+", re.sub(r"\[(\d+|\.\.\.)\]", "", place)))


def _value_at(raw: object, inner: tuple[str, ...]) -> object:
    for name in inner:
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[\w-]+", path))


def _quoted(part: str) -> str:
    return part if re.fullmatch(r"[\w-]+", part) else f'"{part}"'
