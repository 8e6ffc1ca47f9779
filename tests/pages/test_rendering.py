"""The renderer that bundle and web share: what a page is given is only read, and what it lacks is an error."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from typing import Any

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from collector.pages.rendering import PageRenderer

_SHARED: dict[str, Any] = {
    "bundle_title": "Title",
    "bundle_subtitle": "Subtitle",
    "classification": "",
    "editions": "",
    "origin": "",
    "at": 1,
    "moment": str,
    "root": "",
    "is_sample": False,
    "navigation": (("controls.html", "Controls"),),
    "here": "controls.html",
    "legend_words": (),
}


def page(**values: object) -> str:
    """Render the page of the controls without any control."""
    known: dict[str, Any] = {"frameworks": [], "themes": list, "period_of": None, **_SHARED, **values}
    return PageRenderer(**known).render("controls.html").decode()


def test_values_are_escaped_and_what_cannot_be_seen_is_written_out() -> None:
    """Whoever may name a resource must not write the page."""
    text = page(origin="<script>\u202e\x00")

    assert "&lt;script&gt;\\u202e\\x00" in text


def test_markup_of_our_own_is_not_escaped() -> None:
    """A drawing is made by annexd, from values that were escaped before."""
    assert "<svg/>" in page(origin=Markup("<svg/>"))


def test_the_style_is_the_one_whose_hash_the_policy_names() -> None:
    """A browser refuses any other style."""
    text = page()
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)

    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text


def test_the_header_of_a_printed_page_cannot_end_the_style_sheet() -> None:
    """It has the name of the classification in it, which a person wrote."""
    known: dict[str, Any] = {"frameworks": [], "themes": list, "period_of": None, **_SHARED}
    text = PageRenderer(print_header='a - 1 "}</style>', **known).render("controls.html").decode()
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)

    assert r'content: "a \00002d  1 \000022 \00007d \00003c \00002f style\00003e "' in style


def test_a_value_that_is_missing_is_an_error() -> None:
    """An empty place on a page would look like nothing to say."""
    known = {name: value for name, value in _SHARED.items() if name != "origin"}

    with pytest.raises(UndefinedError, match="origin"):
        PageRenderer(**known).render("controls.html", frameworks=[])
