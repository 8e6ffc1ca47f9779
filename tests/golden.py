"""Golden files: what a command prints, kept as text, so that a better sentence is a diff that a person reads.

A test calls `compare` with a name and the text; `make golden` writes what the tests print now. Values (counts, states,
codes) are asserted in the test itself: a golden file is for wording and layout only.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
WRITES = bool(os.environ.get("ANNEXD_GOLDEN"))
"""Set by `make golden`: files are written instead of compared."""

_VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"), "<time>"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "<date>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<digest>"),
    (re.compile(r"(?:/[\w.@-]+)+/(?:pytest-[\w-]+|annexd-[\w-]+)(?:/[\w.@-]+)*/"), "<folder>/"),
    (re.compile(r"\b\d+\.\d+ s\b|\b\d+ seconds?\b|\b\d+s\b"), "<seconds>"),
)


def steady(text: str) -> str:
    """Return a text with times, digests, folders and durations replaced, and no space at the end of a line."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def compare(name: str, text: str) -> None:
    """Assert that a text is what `tests/golden/NAME.txt` holds; `make golden` writes the file instead."""
    file = FOLDER / f"{name}.txt"
    said = steady(text)
    if WRITES:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said, encoding="utf-8")
        return
    assert file.exists(), f"{file.name} is missing: run make golden, read the file, and commit it"
    assert said == file.read_text(encoding="utf-8"), f"{file.name}: read the diff; make golden accepts it"
