"""`annexd permissions`: the least that the enabled checks of a platform need, in the form in which it is granted."""

from __future__ import annotations

from collector.cli.terminal.page import Page, Styled
from collector.core.plain_text import plural
from collector.report.state.permission_views import PermissionsView


def show_document(shape: PermissionsView, out: Page) -> None:
    """Print the permissions in the platform's own form, or one a line, and nothing else: it is to be copied."""
    out.verbatim(shape.permissions if shape.document is None else shape.document.splitlines())


def show_calls(shape: PermissionsView, out: Page) -> None:
    """Print call by call what it takes and what it is for."""
    for one in shape.calls:
        out.line(Styled(one.call, "bold"), f"gives {one.fills}", indent=0)
        out.line("needs", ", ".join(one.permissions) or "no permission that is declared", indent=4)
        if one.checks:
            out.line(f"for {plural(len(one.checks), 'check')}:", ", ".join(one.checks), indent=4)
        elif one.common:
            out.line("whatever is checked", indent=4)
