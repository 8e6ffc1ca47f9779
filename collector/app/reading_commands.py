"""The commands that only read, by name: imported when one is given, so that the others cost nothing."""

from __future__ import annotations

COMMANDS = {
    name: f"collector.app.reading_cli:{name}"
    for name in ("status", "findings", "controls", "evidence", "checks", "connectors", "permissions")
}
