"""Acme's own files: scope, statement of applicability, exceptions and more, as they are on one day of the demo.

They are templates. `{{-30d}}` is the day so many days before the last one, and `{{48d ? A : B}}` is A from so many days
before the last one on, and B before. What tells of something that has not happened yet is left out.
"""

from __future__ import annotations

import re
import tomllib
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from collector.core.attestations import Attestation, Attested, Person
from collector.core.canonical import digest_of

if TYPE_CHECKING:
    from collector.demo.clock import DemoClock

_FOLDER = Path(__file__).parent / "company"
_RECORDS = "records.toml"
_VALID = timedelta(days=365)

_CHOICE = re.compile(r"\{\{(\d+)d \? (.+?) : (.+?)\}\}")
_OFFSET = re.compile(r"[+-]\d+d")
_DAY = re.compile(r"\{\{([+-]\d+)d\}\}")
_DATED = re.compile(r"(\w+) *= *(\d{4}-\d\d-\d\d)")
_BLOCK = re.compile(r"^(?=(?:#[^\n]*\n)*\[)", re.MULTILINE)

_HAPPENED = frozenset(
    {"approved_on", "changed_on", "feedback_on", "found_on", "held_on", "identified_on", "raised_on", "stated_on"}
)
"""Keys of a day on which what a table tells of happened; before it, there is no such table."""

_ADDED = {
    "done_on": ("done_on",),
    "reviewed_on": ("reviewed_on", "reviewed_by", "result"),
    "closed_on": ("closed_on", "closed_by"),
}
"""Keys of a day on which something was added to a table, with the keys that were added then."""


def write_company_files(folder: Path, today: date | None = None, on: date | None = None) -> list[Path]:
    """Write the files beside a configuration as they are on a day, and return what was written.

    Days count from `today`, the last day of the demo; without `on` that is the day as well.
    """
    last = datetime.now(UTC).date() if today is None else today
    written = []
    for file in sorted(_FOLDER.glob("*.toml")):
        if file.name != _RECORDS:
            text = _on(_dated(file.read_text(encoding="utf-8"), last, last if on is None else on), on or last)
            path = folder / file.name
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def records_filed(since: int, until: int, clock: DemoClock, today: date) -> Iterator[Attested]:
    """Yield the records that people filed more than `until` and up to `since` days before the last day."""
    text = (_FOLDER / _RECORDS).read_text(encoding="utf-8")
    for one in tomllib.loads(text)["record"]:
        if since > one["filed"] >= until:
            yield _record(one, clock, today)


def _record(one: dict[str, str], clock: DemoClock, today: date) -> Attested:
    approved = today - timedelta(days=int(one["approved"]))
    document = f"Acme Ltd\n{one['title']}, version {one['version']}, approved on {approved}\n".encode()
    name, _, role = one["by"].partition(", ")
    made = Attestation(
        ask=one["ask"],
        kind="record",
        stated_by=Person(name, role),
        entered_by="acme",
        reviewed_by=one["reviewed_by"],
        version=one["version"],
        approved_on=approved,
        obtained_from=one["obtained"],
        period=None,
        made_at=clock.now(),
        valid_until=approved + _VALID,
        file_name=f"{one['title']}.txt",
        digest=digest_of(document),
        size=len(document),
    )
    return Attested(made, (b64encode(document).decode("ascii"),))


def _dated(text: str, last: date, on: date) -> str:
    def chosen(found: re.Match[str]) -> str:
        value = found[2] if last - timedelta(days=int(found[1])) <= on else found[3]
        return f"{{{{{value}}}}}" if _OFFSET.fullmatch(value) else value

    return _DAY.sub(lambda found: str(last + timedelta(days=int(found[1]))), _CHOICE.sub(chosen, text))


def _on(text: str, day: date) -> str:
    """Leave out what tells of a later day than this one."""
    blocks = _BLOCK.split(text)
    return "".join(_without_later(block, day) for block in blocks if not _HAPPENED & _later(block, day))


def _without_later(block: str, day: date) -> str:
    gone = {key for dated in _ADDED.keys() & _later(block, day) for key in _ADDED[dated]}
    return "".join(line for line in block.splitlines(keepends=True) if line.partition("=")[0].strip() not in gone)


def _later(block: str, day: date) -> set[str]:
    """The keys that have a later day."""
    return {key for key, value in _DATED.findall(block) if date.fromisoformat(value) > day}
