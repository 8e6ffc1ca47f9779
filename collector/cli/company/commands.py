"""The commands about the company's own files and records, by name, with what the list of commands says of each."""

from __future__ import annotations

COMMANDS = {
    "scope": "collector.cli.company.scope_command:scope",
    "record": "collector.cli.company.record_command:record",
    "exceptions": "collector.cli.company.exceptions_command:exceptions",
    "soa": "collector.cli.company.soa_command:soa",
    "attest": "collector.cli.company.attest_command:attest",
    "asks": "collector.cli.company.asks_command:asks",
    "gaps": "collector.cli.company.gaps_command:gaps",
    "actions": "collector.cli.company.actions_command:actions",
    "risks": "collector.cli.company.risks_command:risks",
    "register": "collector.cli.company.register_command:register",
    "review": "collector.cli.company.review_command:review",
}

SAYS = {
    "scope": "Show the systems in scope, how well each was seen, and what is on no list.",
    "record": "Put the company's files as they are now into the log.",
    "exceptions": "Show the deviations that are accepted, until when, and what they cover.",
    "soa": "Begin, check or write out the statement of applicability.",
    "attest": "File a record of people, with who stated it, who looked it over, and until when it is valid.",
    "asks": "Show which records of people are missing or end soon.",
    "gaps": "Show what keeps controls from being evidenced, by what closes most.",
    "actions": "Show the corrective actions: what is late, what is to be reviewed, and what annexd has seen since.",
    "risks": "Show the risks by what remains of each, and the failing checks that bear on them.",
    "register": "Show the documents of clauses 4 to 10, internal audits and management reviews.",
    "review": "Write the input pack of a management review.",
}
