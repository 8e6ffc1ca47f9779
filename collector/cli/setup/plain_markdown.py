"""A document in Markdown as plain text for a terminal: headings, paragraphs, lists, tables and code."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from collector.cli.terminal.page import Styled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.cli.terminal.page import Page

_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_ITEM = re.compile(r"^(\s*)([-*]|\d+\.) (.*)$")


def title_of(text: str) -> str:
    """Return the first heading of a document; empty where it has none."""
    return next((_plain(line.lstrip("# ")) for line in text.splitlines() if line.startswith("# ")), "")


def show_markdown(text: str, out: Page) -> None:
    """Print a document. Code stays as it is; a row of a table is one line of columns."""
    before = "#"
    for block in _blocks(text):
        first = block[0]
        if first[0] != "#" and before[0] != "#" and not (_ITEM.match(first) and _ITEM.match(before)):
            out.gap()
        before = first
        if first.startswith("#"):
            out.head(_plain(first.lstrip("# ")))
        elif first.startswith("```"):
            out.verbatim(block[1:], indent=4)
        elif first.startswith("|"):
            rows = [[_plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in block]
            out.rows(rows[2:], heads=rows[0] if any(rows[0]) else ())
        elif item := _ITEM.match(first):
            indent = len(item[1])
            out.rows(
                [(Styled(item[2], ""), _plain(" ".join([item[3], *(line.strip() for line in block[1:])])))],
                indent=indent,
            )
        else:
            out.paragraph(_plain(" ".join(block)))


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield what belongs together: a heading, a paragraph, an item, a table, or code without its closing fence."""
    block: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        if block and (not line.strip() or _begins(line, block[0])):
            yield block
            block = []
        if line.startswith("```"):
            yield [line, *takewhile(lambda inner: not inner.startswith("```"), lines)]
        elif line.strip():
            block.append(line)
    if block:
        yield block


def _begins(line: str, first: str) -> bool:
    """Whether a line begins something of its own, after a block whose first line is given."""
    if line.startswith(("#", "```")) or first.startswith("#") or _ITEM.match(line):
        return True
    return line.startswith("|") != first.startswith("|")


def _plain(text: str) -> str:
    """Return text without the marks of links, code and emphasis."""
    return _LINK.sub(r"\1", text).replace("`", "").replace("**", "").replace("\\|", "|")
