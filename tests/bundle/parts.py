"""The reading parts of a bundle as a test looks at them: files by path, tables by column, OSCAL by NIST's schema."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft7Validator

from collector.bundle.bag import Bag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.bundle.contents import BundleContents
    from collector.bundle.exporters.exporters import Exporter

_SCHEMA = Path(__file__).parents[1] / "recorded" / "oscal" / "assessment_results.json"


def written(contents: BundleContents, *exporters: Exporter) -> dict[str, bytes]:
    """The files that exporters write, by path."""
    made = io.BytesIO()
    with Bag(made, "bundle") as bag:
        for exporter in exporters:
            exporter(contents, bag)
    with zipfile.ZipFile(made) as opened:
        return {name.removeprefix("bundle/"): opened.read(name) for name in opened.namelist()}


def insides(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same files, and what is in those that are compressed."""
    made = dict(files)
    for path, data in files.items():
        if path.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(data)) as book:
                made |= {f"{path}/{name}": book.read(name) for name in book.namelist()}
    return made


def rows_of(files: dict[str, bytes], table: str) -> list[dict[str, str]]:
    """A table, read as any program reads it."""
    text = files[f"data/csv/{table}.csv"].decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@cache
def _validator() -> Draft7Validator:
    # Python's expressions do not know classes of Unicode by name; these are as good for what we write.
    text = _SCHEMA.read_text().replace(r"\\p{L}", r"[^\\W\\d_]").replace(r"\\p{N}", r"\\d")
    return Draft7Validator(json.loads(text), format_checker=Draft7Validator.FORMAT_CHECKER)


def faults(document: Any) -> Iterable[str]:
    """What NIST's schema finds wrong with a document."""
    return [f"{list(fault.absolute_path)}: {fault.message[:200]}" for fault in _validator().iter_errors(document)]


def props(element: dict[str, Any]) -> dict[str, str]:
    """The properties of something in OSCAL, by name."""
    return {prop["name"]: prop["value"] for prop in element.get("props", ())}


def texts(found: Any) -> Iterable[str]:
    """Every text in a JSON document."""
    match found:
        case str():
            yield found
        case dict():
            for value in found.values():
                yield from texts(value)
        case list():
            for value in found:
                yield from texts(value)


UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What controls a terminal, turns the direction of writing, or cannot be seen."""
