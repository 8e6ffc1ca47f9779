"""Golden files with named parts: the short texts of one area in one file, such as reasons and messages of errors.

A test asserts values itself and calls `compare_part` for the wording; `make golden` writes the parts that tests print.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests import golden

if TYPE_CHECKING:
    from pathlib import Path

_VARYING = (
    (re.compile(r"annexd\.invalid/\w{8}"), "annexd.invalid/<store>"),
    (re.compile(r"\bprocess \d+ on \S+"), "process <pid> on <host>"),
    (re.compile(r"\+[0-9a-f]{8}\+[\w+/=]{44,}"), "+<key>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<uuid>"),
)
_HEADING = re.compile(r"^== (.+) ==\n", re.MULTILINE)


def compare_part(area: str, part: str, text: str) -> None:
    """Assert that a text is the named part of `tests/golden/AREA.txt`; `make golden` writes the part instead."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    printed = golden.steady(text)
    file = golden.FOLDER / f"{area}.txt"
    parts = _read(file)
    if golden.WRITES:
        parts[part] = printed
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(f"== {name} ==\n{parts[name]}" for name in sorted(parts)), encoding="utf-8")
        return
    assert part in parts, f"{file.name} has no part {part!r}: run make golden, read the file, and commit it"
    assert printed == parts[part], f"{file.name}, {part}: read the diff; make golden accepts it"


def compare_error(area: str, part: str, error: BaseException) -> None:
    """Compare all lines of an error that people read with a part of a golden file."""
    lines = getattr(error, "lines", None)
    compare_part(area, part, str(error) if lines is None else "\n".join(lines()))


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    _, *found = _HEADING.split(file.read_text(encoding="utf-8"))
    return {name: body.rstrip("\n") + "\n" for name, body in zip(found[::2], found[1::2], strict=True)}
