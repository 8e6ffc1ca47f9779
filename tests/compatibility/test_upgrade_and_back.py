"""The upgrade and the way back, step by step as docs/deploy.md has them, on a store that each version made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.compatibility.conftest import Install
from tests.compatibility.program import VERSIONS, Installed

DATABASE, MEMORY = "annexd.db", "annexd.pem.state"


def revision(store: Installed) -> str:
    """The revision of the tables of a store."""
    was: str = store.json("store", "upgrade", "--dry-run")["was"]
    return was


def put_back(store: Installed, backup: Path, *names: str) -> None:
    """Put files of a backup in the place of what is there."""
    for path in store.folder.glob(f"{DATABASE}*"):
        path.unlink()
    for name in names:
        shutil.copy(backup / name, store.folder / name)


@pytest.mark.deep
@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_and_the_way_back(version: str, install: Install, tmp_path: Path) -> None:
    """A trial on a copy leaves the store alone, and database and signer's memory go back together or not at all."""
    old = install(version, "sqlite", tmp_path / "store")
    backup, trial = tmp_path / "backup", Installed(tmp_path / "trial", version)
    backup.mkdir()
    was = revision(old)

    # The backup, and the trial: a folder of its own, with copies of keys and memory.
    assert old.run("store", "backup", str(backup / DATABASE)).code == 0
    shutil.copy(old.folder / MEMORY, backup / MEMORY)
    shutil.copytree(old.folder, trial.folder, ignore=shutil.ignore_patterns(f"{DATABASE}*"))
    shutil.copy(backup / DATABASE, trial.folder / DATABASE)
    trial.bring_up_to_date()
    assert trial.run("replay", "--rules", "new", "--diff").code in {0, 1}
    assert revision(old) == was
    assert (old.folder / MEMORY).read_bytes() == (backup / MEMORY).read_bytes()

    # The upgrade.
    old.bring_up_to_date()
    assert old.json("verify", "--rebuild")["unsigned"] == 0
    now = revision(old)
    assert now == old.json("store", "upgrade", "--dry-run")["now"]

    # The way back, without the memory of that moment and with it.
    if was != now:
        put_back(old, backup, DATABASE)
        refused = old.run("store", "upgrade", "--acknowledge", "--reason", "without the memory")
        assert refused.code == 5
    put_back(old, backup, DATABASE, MEMORY)
    assert revision(old) == was
    old.bring_up_to_date()
    assert revision(old) == now
