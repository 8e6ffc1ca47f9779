"""The tables of the bundle, in the order in which they are written. A table more is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.tables import acts, company, evidence, populations, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.bundle.contents import BundleContents
    from collector.bundle.shown_names import ShownNames
    from collector.bundle.tables.table import Table


def tables(contents: BundleContents, names: ShownNames) -> Sequence[Table]:
    """Return every table; those that have a sheet have it in this order."""
    return (
        verdicts.controls(contents, names),
        verdicts.checks(contents, names),
        verdicts.findings(contents, names),
        *populations.population_tables(contents, names),
        evidence.gaps(contents, names),
        evidence.tasks(contents, names),
        company.records(contents, names),
        company.exceptions(contents, names),
        company.statement(contents, names),
        verdicts.finding_history(contents, names),
        evidence.resources(contents, names),
        acts.acts(contents, names),
        acts.erasures(contents, names),
    )
