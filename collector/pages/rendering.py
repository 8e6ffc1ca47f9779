"""HTML pages from the templates of this package: values escaped, invisible characters written out, one file a page."""

from __future__ import annotations

import base64
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from collector.core.plain_text import safe

_TEMPLATES = files("collector.pages") / "templates"


class PageRenderer:
    """Renders the templates of `collector/pages/templates`.

    `shared` are values and functions that every page may use, by the names that the templates have for them. The style
    sheet and its hash, for the Content-Security-Policy of a page, are always among them.
    """

    def __init__(self, **shared: Any) -> None:  # noqa: ANN401  whatever the templates name
        style = _read("style.css")
        self._environment = Environment(
            autoescape=True,
            undefined=StrictUndefined,
            loader=FunctionLoader(_read),
            finalize=_visible,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            # The style sheet is our own file, and a style cannot be escaped.
            style=Markup(style),  # noqa: S704
            style_hash=base64.b64encode(sha256(style.encode()).digest()).decode("ascii"),
            **shared,
        )

    def render(self, template: str, **values: Any) -> bytes:  # noqa: ANN401  whatever the template names
        """Return a page as UTF-8. Raises jinja2.UndefinedError where the template names a value that is not given."""
        return self._environment.get_template(template).render(**values).encode("utf-8")


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _visible(value: object) -> object:
    """Return a text without characters that turn the direction of writing, move a cursor or cannot be seen."""
    return safe(value) if isinstance(value, str) and not isinstance(value, Markup) else value
