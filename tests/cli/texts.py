"""Golden files of commands: what differs from run to run is taken out before a text is compared."""

from __future__ import annotations

import getpass
import re

from tests.golden import compare as compare_golden

_VARYING = (
    (re.compile(r"\+[0-9a-f]{8}\+[\w+/=]+"), "+<key>"),
    (re.compile(r"(?:[0-9a-f]{2}:){7,}[0-9a-f]{2}|\b[0-9a-f]{8}\b|\b[0-9a-f]{16,64}\b"), "<hex>"),
    (re.compile(r"(?<=\n)[\w+/=]{40,}$|(?<=\N{EM DASH} )\S+ \S+$", re.MULTILINE), "<base64>"),
    (re.compile(r"\b\d[\d,]* bytes|\b\d+(?:\.\d+)? [GM]B\b|(?<=: )\d+(?= bytes)"), "<size>"),
    (re.compile(r"\bprocess \d+"), "process <number>"),
    (re.compile(r"(?<=log entries of )\d+|\b\d+(?= of kind )"), "<count>"),
    (re.compile(r"\b\d{8}T\d{6}Z?-\w+"), "<run>"),
    (
        re.compile(r"(?<=\n)(?:ok|note) +(?:annexd|SQLite|proxy|certificates|disk|packages).*(?:\n +to fix.*)?"),
        "<machine>",
    ),
    (re.compile(r"\blog entr(?:y|ies) \d+|(?<=\n)\d+(?= \d{4}-\d\d-\d\dT)|(?<=entry )\d+"), "<entry>"),
    (re.compile(rf"(?<=by ){re.escape(getpass.getuser())}\b"), "<user>"),
)


def steady(text: str) -> str:
    """A text without keys, sizes, numbers of log entries, run ids and what is of this machine only."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, f"\n{text}")[1:]
    return re.sub(r"(<machine>\n)+", "<machine>\n", text)


def compare(name: str, text: str) -> None:
    """Assert that a text is what its golden file holds; `make golden` writes the file instead."""
    compare_golden(name, steady(text))
