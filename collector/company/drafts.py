"""Drafts of entries of company files: TOML to copy, checked as the file would be with the entry at its end."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any, get_args

from msgspec import Struct
from msgspec.structs import fields

from collector.company import actions_file, exceptions_file
from collector.company.company_files import NAMES, company, on_disk
from collector.core.errors import ConfigError
from collector.core.isms.actions import Action
from collector.core.isms.exceptions import Acceptance
from collector.setup.toml_file import TomlFile, toml_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.setup.app import App

KINDS: dict[str, tuple[str, type[Struct]]] = {
    "exceptions": (exceptions_file.TABLE, Acceptance),
    "actions": (actions_file.TABLE, Action),
}
"""The files that entries are drafted for: the name of the table, and what an entry is."""


class DraftField(Struct, frozen=True, kw_only=True):
    """One key of an entry. `type` is text, day, number or list (a line each)."""

    name: str
    type: str
    required: bool


class Draft(Struct, frozen=True, kw_only=True):
    """A drafted entry. `wrong` says why the file would be refused with it; empty: it would be taken."""

    text: str
    wrong: tuple[str, ...]


def fields_of(which: str) -> list[DraftField]:
    """Return the keys of an entry, in the order in which they are written."""
    _, struct = KINDS[which]
    return [DraftField(name=key.encode_name, type=_type(key.type), required=key.required) for key in fields(struct)]


def drafted(app: App, which: str, given: Mapping[str, str]) -> Draft:
    """Return the entry as TOML, from what was filled in, and what is wrong with it. Nothing is written anywhere."""
    table, _ = KINDS[which]
    text = "\n".join([f"[[{table}]]", *_lines(which, given)]) + "\n"
    files = on_disk(app.config)
    current = files.get(which)
    path = app.config.folder / NAMES[which] if current is None else current.path
    whole = text if current is None else f"{current.text.rstrip()}\n\n{text}"
    try:
        file = TomlFile(path, whole, tomllib.loads(whole.removeprefix("\ufeff")))
        company(app, app.frameworks(), {**files, which: file})
    except tomllib.TOMLDecodeError as error:
        return Draft(text=text, wrong=(f"{path.name}: {error}",))
    except ConfigError as error:
        return Draft(text=text, wrong=tuple(line.replace(f"{path.parent}/", "") for line in error.lines()))
    return Draft(text=text, wrong=())


def _lines(which: str, given: Mapping[str, str]) -> Iterator[str]:
    for field in fields_of(which):
        text = given.get(field.name, "").strip()
        # The subject "" is the scope itself, and is written out.
        if text or (field.name == "subject" and field.required):
            yield f"{field.name} = {_value(field.type, text)}"


def _value(kind: str, text: str) -> str:
    if kind == "list":
        return f"[{', '.join(toml_text(line.strip()) for line in text.splitlines() if line.strip())}]"
    if kind == "day":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            return toml_text(text)  # refused by the file's own check, with its line
    if kind == "number" and text.isascii() and text.isdecimal():
        return str(int(text))
    return toml_text(text)


def _type(of: Any) -> str:  # noqa: ANN401  any type of a field
    inner = {of, *get_args(of)}
    if any(getattr(one, "__origin__", None) is tuple for one in inner):
        return "list"
    if date in inner:
        return "day"
    return "number" if int in inner else "text"
