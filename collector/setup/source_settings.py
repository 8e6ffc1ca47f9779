"""A connector's own settings, from its table of the configuration."""

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
    """Return a connector's own settings. Raises ConfigError with the place of an invalid key or value."""
    at = ("sources", name)
    typed = dict(raw)
    for field in msgspec.structs.fields(into):
        # msgspec reads spans as ISO 8601 only, without calling the hook.
        if field.encode_name in raw and timedelta in (field.type, *get_args(field.type)):
            typed[field.encode_name] = span_at(config.file, (*at, field.encode_name), raw[field.encode_name])

    def hook(of: type, value: object) -> object:
        if of is Secret:
            return secret(value, config.folder)
        if of is Path and isinstance(value, str):
            return config.folder / value
        message = f"expected {of.__name__}"
        raise ValueError(message)

    _refuse_unknown_keys(config, at, into, raw)
    try:
        return config.file.convert(typed, into, at, hook)
    except ConfigError as error:
        if missing := re.search(r"missing required field `([^`]*)`", error.what):
            raise config.file.error(
                (*at, missing[1]), "this key is required", mend=_how_to_write(into, missing[1])
            ) from error
        raise


def _refuse_unknown_keys(config: Config, at: tuple[str, ...], into: type[msgspec.Struct], raw: dict[str, Any]) -> None:
    """Raise ConfigError on an unknown key, with the connector's keys and those of every source."""
    known = {field.encode_name for field in msgspec.structs.fields(into)}
    for key in raw:
        if key not in known:
            ours = ("connector", "every", "serves", "holds_pii", "calls_per_second", "concurrency")
            raise config.file.unknown_key((*at, key), (*sorted(known), *ours))


def _how_to_write(into: type[msgspec.Struct], key: str) -> str:
    wants = {field.encode_name: field.type for field in msgspec.structs.fields(into)}
    if Secret in (wants[key], *get_args(wants[key])):
        return f'write {key} = {{ env = "NAME" }}, or file, or keyring'
    return f"write {key} = ..."
