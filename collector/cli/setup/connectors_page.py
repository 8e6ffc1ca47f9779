"""annexd without a company: the catalogue as it comes, and `annexd connectors`."""

from __future__ import annotations

from collector.cli.terminal.page import Page, Styled
from collector.report.state.connector_views import ConnectorsView


def show_connectors(shape: ConnectorsView, out: Page) -> None:
    """Print the connectors."""
    for connector in shape.connectors:
        out.line(Styled(connector.name, "bold"), connector.title)
        if not connector.installed:
            out.line(f"not installed: {connector.install}", indent=2)
            continue
        sources = ", ".join(connector.sources) or "none configured"
        rows = [("sources", sources), ("levels", " / ".join(connector.levels)), ("checks", str(connector.checks))]
        if connector.distribution is not None:
            rows.append(("comes from", connector.distribution))
        out.rows([*rows, ("kinds", ", ".join(connector.kinds or ()))])
