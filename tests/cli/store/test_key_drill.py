"""The drill of the keys' backup, and what the doctor says of keys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.actions.doctor_items import DoctorItem, DoctorState
from collector.actions.doctor_keys import beside_the_database, drilled
from collector.report.state.key_drills import KeyDrill
from collector.setup.config import load
from storage.database.keys import make_key
from storage.log.signing import make_signing_key
from tests.played.company import Company, Said
from tests.signers.played_vault import PlayedVault

Kept = tuple[Company, str]

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedVault]:
    """A Vault that is named by the environment."""
    with PlayedVault() as played:
        for name, value in played.environ.items():
            monkeypatch.setenv(name, value)
        yield played


def key_files(company: Company) -> tuple[Path, Path]:
    """Return the files of the store key and the signing key."""
    (store,), (signing,) = company.folder.glob("*.key"), company.folder.glob("*.signing.pem")
    return store, signing


def copied(company: Company, folder: Path) -> tuple[Path, Path]:
    """Scan once, and return copies of both keys of the store."""
    assert company.run("scan").code == 0
    safe = folder / "safe"
    safe.mkdir(mode=0o700)
    store, signing = (Path(shutil.copy(path, safe)) for path in key_files(company))
    return store, signing


@pytest.fixture
def copies(kept: Kept, tmp_path: Path) -> tuple[Path, Path]:
    """Copies of both keys of a store that was scanned once."""
    return copied(kept[0], tmp_path)


@pytest.fixture
def file_copies(company: Company, tmp_path: Path) -> tuple[Path, Path]:
    """The same, where the kind of the database does not matter: tests of the files themselves."""
    return copied(company, tmp_path)


def drill(company: Company, store: Path, signing: Path | None, *more: str) -> Said:
    """Give the command."""
    named = [] if signing is None else ["--signing-key", str(signing)]
    return company.run("key", "drill", "--store-key", str(store), *named, *more)


def drills(company: Company) -> int:
    """Return how many drills are recorded; the store must verify."""
    assert company.run("verify", "--rebuild").code == 0
    return sum("key_drill" in line["line"] for line in company.run("log", "--json").json["lines"])


def point(company: Company, about: str) -> list[dict[str, str]]:
    """Return the points of the doctor about something."""
    said = company.run("doctor", "--offline", "--json").json["points"]
    return [item for item in said if item["about"] == about]


def test_copies_that_are_right_are_proven_and_the_drill_is_recorded(kept: Kept, copies: tuple[Path, Path]) -> None:
    """The copies are read and nothing else; the doctor and the status say when it was."""
    company, _ = kept
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in copies}
    (never,) = point(company, "key backup")
    said = drill(company, *copies, "--json")

    assert said.code == 0, said.err
    assert said.json["store_key"] is True
    assert said.json["signing_key"] == company.run("key", "--json").json["fingerprint"]
    assert said.json["same_volume"] == [str(path) for path in copies]
    assert said.json["open_to_others"] == []
    assert (never["state"], drills(company)) == ("note", 1)
    (after,) = point(company, "key backup")
    assert after["state"] == "ok"
    assert "tried" in after["says"]
    status = company.run("status", "--json").json["key_drill"]
    assert status["is_of_current_key"] is True
    assert "key backup" in company.run("status").out
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in copies} == before
    assert sorted(path.name for path in copies[0].parent.iterdir()) == sorted(path.name for path in copies)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("how", ["another", "cut", "empty", "missing", "text", "folder"])
def test_a_copy_that_is_not_the_right_one_is_told_and_no_drill_is_recorded(
    company: Company, file_copies: tuple[Path, Path], which: int, how: str
) -> None:
    """That is what the drill is for: better now than after the disk is gone."""
    copy = file_copies[which]
    whole = copy.read_bytes()
    copy.unlink()
    match how:
        case "another":
            (make_key, make_signing_key)[which](copy)
        case "folder":
            copy.mkdir()
        case "missing":
            pass
        case _:
            copy.write_bytes({"cut": whole[:-20], "empty": b"", "text": b"no key"}[how])

    said = drill(company, *file_copies)

    assert said.code == 6, said.err
    assert "copy" in said.err
    assert str(copy) in said.err
    assert drills(company) == 0
    assert point(company, "key backup")[0]["state"] == "note"


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("how", ["itself", "link", "symlink"])
def test_the_key_in_use_is_no_copy_of_itself(
    company: Company, file_copies: tuple[Path, Path], which: int, how: str
) -> None:
    """A link in the backup looks like a copy until the disk is gone."""
    in_use, named = key_files(company)[which], list(file_copies)
    file_copies[which].unlink()
    if how == "itself":
        named[which] = in_use
    else:
        (os.link if how == "link" else os.symlink)(in_use, file_copies[which])

    said = drill(company, named[0], named[1])

    assert said.code == 2
    assert "is the key in use" in said.err
    assert drills(company) == 0


def test_both_keys_are_tried(kept: Kept, copies: tuple[Path, Path]) -> None:
    """A drill of one key would be taken for a drill of both."""
    company, _ = kept

    assert drill(company, copies[0], None).code == 2
    assert drills(company) == 0


def test_a_drill_counts_for_the_key_that_was_tried(kept: Kept, copies: tuple[Path, Path]) -> None:
    """After a rotation the backup holds the old key."""
    company, _ = kept
    drill(company, *copies)
    assert company.run("key", "rotate", "--reason", "tried").code == 0

    (after,) = point(company, "key backup")
    assert after["state"] == "note"
    assert "the signing key before this one" in after["says"]
    assert company.run("status", "--json").json["key_drill"]["is_of_current_key"] is False
    assert "replaced since" in company.run("status").out
    assert drill(company, *copies).code == 6
    shutil.copy(key_files(company)[1], copies[1])
    assert drill(company, *copies).code == 0
    assert point(company, "key backup")[0]["state"] == "ok"


def test_a_copy_that_others_may_read_is_told(kept: Kept, copies: tuple[Path, Path]) -> None:
    """A backup is where a key is stolen from."""
    company, _ = kept
    copies[1].chmod(0o644)
    said = drill(company, *copies, "--json")

    assert said.json["open_to_others"] == [str(copies[1])]


def test_of_a_key_in_a_service_only_the_store_key_has_a_copy(kept: Kept, vault: PlayedVault, tmp_path: Path) -> None:
    """The service signs for it; a copy of its key would be a hole."""
    company, _ = kept
    company.write(
        company.config.read_text().replace("[store]\n", '[store]\nsigning_key = { vault = "transit/annexd" }\n')
    )
    company.run("scan")
    (in_use,) = company.folder.glob("*.key")
    copy = Path(shutil.copy(in_use, tmp_path / "copy.key"))

    said = drill(company, copy, None, "--json")
    assert (said.code, said.json["signing_key"]) == (0, None)
    assert drill(company, copy, copy).code == 2
    vault.stop()
    assert drill(company, copy, None).code == 5
    assert drills(company) == 1
    (signing,) = point(company, "signing key")
    assert (signing["state"], "did not answer" in signing["says"]) == ("problem", True)


@pytest.mark.parametrize("which", [0, 1])
def test_a_key_that_is_open_to_others_is_a_problem(company: Company, which: int) -> None:
    """Whoever reads the signing key signs."""
    assert company.run("scan").code == 0
    file = key_files(company)[which]
    about = ("store key", "signing key")[which]
    assert not [item for item in point(company, about) if item["state"] == "problem"]

    for mode in (0o640, 0o604, 0o620, 0o601):
        file.chmod(mode)
        said = company.run("doctor", "--offline", "--json")

        (found,) = [item for item in said.json["points"] if (item["about"], item["state"]) == (about, "problem")]
        assert (said.code, str(file) in found["says"]) == (1, True)
        assert found["mend"] == f"chmod 600 {file}"


def test_keys_beside_their_database_are_told(company: Company, tmp_path: Path) -> None:
    """Both, one by one, in a folder below it, and on the same volume elsewhere."""
    company.run("scan")
    store, signing = key_files(company)
    (both,) = point(company, "keys")
    assert (both["state"], "store key and signing key lie in the folder" in both["says"]) == ("note", True)

    apart = tmp_path / "apart"
    apart.mkdir()
    shutil.move(signing, apart / "s.pem")
    shutil.move(signing.with_name(f"{signing.name}.state"), apart / "s.pem.state")
    text = company.config.read_text()
    company.write(text.replace("[store]\n", f'[store]\nsigning_key = "{apart}/s.pem"\n'))
    folder, volume = point(company, "keys")
    assert "store key lies in the folder" in folder["says"]
    assert "signing key lies on the volume" in volume["says"]

    below = company.folder / "keys"
    below.mkdir()
    shutil.move(store, below / "k")
    company.write(text.replace("[store]\n", f'[store]\nsigning_key = "{apart}/s.pem"\nkey = "keys/k"\n'))
    folder, _ = point(company, "keys")
    assert "store key lies in the folder" in folder["says"]


@pytest.mark.parametrize(
    ("url", "notes"),
    [
        ("postgresql://u@db.example/a", 0),
        ("postgresql://u@10.0.0.7/a?host=db.example", 0),
        ("postgresql://u@localhost/a", 1),
        ("postgresql://u@127.0.0.1:5432/a", 1),
        ("postgresql://u@[::1]/a", 1),
        ("postgresql:///a", 1),
        ("postgresql://u@/a?host=/run/postgresql", 1),
        ("postgresql://u@db.example/a?host=localhost", 1),
    ],
)
def test_keys_on_the_machine_of_the_database_server_are_told(tmp_path: Path, url: str, notes: int) -> None:
    """As far as its address says."""
    (tmp_path / "config.toml").write_text(f'[store]\nurl = "{url}"\n')
    files = {"store key": tmp_path / "config.toml"}

    assert len(list(beside_the_database(load(tmp_path / "config.toml", {}), files))) == notes
    assert list(beside_the_database(load(tmp_path / "config.toml", {}), {})) == []


@pytest.mark.parametrize(("days", "state"), [(0, DoctorState.OK), (365, DoctorState.OK), (366, DoctorState.NOTE)])
def test_a_drill_grows_old(days: int, state: DoctorState) -> None:
    """Disks and passwords of safes do too."""
    found: DoctorItem = drilled(KeyDrill(at=NOW - timedelta(days=days), by="ann", is_of_current_key=True), NOW)

    assert found.state is state
    assert "ann" in found.says
