"""The tables of the bundle, in the order in which they are written. A table more is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.app.bundle import tables_acts, tables_company, tables_evidence, tables_populations, tables_verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.app.bundle.dossier import Dossier
    from collector.app.bundle.tables_shape import Table, Words


def tables(dossier: Dossier, words: Words) -> Sequence[Table]:
    """Return every table; those that have a sheet have it in this order."""
    return (
        tables_verdicts.controls(dossier, words),
        tables_verdicts.checks(dossier, words),
        tables_verdicts.findings(dossier, words),
        *tables_populations.populations(dossier, words),
        tables_evidence.gaps(dossier, words),
        tables_evidence.tasks(dossier, words),
        tables_company.records(dossier, words),
        tables_company.exceptions(dossier, words),
        tables_company.statement(dossier, words),
        tables_verdicts.finding_history(dossier, words),
        tables_evidence.resources(dossier, words),
        tables_acts.acts(dossier, words),
        tables_acts.erasures(dossier, words),
    )
