"""The commands about the company's own files and records, by name, with what the list of commands says of each."""

from __future__ import annotations

COMMANDS = {
    "scope": "collector.app.company.scope_command:scope",
    "exceptions": "collector.app.company.exceptions_command:exceptions",
    "soa": "collector.app.company.soa_command:soa",
    "attest": "collector.app.company.attest_command:attest",
    "asks": "collector.app.company.asks_command:asks",
    "gaps": "collector.app.company.gaps_command:gaps",
}

SAYS = {
    "scope": "Show the systems in scope, how well each was seen, and what is on no list.",
    "exceptions": "Show the deviations that are accepted, until when, and what they cover.",
    "soa": "Begin, check or write out the statement of applicability.",
    "attest": "File a record of people, with who stated it, who looked it over, and until when it is valid.",
    "asks": "Show which records of people are missing or end soon.",
    "gaps": "Show what keeps controls from being evidenced, by what closes most.",
}
