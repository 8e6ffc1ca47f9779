"""The commands that make what auditors are handed, by name, with what the list of commands says of each."""

from __future__ import annotations

COMMANDS = {
    "export": "collector.cli.audit.export_command:export",
    "population": "collector.cli.audit.population_command:population",
    "sample": "collector.cli.audit.population_command:sample",
}

SAYS = {
    "export": "Make the auditor's bundle of a period: evidence, proofs, pages, workbook.",
    "population": "List everything of a kind that there was in a period, and say whether the list is complete.",
    "sample": "Draw from a population, by a chance that the auditor can repeat or by name.",
}
