"""Acme's company files: scope, statement of applicability, exceptions and more, as of a day of the demo.

They are templates. `{{-30d}}` is the day so many days before the last one, and `{{48d ? A : B}}` is A from so many days
before the last one on, and B before. Tables and keys with a later day are left out.
"""

from __future__ import annotations

import re
import tomllib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from collector.core.attestations import Attestation, Attested, Person
from collector.core.canonical import digest_of

if TYPE_CHECKING:
    from collector.demo.clock import DemoClock

_FOLDER = Path(__file__).parent / "company"
_RECORDS = "records.toml"
_SCOPE = "scope.toml"
_VALID = timedelta(days=365)

_CHOICE = re.compile(r"\{\{(\d+)d \? (.+?) : (.+?)\}\}")
_OFFSET = re.compile(r"[+-]\d+d")
_DAY = re.compile(r"\{\{([+-]\d+)d\}\}")
_DATED = re.compile(r"(\w+) *= *(\d{4}-\d\d-\d\d)")
_BLOCK = re.compile(r"^(?=(?:#[^\n]*\n)*\[)", re.MULTILINE)

_HAPPENED = frozenset(
    {"approved_on", "changed_on", "feedback_on", "found_on", "held_on", "identified_on", "raised_on", "stated_on"}
)
"""Keys with the day of the event that a table describes; before that day the table is left out."""

_ADDED = {
    "done_on": ("done_on",),
    "reviewed_on": ("reviewed_on", "reviewed_by", "result"),
    "closed_on": ("closed_on", "closed_by"),
}
"""Keys with the day on which keys were added to a table, and which keys those are."""


def write_company_files(
    folder: Path, today: date | None = None, on: date | None = None, systems: Iterable[str] = ()
) -> list[Path]:
    """Write the files into a folder as of a day, and return their paths.

    Offsets count from `today`, the last day of the demo; `on` is the day, `today` where it is left out. `systems` are
    tables of systems that are in scope beside those of the file.
    """
    last = datetime.now(UTC).date() if today is None else today
    written = []
    for file in sorted(_FOLDER.glob("*.toml")):
        if file.name != _RECORDS:
            template = file.read_text(encoding="utf-8")
            if file.name == _SCOPE:
                template = "\n".join([template, *systems])
            text = _as_of(_fill_in_dates(template, last, last if on is None else on), on or last)
            path = folder / file.name
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def records_filed(since: int, until: int, clock: DemoClock, today: date) -> Iterator[Attested]:
    """Yield the records that were filed less than `since` and at least `until` days before the last day."""
    text = (_FOLDER / _RECORDS).read_text(encoding="utf-8")
    for record in tomllib.loads(text)["record"]:
        if since > record["filed"] >= until:
            yield _record(record, clock, today)


def _record(record: dict[str, str], clock: DemoClock, today: date) -> Attested:
    approved = today - timedelta(days=int(record["approved"]))
    document = f"Acme Ltd\n{record['title']}, version {record['version']}, approved on {approved}\n".encode()
    name, _, role = record["by"].partition(", ")
    made = Attestation(
        ask=record["ask"],
        kind="record",
        stated_by=Person(name, role),
        entered_by="acme",
        reviewed_by=record["reviewed_by"],
        version=record["version"],
        approved_on=approved,
        obtained_from=record["obtained"],
        period=None,
        made_at=clock.now(),
        valid_until=approved + _VALID,
        file_name=f"{record['title']}.txt",
        digest=digest_of(document),
        size=len(document),
    )
    return Attested(made, (b64encode(document).decode("ascii"),))


def _fill_in_dates(text: str, last: date, on: date) -> str:
    def chosen(match: re.Match[str]) -> str:
        value = match[2] if last - timedelta(days=int(match[1])) <= on else match[3]
        return f"{{{{{value}}}}}" if _OFFSET.fullmatch(value) else value

    return _DAY.sub(lambda match: str(last + timedelta(days=int(match[1]))), _CHOICE.sub(chosen, text))


def _as_of(text: str, day: date) -> str:
    """Return a file's text without the tables and keys of later days."""
    blocks = _BLOCK.split(text)
    return "".join(_without_later(block, day) for block in blocks if not _HAPPENED & _later(block, day))


def _without_later(block: str, day: date) -> str:
    gone = {key for dated in _ADDED.keys() & _later(block, day) for key in _ADDED[dated]}
    return "".join(line for line in block.splitlines(keepends=True) if line.partition("=")[0].strip() not in gone)


def _later(block: str, day: date) -> set[str]:
    """Return the keys that have a later day."""
    return {key for key, value in _DATED.findall(block) if date.fromisoformat(value) > day}
