"""The paths of the pages of the site. They are made from identifiers of annexd, never from names of a platform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.report.controls.control_views import ControlView

_OTHER = re.compile(r"[^A-Za-z0-9._-]+")


def slug(text: str) -> str:
    """Return an identifier as a part of a path."""
    return _OTHER.sub("-", text).strip("-.") or "none"


def control_page(control: ControlView) -> str:
    """Return the page of a control, from the folder of the site."""
    role = "" if control.role is None else f"-{control.role}"
    return f"controls/{slug(control.framework)}/{slug(control.id)}{role}.html"


def check_page(check: str, number: int = 1) -> str:
    """Return a page of the findings of a check."""
    return f"checks/{slug(check)}{'' if number == 1 else f'-{number}'}.html"


def sheet_page(source: str, kind: str) -> str:
    """Return the path of the provenance sheet of a kind in a source."""
    return f"provenance/{slug(source)}.{slug(kind)}.html"


def root_of(page: str) -> str:
    """Return the way from a page back to the folder of the site."""
    return "../" * page.count("/")
