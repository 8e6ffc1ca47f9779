"""HTML pages from the templates of this package: values escaped, invisible characters written out, one file a page."""

from __future__ import annotations

import base64
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from collector.core.plain_text import safe
from collector.pages.line_breaks import with_line_breaks

_PRINT_HEADER = """@page {
  @top-left { content: %s; font: 7.5pt sans-serif; color: #39424e; width: 82%%; text-align: left; }
  @top-right { content: "page " counter(page) " of " counter(pages); font: 7.5pt sans-serif; color: #39424e; }
}
"""

_TEMPLATES = files("collector.pages") / "templates"


class PageRenderer:
    """Renders the templates of `collector/pages/templates`.

    `print_header` stands at the top of every printed page, beside the number of the page, where the browser can do so.
    `shared` are values and functions that every page may use, by the names that the templates have for them. The style
    sheet and its hash, for the Content-Security-Policy of a page, are always among them.
    """

    def __init__(self, *, print_header: str = "", **shared: Any) -> None:  # noqa: ANN401  whatever the templates name
        style = _read("style.css") + (_PRINT_HEADER % _css_text(print_header) if print_header else "")
        self._environment = Environment(
            autoescape=True,
            undefined=StrictUndefined,
            loader=FunctionLoader(_read),
            finalize=_visible,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            # The style sheet is our own file and one text that _css_text wrote; a style cannot be escaped.
            style=Markup(style),  # noqa: S704
            style_hash=base64.b64encode(sha256(style.encode()).digest()).decode("ascii"),
            **shared,
        )

    def render(self, template: str, **values: Any) -> bytes:  # noqa: ANN401  whatever the template names
        """Return a page as UTF-8, with places to break long words.

        Raises jinja2.UndefinedError where the template names a value that is not given.
        """
        page = self._environment.get_template(template).render(**values)
        return with_line_breaks(page).encode("utf-8")


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _css_text(text: str) -> str:
    """Return a text as a string of CSS in which nothing but letters, digits and spaces stands for itself."""
    letters = (
        letter if letter.isascii() and (letter.isalnum() or letter == " ") else f"\\{ord(letter):06x} "
        for letter in safe(text)
    )
    return f'"{"".join(letters)}"'


def _visible(value: object) -> object:
    """Return a text without characters that turn the direction of writing, move a cursor or cannot be seen."""
    return safe(value) if isinstance(value, str) and not isinstance(value, Markup) else value
