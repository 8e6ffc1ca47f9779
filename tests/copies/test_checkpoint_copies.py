"""`[store] copies`: kept after each signature, and held against the store by `annexd verify`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from collector.cli.main import main
from collector.daemon.verifier import verified
from collector.setup.config import load
from tests.played.company import Company

STORE = 'url = "sqlite:///evidence.db"\n'


@pytest.fixture
def outside(company: Company) -> Path:
    """A folder outside, named in the configuration, with the copies of two scans."""
    folder = company.folder / "outside"
    folder.mkdir()
    company.write(company.config.read_text().replace(STORE, f'{STORE}copies = ["outside"]\n'))
    assert company.run("scan").code == 0
    assert company.run("scan").code == 0
    return folder


def history(company: Company, name: str) -> Path:
    """Take a copy of the store with its keys and memory."""
    kept = company.folder / name
    kept.mkdir()
    for file in company.folder.glob("evidence.db*"):
        shutil.copy(file, kept)
    return kept


def put_back(company: Company, kept: Path) -> None:
    """Put a copy in place of the store, keys and memory."""
    for file in company.folder.glob("evidence.db*"):
        file.unlink()
    for file in kept.iterdir():
        shutil.copy(file, company.folder)


def test_each_checkpoint_has_a_copy_that_leads_to_the_store(company: Company, outside: Path) -> None:
    """What the copies cover is proven against the holder of every key."""
    report = company.run("verify", "--json").json

    assert report["copies"] == report["checkpoints"] == len(list(outside.iterdir())) == 2
    assert report["copies_newest"] == report["signed"] == report["leaves"]
    said = company.run("verify")
    span = f"the oldest over {report['copies_oldest']} log entries, the newest over {report['leaves']}"
    assert f"2 outside lead to this log, {span}" in said.out
    assert report["copies_oldest"] < report["leaves"]
    assert report["copies_missing"] == 0


@pytest.mark.usefixtures("outside")
def test_a_history_written_anew_with_all_keys_is_found(company: Company) -> None:
    """Database, keys and memory are put back, and another history is signed; only the copies know."""
    before = history(company, "before")
    assert company.run("scan").code == 0
    put_back(company, before)
    company.write(company.config.read_text().replace('copies = ["outside"]\n', ""))
    company.run("scan")
    company.run("scan")
    assert company.run("verify", "--rebuild").code == 0
    company.write(company.config.read_text().replace(STORE, f'{STORE}copies = ["outside"]\n'))

    said = company.run("verify")

    assert said.code == 6
    assert "another history than the one that was signed and copied" in said.err
    event = verified(load(company.config).store)
    assert event.found is not None
    assert event.found.wrong is not None
    assert "another history" in event.found.wrong


def test_an_older_store_with_its_memory_is_found(company: Company, outside: Path) -> None:
    """The signer's memory was put back with it, so that it knows of nothing newer."""
    before = history(company, "before")
    assert company.run("scan").code == 0
    put_back(company, before)

    assert company.run("verify").code == 6
    assert len(list(outside.iterdir())) == 3


@pytest.mark.usefixtures("outside")
def test_a_loss_that_was_acknowledged_is_no_forgery(company: Company) -> None:
    """The log entry of `store restored` says which history was given up, and verification counts its copies."""
    before = history(company, "before")
    memory = company.folder / "evidence.db.signing.pem.state"
    assert company.run("scan").code == 0
    newest = memory.read_bytes()
    put_back(company, before)
    memory.write_bytes(newest)
    said = company.run("store", "restored", "--acknowledge", "--reason", "the disk died")
    assert said.code == 0, said.err
    assert company.run("scan").code == 0

    said = company.run("verify", "--json")
    assert said.code == 0, said.err
    report = said.json

    assert report["copies_given_up"] == 1
    assert report["copies_newest"] == report["leaves"]


@pytest.mark.usefixtures("outside")
def test_a_copy_of_a_history_beyond_what_was_given_up_is_a_forgery(company: Company) -> None:
    """Whoever restores a store without its memory cannot give up more than the memory has seen."""
    before = history(company, "before")
    memory = company.folder / "evidence.db.signing.pem.state"
    assert company.run("scan").code == 0
    seen = memory.read_bytes()
    assert company.run("scan").code == 0
    put_back(company, before)
    memory.write_bytes(seen)
    assert company.run("store", "restored", "--acknowledge", "--reason", "the disk died").code == 0

    assert company.run("verify").code == 6


@pytest.mark.parametrize("text", ["", "not a note\n"])
def test_a_file_that_nobody_signed_is_told_by_its_name(company: Company, outside: Path, text: str) -> None:
    """Somebody writes into the place: that is worth a look, and not taken for a copy."""
    name = f"000000000003-{'ab' * 32}.txt"
    (outside / name).write_text(text)

    said = company.run("verify")

    assert said.code == 6
    assert name in said.err


def test_the_newest_copy_is_read_though_its_name_agrees(company: Company, outside: Path) -> None:
    """An empty file of the right name proves nothing."""
    newest = max(outside.iterdir())
    newest.chmod(0o600)
    newest.write_text("")

    assert company.run("verify").code == 6


def test_places_that_cannot_be_looked_at_are_no_pass(company: Company, outside: Path) -> None:
    """Neither one that is away nor one that was emptied."""
    for copy in outside.iterdir():
        copy.unlink()
    assert company.run("verify").code == 5
    outside.rmdir()

    said = company.run("verify")

    assert said.code == 5
    assert "outside cannot be listed: No such file or directory" in said.err
    assert verified(load(company.config).store).found is None


def test_a_place_that_is_away_fails_no_scan_and_the_next_copy_covers_it(
    company: Company, outside: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Evidence that was collected is not thrown away for want of a copy."""
    outside.rename(company.folder / "away")
    said = company.run("scan")
    assert said.code == 0
    assert "has no copy outside" in said.err + caplog.text
    (company.folder / "away").rename(outside)
    company.run("scan")

    report = company.run("verify", "--json").json

    assert report["copies"] == report["checkpoints"] - 1
    assert report["copies_newest"] == report["leaves"]


def test_log_entries_that_no_copy_covers_are_told(company: Company, outside: Path) -> None:
    """Somebody with the keys could still change those."""
    newest = max(outside.iterdir())
    newest.unlink()

    said = company.run("verify")

    assert said.code == 0, said.err
    assert "log entries, which no copy outside covers" in said.out


def test_a_place_that_was_emptied_and_used_again_is_told(company: Company, outside: Path) -> None:
    """A new copy covers what is there now, and not that it was there when the copies that are gone were made."""
    for copy in outside.iterdir():
        copy.unlink()
    assert company.run("scan").code == 0

    said = company.run("verify", "--json")

    report = said.json
    assert (report["copies"], report["copies_missing"]) == (1, 2)
    assert report["copies_oldest"] == report["copies_newest"] == report["leaves"]
    assert "2 earlier checkpoints have none" in company.run("verify").out


def test_a_name_that_annexd_does_not_give_is_no_copy(company: Company, outside: Path) -> None:
    """A number is written in one way: no copy counts twice, and none is read under the name of another."""
    first = min(outside.iterdir())
    (outside / f"0{first.name}").write_text("something else")

    said = company.run("verify", "--json")

    assert (said.code, said.json["copies"]) == (0, 2)


def test_two_stores_at_one_place_are_told_apart(company: Company, outside: Path) -> None:
    """A mistake in a configuration must read as one."""
    second = company.folder / "second.toml"
    second.write_text(company.config.read_text().replace("evidence.db", "second.db"), encoding="utf-8")
    company.run("scan")
    assert main(["-c", str(second), "scan"]) == 0

    said = company.run("verify")

    assert said.code == 6
    assert "it is of the log " in said.err
    assert str(outside) in said.err


@pytest.mark.parametrize("address", ["ftp://x", "s3://", " "])
def test_an_address_that_is_none_is_refused_with_its_line(company: Company, address: str) -> None:
    """Before anything is asked."""
    company.write(company.config.read_text().replace(STORE, f'{STORE}copies = ["{address}"]\n'))

    said = company.run("config", "check")

    assert said.code == 3
    assert "config.toml:3: store.copies" in said.err


def test_the_doctor_says_how_many_there_are_and_that_a_folder_does_not_tell(company: Company, outside: Path) -> None:
    """Somebody who relies on them has to know."""
    said = company.run("doctor")

    assert f"2 checkpoints at {outside}: a folder does not tell" in said.out
    for copy in outside.iterdir():
        copy.unlink()
    outside.rmdir()
    assert company.run("doctor").code != 0
