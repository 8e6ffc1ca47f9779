"""The commands that look after the store as a whole, by name, with what the list of commands says of each."""

from __future__ import annotations

COMMANDS = {
    "verify": "collector.cli.audit.verify_command:verify",
    "key": "collector.cli.store.key_command:key",
    "backup": "collector.cli.store.store_commands:backup",
    "vacuum": "collector.cli.store.store_commands:vacuum",
    "restore": "collector.cli.store.store_commands:restore",
    "grants": "collector.cli.store.store_commands:grants",
}

SAYS = {
    "verify": "Prove that the store holds what was recorded, and nothing else.",
    "key": "Show the key that checkpoints are signed with, or replace it.",
    "backup": "Copy the store to a file as of one moment, also while a scan writes to it. The keys are not in it.",
    "vacuum": "Give back the space of what was erased; the tables are made or brought up to date first.",
    "restore": "Say whether the store goes on from what was signed last; record the loss and go on if it does not.",
    "grants": "Print the SQL that the owner of the tables runs once they are made, and after each upgrade.",
}
