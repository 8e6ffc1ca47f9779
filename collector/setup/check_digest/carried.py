"""Digests that were recorded by an older method, and the current digest of the same code."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("carried.toml")
"""For each check `was`, the digest of its function's text alone, and `now`, the current digest of the same code."""


def carried(code: str) -> str:
    """Return the current digest for a recorded one; the same digest where it is not in the table."""
    return code if code.startswith("rule") else _table().get(code, code)


def carried_checks() -> dict[str, str]:
    """Return the current digests of the checks in the table, by their ids."""
    return {id_: entry["now"] for id_, entry in _read().items()}


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    return {entry["was"]: entry["now"] for entry in _read().values()}


def _read() -> dict[str, dict[str, str]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))
