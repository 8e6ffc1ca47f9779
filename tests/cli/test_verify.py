"""`annexd verify` and `annexd key`, and what a scan leaves for them."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from collector.core.facts import InForce
from collector.setup.app import open_app
from tests.cli.texts import compare
from tests.played.company import Company
from tests.storage.stamping import Authority, serving
from tests.storage.tampered import edit


def test_a_scan_ends_with_a_checkpoint_that_verifies(company: Company) -> None:
    """Evidence that nobody signed is only a database."""
    assert company.run("scan").code == 0

    said = company.run("verify", "--rebuild")

    assert said.code == 0, said.err
    compare("cli/verify/a-scan-ends-with-a-checkpoint-that-verifies", said.out)


def test_json_says_what_was_proven(company: Company) -> None:
    """A monitor asks every night."""
    company.run("scan")

    report = company.run("verify", "--json").json

    assert report["schema"] == "annexd.verified/1"
    assert report["leaves"] == report["signed"] > 5
    assert (report["unsigned"], report["key_given"], report["rows"], report["against"]) == (0, False, None, None)


def test_the_key_and_checkpoint_that_are_printed_verify_the_store(company: Company, tmp_path: Path) -> None:
    """They are what an auditor takes home."""
    company.run("scan")
    shown = company.run("key", "--json").json
    (tmp_path / "vkey").write_text(shown["key"] + "\n")
    (tmp_path / "checkpoint").write_text(shown["checkpoint"])
    company.run("scan")

    said = company.run("verify", "--key", str(tmp_path / "vkey"), "--against", str(tmp_path / "checkpoint"))

    assert said.code == 0, said.err
    compare("cli/verify/the-key-and-checkpoint-that-are-printed-verify-the", said.out)
    assert "the key was taken from the log itself" not in said.out
    assert company.run("verify", "--key", shown["key"]).code == 0
    assert shown["fingerprint"] in company.run("key").out


def test_an_edited_store_ends_with_6_and_both_digests(company: Company) -> None:
    """The message is what somebody acts on."""
    company.run("scan")
    edit(company.folder / "evidence.db", "UPDATE log_leaf SET hash = zeroblob(32) WHERE idx = 3")

    said = company.run("verify")

    assert said.code == 6
    compare("cli/verify/an-edited-store-ends-with-6-and-both-digests", said.err)


@pytest.mark.parametrize("size", [0, 20, 5_000])
def test_a_file_that_is_no_database_any_more_ends_with_6(company: Company, size: int) -> None:
    """A disk that died is told in words."""
    company.run("scan")
    path = company.folder / "evidence.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(path.read_bytes()[:size] if size else b"\xff" * 8192)

    assert company.run("verify").code == 6


def test_a_store_that_is_not_there_ends_with_5(company: Company) -> None:
    """There is nothing to prove, and that is no damage."""
    assert company.run("verify").code == 5


@pytest.mark.parametrize(("option", "value"), [("--key", "nowhere"), ("--key", "a+b+c"), ("--against", "nowhere")])
def test_an_option_that_cannot_be_taken_ends_with_3(company: Company, option: str, value: str) -> None:
    """A typing error must not look like a forgery."""
    company.run("scan")

    assert company.run("verify", option, value).code == 3


def test_a_scan_over_an_older_copy_ends_with_5_before_anything_is_asked(company: Company, tmp_path: Path) -> None:
    """Restoring a backup by hand is how histories fork."""
    company.run("scan")
    shutil.copy(company.folder / "evidence.db", tmp_path / "old.db")
    company.run("scan")
    for file in company.folder.glob("evidence.db-*"):
        file.unlink()
    shutil.copy(tmp_path / "old.db", company.folder / "evidence.db")

    said = company.run("scan")

    assert said.code == 5
    compare("cli/verify/a-scan-over-an-older-copy-ends-with-5", said.err)


def test_a_key_is_replaced_by_one_command(company: Company) -> None:
    """And who trusted the old one is led to the new one."""
    company.run("scan")
    old = company.run("key", "--json").json["key"]

    said = company.run("key", "rotate", "--reason", "once a year", "--json")

    assert said.code == 0, said.err
    assert said.json["key"] != old
    assert company.run("scan").code == 0
    assert company.run("verify", "--key", old).code == 0
    assert company.run("verify", "--key", said.json["key"]).code == 0


def in_force(company: Company) -> InForce:
    """What the latest run was judged with."""
    with open_app(company.config).open_store(writer=False) as store:
        found = store.in_force()
    assert found is not None
    return found


def test_a_changed_limit_or_a_disabled_check_is_on_record(company: Company) -> None:
    """Whoever loosens a rule before the audit leaves a leaf behind."""
    company.run("scan")
    first = in_force(company)
    company.run("scan")
    unchanged = in_force(company)
    name = first.rules[0].check
    company.add(f'\n[checks.{name}]\nenabled = false\nreason = "it is noisy"\n')
    company.run("scan")
    after = in_force(company)

    assert unchanged == first
    assert first.was_config is None
    assert (after.was_config, after.was_code) == (first.config, first.code)
    assert after.disabled == (name,)
    assert [(rule.enabled, rule.reason) for rule in after.rules if rule.check == name] == [(False, "it is noisy")]
    assert company.run("verify", "--rebuild").code == 0


def anchored(company: Company, authority: Authority, *more: str) -> None:
    """Configure an anchor."""
    text = company.config.read_text(encoding="utf-8")
    lines = "\n".join([f'anchor = "{authority.url}"', *more])
    company.write(text.replace("[store]\n", f"[store]\n{lines}\n"))


def test_a_checkpoint_is_anchored_by_one_line(company: Company, tmp_path: Path) -> None:
    """Then even the holder of the key cannot date anything back."""
    with serving(Authority(tmp_path / "authority")) as authority:
        anchored(company, authority, f'anchor_ca = "{authority.root}"')
        assert company.run("scan").code == 0

        report = company.run("verify", "--json").json

    assert (report["anchors"], report["anchors_proven"], report["pending"]) == (1, 1, 0)
    assert report["anchored_size"] == report["signed"]
    assert report["unsigned"] == 1  # the anchor itself, which the next checkpoint covers


def test_an_authority_that_is_down_fails_no_run_and_is_covered_by_the_next(company: Company, tmp_path: Path) -> None:
    """Somebody else's outage is no reason to lose evidence."""
    with serving(Authority(tmp_path / "authority")) as authority:
        anchored(company, authority)
        authority.answer = (503, b"down")
        said = company.run("scan")
        pending = company.run("verify", "--json").json
        authority.answer = (200, b"<html>Log in</html>")
        assert company.run("scan").code == 0
        authority.answer = None
        assert company.run("scan").code == 0
        after = company.run("verify", "--json").json

    assert said.code == 0
    assert "is not anchored, and will be with the next" in said.err
    assert (pending["anchors"], pending["pending"]) == (0, 1)
    assert (after["anchors"], after["pending"], after["anchors_proven"]) == (1, 0, 0)
