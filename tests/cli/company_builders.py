"""The company's own files for tests, everything in order unless a test says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from collector.company.recording import bring_in
from collector.core.controls import Framework

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Desk

SYSTEM = {
    "name": "Code",
    "owner": "ann",
    "environment": "production",
    "source": "code",
    "in_scope_from": "2026-01-01",
}

EXCEPTION = {
    "id": "EX-1",
    "kind": "risk_accepted",
    "check": "played_repo_protected",
    "source": "code",
    "subject": "docs",
    "reason": "nothing is built from it",
    "owner": "Ann",
    "approver": "Bob",
    "approval_ref": "T-7",
    "approved_on": "2026-02-01",
    "expires": "2026-12-31",
}

ROW = {"applicable": True, "grounds": ["baseline"], "because": "it is in use", "implemented": "yes"}


def value(content: Any) -> str:
    """Write a value as TOML does; what looks like a day is one."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, list):
        return f"[{', '.join(value(item) for item in content)}]"
    if isinstance(content, str) and len(content) == len("2026-01-01") and content[4] == content[7] == "-":
        return content
    return f'"{content}"' if isinstance(content, str) else str(content)


def table(array: str, /, like: dict[str, Any], **but: Any) -> str:
    """Write one `[[table]]`; a key whose value is None is left out."""
    keys = {key: content for key, content in (like | but).items() if content is not None}
    return "\n".join([f"[[{array}]]", *(f"{key} = {value(content)}" for key, content in keys.items()), ""])


def a_system(**but: Any) -> str:
    """One system."""
    return table("system", SYSTEM, **but)


def write_scope(desk: Desk, *systems: str, approved_on: str = "2026-01-01") -> None:
    """Write scope.toml."""
    head = f'version = "3"\nstatement = "All of it."\napproved_by = "Eve"\napproved_on = {approved_on}\n'
    (desk.app.config.folder / "scope.toml").write_text(head + "\n".join(systems or [a_system()]))


def write_exceptions(desk: Desk, *exceptions: dict[str, Any], logged: bool = True) -> None:
    """Write exceptions.toml, each as the usual one with what differs; and put it into the log, unless not `logged`."""
    text = "\n".join(table("exception", EXCEPTION, **exception) for exception in exceptions)
    (desk.app.config.folder / "exceptions.toml").write_text(text)
    if logged:
        log_files(desk)


def log_files(desk: Desk) -> None:
    """Put the company's files into the log, as far as they can be read."""
    bring_in(desk.app, desk.world.store, desk.clock.now())  # type: ignore[arg-type]  # it notes, and passes on


def write_soa(desk: Desk, rows: dict[str, dict[str, Any]], **head: Any) -> None:
    """Write soa.toml, each row as the usual one with what differs."""
    above = {"version": "4", "approved_by": "Eve", "approved_on": "2026-01-10", "effective_from": "2026-01-15"} | head
    text = "".join(f"{key} = {value(content)}\n" for key, content in above.items())
    text += "\n".join(table("control", {"id": id_, **ROW}, **row) for id_, row in rows.items())
    (desk.app.config.folder / "soa.toml").write_text(text)


def use(desk: Desk, monkeypatch: pytest.MonkeyPatch, **but: Any) -> Framework:
    """Let the desk use its framework with something changed."""
    changed = replace(desk.app.frameworks()[0], **but)
    monkeypatch.setattr(type(desk.app), "frameworks", lambda _app: (changed,))
    return changed
