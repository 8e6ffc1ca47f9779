"""Secrets by reference to a variable, a file or a keyring."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError
from collector.core.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMS = '{ env = "NAME" }, { file = "path" } or { keyring = "service/name" }'
"""The forms of a reference."""

_ONE_REFERENCE = f"a secret is one reference: {FORMS}"


def secret(raw: object, folder: Path, environ: Mapping[str, str] | None = None) -> Secret:
    """Return the secret that a reference names; a relative file is looked for in `folder`.

    The value is read when it is used. Raises ValueError on anything that is not exactly one reference.
    """
    if isinstance(raw, str):
        # The text is not repeated in the message, because it may be the secret.
        message = f"a secret may not stand in the file, where backups and git would keep it; write {FORMS}"
        raise ValueError(message)  # noqa: TRY004  msgspec gives a ValueError its place
    if not isinstance(raw, dict) or len(raw) != 1:
        raise ValueError(_ONE_REFERENCE)
    ((form, name),) = raw.items()
    if not isinstance(name, str) or not name.strip():
        raise ValueError(_ONE_REFERENCE)
    match form:
        case "env":
            return Secret(f"env {name}", lambda: _from_environment(name, os.environ if environ is None else environ))
        case "file":
            return Secret(f"file {name}", lambda: _from_file(folder / name))
        case "keyring":
            service, _, entry = name.partition("/")
            if not entry:
                message = f'"{name}" does not name a service and an entry; write {{ keyring = "service/name" }}'
                raise ValueError(message)
            return Secret(f"keyring {name}", lambda: _from_keyring(service, entry))
        case _:
            raise ValueError(_ONE_REFERENCE)


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise ConfigError(
            f"the environment variable {name} is {'empty' if name in environ else 'not set'}",
            mend=f"export {name} with the secret, or name another place: {FORMS}",
        )
    return value


def _from_file(path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError(
            f"the secret in {path} cannot be read: {why}", mend="correct the path or its rights"
        ) from error
    if not value:
        raise ConfigError(f"the file {path} holds no secret", mend="write the secret into it")
    return value


def _from_keyring(service: str, entry: str) -> str:
    try:
        keyring: Any = importlib.import_module("keyring")
    except ImportError as error:
        raise ConfigError(
            f"the secret {service}/{entry} is in a keyring, and the package keyring is not installed",
            mend="pip install keyring, or name another place",
        ) from error
    try:
        value = keyring.get_password(service, entry)
    except keyring.errors.KeyringError as error:
        raise ConfigError(f"the keyring did not give {service}/{entry}: {error}", mend="unlock the keyring") from error
    if not value:
        raise ConfigError(f"the keyring has no entry {service}/{entry}", mend=f"keyring set {service} {entry}")
    return str(value)
