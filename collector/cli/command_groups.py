"""The groups of commands, as `annexd --help` shows them. Nothing that a command needs is imported here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.cli.audit import commands as audit
from collector.cli.company import commands as company
from collector.cli.read import commands as read
from collector.cli.scan import commands as scan
from collector.cli.setup import commands as setup
from collector.cli.store import commands as store

if TYPE_CHECKING:
    from collections.abc import Mapping


class Panel(NamedTuple):
    """One group of commands: its title, and the line that the help says of each command."""

    title: str
    says: Mapping[str, str]


PANELS = (
    Panel("Set-up", setup.SAYS),
    Panel("Scan", scan.SAYS),
    Panel("Read", read.SAYS),
    Panel("Company", company.SAYS),
    Panel("Audit", audit.SAYS),
    Panel("Store", store.SAYS),
)
"""In the order in which a company first uses them."""

_GROUPS = (setup, scan, read, company, audit, store)

COMMANDS: dict[str, str] = {name: where for group in _GROUPS for name, where in group.COMMANDS.items()}
"""Every command, with its module and the attribute in it."""

SAYS: dict[str, str] = {name: says for group in _GROUPS for name, says in group.SAYS.items()}
"""The line of each command in `annexd --help`; a test compares it with the help of the command itself."""

EXAMPLES: dict[str, tuple[str, ...]] = {name: lines for group in _GROUPS for name, lines in group.EXAMPLES.items()}
"""Lines to type, by command ("scan") or by command and subcommand ("soa check")."""

OLDER: dict[str, tuple[str, ...]] = {name: now for group in _GROUPS for name, now in group.OLDER.items()}
"""Names of an earlier version that still work, with the command and subcommand that each stands for."""
