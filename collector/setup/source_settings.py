"""A connector's own settings, as a table of the configuration says them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from collector.core.errors import ConfigError
from collector.core.secrets import Secret
from collector.setup.config import span_at
from collector.setup.secret_refs import secret

if TYPE_CHECKING:
    from collector.setup.config import Config


def settings_of(config: Config, name: str, into: type[msgspec.Struct], raw: dict[str, Any]) -> msgspec.Struct:
    """Return a connector's own settings. Raises ConfigError with the place of what is wrong."""
    at = ("sources", name)
    typed = dict(raw)
    for one in msgspec.structs.fields(into):
        # msgspec reads a span as ISO 8601 only, and would not ask anybody.
        if one.encode_name in raw and timedelta in (one.type, *get_args(one.type)):
            typed[one.encode_name] = span_at(config.file, (*at, one.encode_name), raw[one.encode_name])

    def hook(of: type, value: object) -> object:
        if of is Secret:
            return secret(value, config.folder)
        if of is Path and isinstance(value, str):
            return config.folder / value
        message = f"expected {of.__name__}"
        raise ValueError(message)

    _no_stranger(config, at, into, raw)
    try:
        return config.file.convert(typed, into, at, hook)
    except ConfigError as error:
        if missing := re.search(r"missing required field `([^`]*)`", error.what):
            raise config.file.error((*at, missing[1]), "this key is required", mend=_how(into, missing[1])) from error
        raise


def _no_stranger(config: Config, at: tuple[str, ...], into: type[msgspec.Struct], raw: dict[str, Any]) -> None:
    """Refuse a key that the connector does not know, naming ours beside the connector's."""
    known = {one.encode_name for one in msgspec.structs.fields(into)}
    for key in raw:
        if key not in known:
            ours = ("connector", "every", "serves", "holds_pii", "calls_per_second", "concurrency")
            raise config.file.unknown_key((*at, key), (*sorted(known), *ours))


def _how(into: type[msgspec.Struct], key: str) -> str:
    wants = {one.encode_name: one.type for one in msgspec.structs.fields(into)}
    if Secret in (wants[key], *get_args(wants[key])):
        return f'write {key} = {{ env = "NAME" }}, or file, or keyring'
    return f"write {key} = ..."
