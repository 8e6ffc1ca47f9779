"""annexd without a company: the catalogue as it comes, and `annexd connectors`."""

from __future__ import annotations

from collector.cli.terminal.page import Page, Styled
from collector.report.state.connector_views import ConnectorsView


def show_connectors(shape: ConnectorsView, out: Page) -> None:
    """Print the connectors."""
    for one in shape.connectors:
        out.line(Styled(one.name, "bold"), one.title)
        if not one.installed:
            out.line(f"not installed: {one.install}", indent=2)
            continue
        sources = ", ".join(one.sources) or "none configured"
        rows = [("sources", sources), ("levels", " / ".join(one.levels)), ("checks", str(one.checks))]
        if one.distribution is not None:
            rows.append(("comes from", one.distribution))
        out.rows([*rows, ("kinds", ", ".join(one.kinds or ()))])
