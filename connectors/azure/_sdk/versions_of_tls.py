"""Versions of TLS as each service of Azure writes them: TLS1_2, 1.2, TLSv1.3, Tls12."""

from __future__ import annotations

import re

_VERSION = re.compile(r"(?i)(?:tls)?[ _v]*([0-9])(?:[._]?([0-9]))?")

TLS_1_2 = (1, 2)


def tls_version(text: str) -> tuple[int, int] | None:
    """Return a version as numbers that can be compared; None for a text that names none."""
    found = _VERSION.fullmatch(text.strip())
    return None if found is None else (int(found[1]), int(found[2] or 0))
