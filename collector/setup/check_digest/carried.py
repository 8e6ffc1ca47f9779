"""Digests that were recorded by an older method, and what each of them is called now."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("carried.toml")
"""For each check its digest as it was when only the text of its own function counted, and that of the same code now."""


def carried(code: str) -> str:
    """Return what a recorded digest of a check's code is called now; itself where nothing is known of it."""
    return code if code.startswith("rule") else _table().get(code, code)


def carried_checks() -> dict[str, str]:
    """Return the digests of the checks that were carried over, by their ids."""
    return {id_: one["now"] for id_, one in _read().items()}


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    return {one["was"]: one["now"] for one in _read().values()}


def _read() -> dict[str, dict[str, str]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))
