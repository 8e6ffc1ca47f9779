"""The file of a connector's coverage: which verdicts tests have shown of each check, and why others cannot be."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from collector.core.errors import ConfigError

ShownVerdict = Literal["pass", "fail", "unknown"]

VERDICTS: tuple[ShownVerdict, ...] = ("pass", "fail", "unknown")
"""The verdicts that tests have to show of every check."""


class CheckCoverage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of the tests of a connector's checks, each by the id of a check.

    `shown` are the verdicts that tests have seen the check give, `never` those that it cannot give, with the reason,
    and `unlinked` why no control is linked to it.
    """

    shown: Mapping[str, tuple[ShownVerdict, ...]] = {}
    never: Mapping[str, Mapping[ShownVerdict, str]] = {}
    unlinked: Mapping[str, str] = {}


def load_check_coverage(file: Path) -> CheckCoverage:
    """Read the file. Raises ConfigError, naming the file, where it is missing or has a mistake."""
    try:
        return _parsed(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            f"{file}: the coverage of checks cannot be read: {error}",
            so="which verdicts tests have shown is not known",
            mend="correct the file as docs/connector-coverage.md describes it, or install its connector again",
        ) from error


@lru_cache(maxsize=32)
def _parsed(text: str) -> CheckCoverage:
    """Return the coverage of a file's text; cached, because the page of each check reads that of its connector."""
    return msgspec.convert(tomllib.loads(text), CheckCoverage)
