"""Acme's own files: scope, statement of applicability, exceptions; dated around the day on which they are written."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

_FOLDER = Path(__file__).parent / "company"

_DAY = re.compile(r"\{\{([+-]\d+)d\}\}")
"""A day so many days before or after the one of writing: an exception that lasts a year has to begin in it."""


def write_company_files(folder: Path, today: date | None = None) -> list[Path]:
    """Write the files beside a configuration, and return what was written."""
    day = datetime.now(UTC).date() if today is None else today
    written = []
    for file in sorted(_FOLDER.glob("*.toml")):
        text = _DAY.sub(lambda found: str(day + timedelta(days=int(found[1]))), file.read_text(encoding="utf-8"))
        path = folder / file.name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
