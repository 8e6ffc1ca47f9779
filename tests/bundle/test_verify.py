"""A bundle proves what it shows, to who has nothing but the key."""

from __future__ import annotations

from collector.bundle.verifying.bundle import verify_bundle
from tests.bundle.conftest import Office


def test_a_bundle_is_proven_with_the_key_alone(office: Office) -> None:
    """That is what the auditor is given: no store, no network, no trust in whoever sends it."""
    made = office.export()

    report = verify_bundle(office.folder / "out.zip", key=office.key)

    assert (report.size, report.root) == (made.head.size, made.head.root)
    assert (report.first, report.end) == (0, made.head.size)
    assert report.contents.findings > 0
    assert report.contents.bodies > 0
    assert report.hidden == 0


def test_both_commands_say_what_was_exported_and_proven(office: Office) -> None:
    """Who exports, and who verifies, reads the same numbers."""
    desk = office.desk
    exported = desk.json("export", "b.zip", "--from", "2026-02-01", "--to", "2026-03-03", "--for", "stage-2")
    verified = desk.json("verify", "b.zip", "--key", str(office.key))

    assert (verified["size"], verified["root"]) == (exported["size"], exported["root"])
    assert str(exported["root"]) in desk.says("verify", "b.zip", "--key", str(office.key))
