"""The commands about the record itself, by name: imported when one is given, so that the others cost nothing."""

from __future__ import annotations

COMMANDS = {
    "verify": "collector.app.verify_command:verify",
    "key": "collector.app.key_command:key",
}

SAYS = {
    "verify": "Prove that the store holds what was recorded, and nothing else.",
    "key": "Show the key that checkpoints are signed with, or replace it.",
}
"""What the list of commands says of each."""
