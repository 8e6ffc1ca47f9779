"""`annexd help`: the documentation, page by page, as plain text."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.cli.terminal.options import give, one_of
from collector.cli.terminal.session import session

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page

_WIDEST = 100
"""Columns of a page of text; longer lines are hard to read."""


class TopicView(Struct, frozen=True, kw_only=True):
    """One page of the documentation."""

    name: str
    title: str


class TopicsView(Struct, frozen=True, kw_only=True, tag="annexd.topics/1", tag_field="schema"):
    """What `annexd help --json` prints."""

    topics: list[TopicView]


class PageView(Struct, frozen=True, kw_only=True, tag="annexd.topic/1", tag_field="schema"):
    """What `annexd help TOPIC --json` prints; the text is Markdown."""

    name: str
    text: str


def help_(
    ctx: typer.Context,
    topic: Annotated[
        str,
        typer.Argument(metavar="[TOPIC]", help="Such as glossary; left out: list the pages.", show_default=False),
    ] = "",
) -> None:
    """Show the documentation, page by page."""
    from collector.cli.setup.plain_markdown import show_markdown, title_of
    from collector.cli.setup.shipped_files import topics

    known = topics()
    if not topic:
        named = [TopicView(name=name, title=title_of(path.read_text(encoding="utf-8"))) for name, path in known.items()]
        give(ctx, TopicsView(topics=named), show_topics)
        return
    one_of([topic], tuple(known), "TOPIC")
    text = known[topic].read_text(encoding="utf-8")
    if session(ctx).json:
        give(ctx, PageView(name=topic, text=text), lambda _shape, _out: None)
        return
    from collector.cli.terminal.page import Page

    show_markdown(text, Page(sys.stdout, width=min(shutil.get_terminal_size().columns, _WIDEST)))


def show_topics(shape: TopicsView, out: Page) -> None:
    """Print the names of the pages."""
    out.line("annexd help TOPIC shows a page:")
    out.rows((topic.name, topic.title) for topic in shape.topics)
    out.line("annexd COMMAND --help explains a command.")
