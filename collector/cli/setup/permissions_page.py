"""`annexd permissions`: the least that the enabled checks of a platform need, in the form in which it is granted."""

from __future__ import annotations

from collector.cli.terminal.page import Page, Styled
from collector.core.plain_text import plural
from collector.report.state.permission_views import PermissionsView


def show_document(shape: PermissionsView, out: Page) -> None:
    """Print the permissions in the platform's own form, or one a line, and nothing else: it is to be copied."""
    out.verbatim(shape.permissions if shape.document is None else shape.document.splitlines())


def show_form(shape: PermissionsView, out: Page, *, name: str) -> None:
    """Print one form of the roll-out, and nothing else: it is to be copied."""
    out.verbatim(shape.forms[name].splitlines())


def show_forms(shape: PermissionsView, out: Page) -> None:
    """Print all forms of the roll-out, each below its name."""
    for name, text in shape.forms.items():
        out.head(f"{name} (--form {name} prints it alone)")
        out.verbatim(text.splitlines())


def show_calls(shape: PermissionsView, out: Page) -> None:
    """Print call by call what it takes and what it is for."""
    for item in shape.calls:
        out.line(Styled(item.call, "bold"), f"gives {item.fills}", indent=0)
        out.line("needs", ", ".join(item.permissions) or "no declared permission", indent=4)
        if item.checks:
            out.line(f"for {plural(len(item.checks), 'check')}:", ", ".join(item.checks), indent=4)
        elif item.common:
            out.line("whatever is checked", indent=4)
