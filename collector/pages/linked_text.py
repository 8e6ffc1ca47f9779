"""Text with links in it: a sentence stays one text, and some of its parts lead somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from collector.core.plain_text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable


def linked(text: str, links: Iterable[tuple[str, str]], root: str = "") -> Markup:
    """Return a text in which each part, one after the other, is a link; `root` leads to the folder of the site.

    Raises ValueError where the text does not have a part, which would be a number without its list.
    """
    made, rest = Markup(), text
    for part, href in links:
        before, found, rest_after = rest.partition(part)
        if not found:
            raise ValueError(f"{part!r} is not in {rest!r}")
        made += escape(safe(before)) + Markup('<a href="{}{}">{}</a>').format(root, href, safe(part))
        rest = rest_after
    return made + escape(safe(rest))
