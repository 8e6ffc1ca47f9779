"""annexd without a company: the catalogue as it comes, `annexd connectors` and `annexd connectors coverage`."""

from __future__ import annotations

from collections import Counter

from collector.cli.terminal.page import Page, Styled
from collector.core.answers import AnswerBasis
from collector.core.plain_text import plural
from collector.report.state.check_coverage_views import CheckCoverageView, ConnectorCoverageView
from collector.report.state.connector_views import ConnectorsView
from collector.setup.check_coverage import VERDICTS


def show_connectors(shape: ConnectorsView, out: Page) -> None:
    """Print the connectors."""
    for connector in shape.connectors:
        out.line(Styled(connector.name, "bold"), connector.title)
        if not connector.installed:
            out.line(f"not installed: {connector.install}", indent=2)
            continue
        if connector.kinds is None:
            out.line(f"comes from {connector.distribution}; not loaded, because no source names it", indent=2)
            continue
        sources = ", ".join(connector.sources) or "none configured"
        rows = [("sources", sources), ("levels", " / ".join(connector.levels)), ("checks", str(connector.checks))]
        if connector.distribution is not None:
            rows.append(("comes from", connector.distribution))
        if connector.docs:
            rows.append(("page", connector.docs))
        counts = Counter((connector.answers or {}).values())
        answers = ", ".join(f"{counts[basis]} {basis}" for basis in AnswerBasis if counts[basis])
        rows += [("kinds", ", ".join(connector.kinds or ())), ("people", ", ".join(connector.people or ()) or "none")]
        out.rows([*rows, ("answers", f"calls by what their answers are based on: {answers}")])


def show_connector_coverage(shape: ConnectorCoverageView, out: Page) -> None:
    """Print a line for each check, and what neither a test nor a reason is there for."""
    if not shape.stated:
        out.line(f"{shape.connector} does not say which verdicts its tests show: its Connector names no coverage")
        out.line("annexd help connector-coverage says how it is written")
    out.rows(
        [(check.check, *(_verdict(check, verdict) for verdict in VERDICTS), _links(check)) for check in shape.checks],
        heads=("check", *VERDICTS, f"controls of {', '.join(shape.frameworks)}"),
        indent=0,
    )
    reasons = [(check, verdict, why) for check in shape.checks for verdict, why in check.never.items()]
    if reasons:
        out.head("Verdicts that a check cannot give")
        for check, verdict, why in reasons:
            out.line(f"{check.check}: {verdict}", indent=2)
            out.paragraph(why, indent=6)
    unlinked = [check for check in shape.checks if check.unlinked is not None]
    if unlinked:
        out.head("Checks that are linked to no control")
        for check in unlinked:
            out.line(check.check, indent=2)
            out.paragraph(check.unlinked or "", indent=6)
    missing = [check for check in shape.checks if check.missing]
    out.gap()
    out.line(Styled(plural(len(shape.checks), "check"), "bold"))
    out.line(f"{len(missing)} lack a verdict in tests, or a link, without a reason")
    out.rows([(check.check, ", ".join(check.missing)) for check in missing])


def _verdict(check: CheckCoverageView, verdict: str) -> str:
    if verdict in check.shown:
        return "shown"
    return "cannot be" if verdict in check.never else "-"


def _links(check: CheckCoverageView) -> str:
    links = ", ".join(f"{link.control} {link.strength}" for link in check.links)
    return links or ("none, for a reason" if check.unlinked is not None else "-")
