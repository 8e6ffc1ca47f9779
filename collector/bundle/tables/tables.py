"""The tables of the bundle, in the order in which they are written. A table more is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.tables import acts, company, evidence, populations, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.bundle.contents import BundleContents
    from collector.bundle.shown_names import ShownNames
    from collector.bundle.tables.table import Table


def tables(dossier: BundleContents, words: ShownNames) -> Sequence[Table]:
    """Return every table; those that have a sheet have it in this order."""
    return (
        verdicts.controls(dossier, words),
        verdicts.checks(dossier, words),
        verdicts.findings(dossier, words),
        *populations.population_tables(dossier, words),
        evidence.gaps(dossier, words),
        evidence.tasks(dossier, words),
        company.records(dossier, words),
        company.exceptions(dossier, words),
        company.statement(dossier, words),
        verdicts.finding_history(dossier, words),
        evidence.resources(dossier, words),
        acts.acts(dossier, words),
        acts.erasures(dossier, words),
    )
