"""The commands that only read, by name, with what the list of commands says of each."""

from __future__ import annotations

COMMANDS = {
    name: f"collector.cli.{room}:{name}"
    for room, names in (
        ("read.read_commands", ("status", "findings", "controls", "evidence", "checks")),
        ("setup.setup_commands", ("connectors", "permissions")),
    )
    for name in names
}

SAYS = {
    "status": "Show where everything stands, and what could not be looked at.",
    "findings": "Show what the checks said, the worst first.",
    "controls": "Show where each control stands, and why.",
    "evidence": "Show one resource as it is stored, with where it comes from and what rests on it.",
    "checks": "List the checks; `show` has everything about one.",
    "connectors": "List the platforms that annexd can read, and what to install for each.",
    "permissions": "Print the permissions that the enabled checks of a platform need.",
}
