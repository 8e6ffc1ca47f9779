"""`annexd backup`, `vacuum`, `restore` and `grants`, on both databases, as an operator meets them."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.setup.app import open_app
from tests.cli.texts import compare
from tests.played.company import PLAYED, Company

Kept = tuple[Company, str]


def old_memory(company: Company) -> Path:
    """The file in which the signer remembers."""
    (path,) = company.folder.glob("*.signing.pem.state")
    return path


def test_a_backup_is_one_file_that_verifies(company: Company, tmp_path: Path) -> None:
    """A backup that nobody tried is none."""
    company.run("scan")
    copy = tmp_path / "copy.db"

    said = company.run("backup", str(copy))
    again = company.run("backup", str(copy))
    company.write(PLAYED.replace("sqlite:///evidence.db", f"sqlite:///{copy}"))

    assert said.code == 0
    compare("cli/store_commands/a-backup-is-one-file-that-verifies-1", said.out)
    assert again.code == 5
    compare("cli/store_commands/a-backup-is-one-file-that-verifies-2", again.err)
    assert company.run("verify", "--rebuild").code == 0


@pytest.mark.parametrize("kept", ["postgresql"], indirect=True)
def test_a_server_is_copied_by_its_own_tools(kept: Kept, tmp_path: Path) -> None:
    """They know what annexd does not: roles, types, a moment of the whole server."""
    company, _ = kept
    company.run("scan")

    said = company.run("backup", str(tmp_path / "copy"))

    assert said.code == 5
    assert "pg_dump --format=custom" in said.err
    assert not (tmp_path / "copy").exists()


def test_a_vacuum_leaves_what_was_recorded(kept: Kept) -> None:
    """It gives back space, and nothing else."""
    company, database = kept
    company.run("scan")
    root = company.run("verify", "--json").json["root"]

    said = company.run("vacuum", "--json")

    assert said.code == 0
    assert said.json["schema"] == "annexd.vacuum/1"
    assert (said.json["before"] is None) is (database == "postgresql")
    assert company.run("verify", "--rebuild", "--json").json["root"] == root
    assert "The store was compacted" in company.run("vacuum").out


def test_a_vacuum_makes_the_tables_of_a_new_store(kept: Kept) -> None:
    """That is how an owner prepares a schema for an agent that may not."""
    company, _ = kept

    assert company.run("vacuum").code == 0
    assert company.run("verify", "--json").json["leaves"] == 1


def test_a_store_that_goes_on_needs_no_restore(kept: Kept) -> None:
    """Whoever only asks must not change anything."""
    company, _ = kept
    company.run("scan")
    before = company.run("verify", "--json").json

    said = company.run("restore", "--json")

    assert said.code == 0
    assert said.json == {"schema": "annexd.restore/1", "goes_on": True, "origin": None, "size": None, "note": None}
    assert company.run("verify", "--json").json == before


def test_a_lost_end_is_told_acknowledged_and_gone_on_from(kept: Kept) -> None:
    """A rollback is recorded under a new name, and never hidden."""
    company, _ = kept
    company.run("scan")
    origin = company.run("key", "--json").json["origin"]
    memory = old_memory(company)
    text = memory.read_text()
    size = company.run("verify", "--json").json["leaves"]
    # The signer remembers more than the store holds: what an older copy looks like from here.
    memory.write_text(text.replace(f'"size":{size}', f'"size":{size + 7}'))

    asked = company.run("restore")
    scanned = company.run("scan")
    silent = company.run("restore", "--acknowledge")
    said = company.run("restore", "--acknowledge", "--reason", "the disk died")

    assert asked.code == scanned.code == 5
    assert "annexd store restored --acknowledge" in asked.err
    assert silent.code == 2
    assert said.code == 0
    assert f"{origin}~2" in said.out
    assert company.run("scan").code == 0
    assert company.run("verify", "--rebuild").code == 0


def test_grants_go_to_psql_as_they_are(company: Company) -> None:
    """One statement a line, and nothing else on stdout."""
    said = company.run("grants", "--agent", "bob's", "--reader", "carol", "--schema", "evidence")
    shape = company.run("grants", "--agent", "bob's", "--reader", "carol", "--schema", "evidence", "--json").json

    lines = said.out.splitlines()
    assert said.code == 0
    assert all(line.startswith(("GRANT ", "REVOKE ")) and line.endswith(";") for line in lines)
    compare("cli/store-grants", said.out)
    assert not [line for line in lines if "DELETE" in line and "log_leaf" in line]
    assert [f"{statement};" for statement in shape["statements"]] == lines


def test_the_keys_of_a_store_on_a_server_lie_beside_the_configuration(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A working folder is another one each time, and a lost key ends the record."""
    company, database = kept
    company.run("scan")
    name = "annexd" if database == "postgresql" else "evidence.db"
    monkeypatch.chdir(tmp_path)

    assert company.run("scan").code == 0
    assert sorted(path.name for path in company.folder.iterdir() if path.suffix in {".key", ".pem", ".state"}) == [
        f"{name}.key",
        f"{name}.signing.pem",
        f"{name}.signing.pem.state",
    ]
    assert list((tmp_path / "elsewhere").iterdir()) == []


class Heard(io.StringIO):
    """A stderr that lets something happen as soon as waiting is spoken of."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self._then = then

    def write(self, text: str) -> int:
        """Take it in, and act."""
        if "waiting up to" in text:
            self._then()
        return super().write(text)


def test_a_scan_waits_for_another_writer_and_says_for_whom(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody files a record at the minute of the nightly scan: both get their turn."""
    company, _ = kept
    company.run("scan")
    heard = Heard(open_app(company.config).open_store(writer=True).close)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", heard)
        said = company.run("scan", "--wait", "1m")

    assert said.code == 0
    assert f"the store is being written by process {os.getpid()} on " in heard.getvalue()
    assert "; waiting up to 1m" in heard.getvalue()


def test_a_scan_that_may_not_wait_any_longer_ends_with_5(kept: Kept) -> None:
    """And asks nobody: what cannot be kept is not collected."""
    company, _ = kept
    company.run("scan")
    company.platform.served.clear()
    with open_app(company.config).open_store(writer=True):
        said = company.run("scan", "--wait", "1s")

    assert said.code == 5
    compare("cli/store_commands/a-scan-that-may-not-wait-any-longer-ends", said.err)
    assert not company.platform.served
    assert company.run("scan", "--wait", "soon").code == 2
