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
    """Return the page of a control, from the folder of the site.

    Controls without a check share one page for each framework version, which has each of them at an anchor.
    """
    if not control.checks:
        return f"{records_only_page(control.framework)}#{control_anchor(control)}"
    return f"controls/{slug(control.framework)}/{control_anchor(control)}.html"


def control_anchor(control: ControlView) -> str:
    """Return the name of a control within its framework version."""
    return slug(control.id) + ("" if control.role is None else f"-{control.role}")


def records_only_page(framework: str) -> str:
    """Return the page of the controls of a framework version that no check is mapped to."""
    return f"controls/{slug(framework)}/without-checks.html"


def state_page(framework: str, state: str) -> str:
    """Return the list of the controls of a framework version that have a state."""
    return f"controls/{slug(framework)}/state-{state}.html"


def state_anchor(role: str | None, theme: str = "") -> str:
    """Return where the controls of a role, and of one theme, begin on the list of a state."""
    return "-".join(("role", slug(role or "all"), *([slug(theme).lower()] if theme else [])))


def check_page(check: str, number: int = 1) -> str:
    """Return a page of the findings of a check."""
    return f"checks/{slug(check)}{'' if number == 1 else f'-{number}'}.html"


def list_page(name: str, number: int = 1) -> str:
    """Return a page of a list of findings of all checks: `fail-critical`, `accepted`, `unknown` and the like."""
    return f"findings/{slug(name)}{'' if number == 1 else f'-{number}'}.html"


def sheet_page(source: str, kind: str) -> str:
    """Return the path of the provenance sheet of a kind in a source."""
    return f"provenance/{slug(source)}.{slug(kind)}.html"


def root_of(page: str) -> str:
    """Return the way from a page back to the folder of the site."""
    return "../" * page.count("/")
