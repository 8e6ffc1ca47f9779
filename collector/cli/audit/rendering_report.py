"""What rendering a bundle again came to, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.plain_text import plural

if TYPE_CHECKING:
    from collector.bundle.rendering.rendered_bundle import RenderedBundle
    from collector.cli.terminal.page import Page

_SCREENFUL = 20


def show_rendered(rendered: RenderedBundle, out: Page) -> None:
    """Print the comparison."""
    out.head("Rendered again")
    match rendered.compared:
        case "bytes":
            what = f"{plural(rendered.files, 'file')}, byte by byte"
        case "numbers":
            what = f"states, verdicts and counts in {plural(rendered.files, 'file')}; {rendered.why}"
        case _:
            what = f"nothing: {rendered.why}"
    out.rows(
        [
            ("Compared", what),
            ("Made by", rendered.made_by),
            ("Rendered by", rendered.rendered_by or "nothing"),
            ("Otherwise", str(rendered.differing) if rendered.compared != "nothing" else "not known"),
        ]
    )
    for difference in rendered.differences[:_SCREENFUL]:
        out.line(f"{difference.path}, {difference.where}", indent=2)
        out.paragraph(f"the bundle says   {difference.bundle}", indent=6)
        out.paragraph(f"its evidence gives {difference.rendered}", indent=6)
    if rendered.differing > _SCREENFUL:
        out.line(f"and {rendered.differing - _SCREENFUL} more: --json has the first thousand", indent=2)
