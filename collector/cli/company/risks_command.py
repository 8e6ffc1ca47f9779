"""`annexd risks`: the risk register, the highest first, with the checks that affect each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from collector.cli.terminal.options import AsOf, give, opened
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.report.company.risk_views import CheckOfRisk, RisksView, RiskView


def risks(ctx: typer.Context, as_of: AsOf = None) -> None:
    """Show risks, and the failing checks that affect them.

    Exits 1 where an owner still has to decide something.
    """
    from collector.report.company.risk_views import risks_view
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        shape = risks_view(assessed(reading))
    give(ctx, shape, show_risks)
    if shape.faults:
        raise typer.Exit(1)


def show_risks(shape: RisksView, out: Page) -> None:
    """Print the register."""
    if shape.version is None:
        out.line(f"There is no risk register on file as of {show_moment(shape.at)}: risks.toml holds it.")
        return
    out.line(
        f"Risk register, version {shape.version}, approved by {shape.approved_by} on {shape.approved_on};"
        f" as of {show_moment(shape.at)}"
    )
    out.rows(
        [
            ("before treatment", _by_level(shape.levels)),
            ("what remains", _by_level(shape.remaining)),
            ("accepted up to", shape.accept or ""),
            ("reviews overdue", str(shape.overdue)),
            ("to be decided", plural(shape.faults, "fault")),
        ]
    )
    if shape.unknown_to_register:
        out.line("the SoA names risks that are not in the register:", ", ".join(shape.unknown_to_register), indent=2)
    for entry in shape.risks:
        _show(entry, out)


def _by_level(counts: dict[str, int]) -> str:
    return " / ".join(f"{count} {level}" for level, count in counts.items())


def _show(risk: RiskView, out: Page) -> None:
    from collector.cli.terminal.page import Styled

    out.head(f"{risk.id} {risk.title}")
    rows = [
        ("level", f"{risk.level} ({risk.likelihood}, {risk.consequence})"),
        ("remains", _remains(risk)),
        ("treatment", _treatment(risk)),
        ("owner", risk.owner),
        ("approved", "no" if risk.approved_on is None else f"{risk.approved_on} by {risk.approved_by}"),
        ("review by", f"{risk.review_by}{', overdue' if risk.overdue else ''}"),
    ]
    if risk.controls:
        rows.insert(3, ("controls", ", ".join(risk.controls)))
    out.rows(rows)
    for fault in risk.faults:
        out.paragraph(Styled(f"fault: {fault}", "bold"), indent=2)
    if risk.checks:
        out.line("what affects it", indent=2)
        out.rows(((check.check, _said(check)) for check in risk.checks), indent=4)


def _remains(risk: RiskView) -> str:
    if risk.residual_level is None:
        return f"not estimated, so {risk.level}{' (above what is accepted)' if risk.above else ''}"
    above = ", above what is accepted" if risk.above else ""
    return f"{risk.residual_level} ({risk.residual_likelihood}, {risk.residual_consequence}){above}"


def _treatment(risk: RiskView) -> str:
    due = "" if risk.plan_due is None else f", by {risk.plan_due}"
    return risk.treatment if risk.plan is None else f"{risk.treatment}: {risk.plan}{due}"


def _said(check: CheckOfRisk) -> str:
    counts = f"{plural(check.fails, 'fail')} / {check.accepted} accepted / {check.not_established} not established"
    return counts if check.through is None else f"{counts}, through {check.through}"
