"""The commands for those who extend annexd, by name, with what the list of commands says of each."""

from __future__ import annotations

COMMANDS = {"new": "collector.cli.setup.new_command:new"}

SAYS = {"new": "Write a package to begin with."}
