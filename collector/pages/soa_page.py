"""The SoA as one HTML page: no script, nothing fetched, every value escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.plain_text import plural, show_moment
from collector.pages.rendering import PageRenderer
from collector.report.company.soa_views import decided

if TYPE_CHECKING:
    from collector.report.company.soa_views import SoaView


def html(shape: SoaView) -> str:
    """Return the page."""
    renderer = PageRenderer(decided=decided, moment=show_moment, plural=plural)
    return renderer.render("soa.html", soa=shape).decode("utf-8")
