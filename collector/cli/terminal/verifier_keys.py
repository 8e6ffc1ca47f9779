"""The verifier key that a person trusts, as an option gives it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from collector.core.errors import ConfigError, VerificationError

if TYPE_CHECKING:
    from storage.log.notes import VerifierKey


def verifier_key(given: str) -> VerifierKey:
    """Return the key in a text, or in the file that it names. Raises ConfigError."""
    from storage.log.notes import parse_verifier_key

    path = Path(given)
    try:
        return parse_verifier_key(text_of(path, "--key") if "+" not in given or path.exists() else given)
    except VerificationError as error:
        raise ConfigError(f"--key: {error.what}", mend="annexd key prints the verifier key of a store") from error


def text_of(path: Path, option: str) -> str:
    """Return the text of a file that an option names. Raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{option}: {path} cannot be read: {error}", mend="name a file that is there") from error
