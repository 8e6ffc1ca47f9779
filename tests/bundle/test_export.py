"""Making a bundle: recorded first, whole or not there, and the same bytes for the same question."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from collector.actions import export_bundle
from collector.bundle.proofs.proof import read_previous
from collector.bundle.verifying.bundle import verify_bundle
from collector.bundle.verifying.members import opened
from collector.core.errors import ConfigError, StoreError, VerificationError
from collector.core.facts import OperatorAct
from tests.bundle.conftest import Office
from tests.bundle.verifiers import ours, theirs


def _leaves(office: Office) -> int:
    with office.desk.world.store.reading() as connection:
        count: int = connection.exec_driver_sql("SELECT count(*) FROM log_leaf").scalar_one()
    return count


def test_the_same_question_gives_the_same_bytes(office: Office) -> None:
    """Two people who ask the same of the same record can compare one digest."""
    first = office.export("first.zip", recipient="Cert Ltd")
    office.desk.clock.move(timedelta(hours=1))
    second = office.export("second.zip", recipient="Cert Ltd")

    assert (office.folder / "first.zip").read_bytes() == (office.folder / "second.zip").read_bytes()
    assert (first.is_new, second.is_new) == (True, False)


def test_another_question_is_another_leaf(office: Office) -> None:
    """What was handed out to whom must not be told by a leaf about somebody else."""
    first = office.export("first.zip", recipient="Cert Ltd")
    second = office.export("second.zip", recipient="Audit AG")

    assert second.head.export_leaf > first.head.export_leaf


def test_a_scan_in_between_is_another_bundle(office: Office) -> None:
    """A period that is not over yet holds more after the next scan."""
    first = office.export("first.zip")
    office.desk.world.run()
    second = office.export("second.zip")

    assert second.is_new
    assert second.head.end > first.head.end


def test_it_is_recorded_before_and_after(office: Office) -> None:
    """Who was given what stands in the record, also where writing fails; what came of it only where it was written."""
    made = office.export(recipient="Cert Ltd", purpose="stage 2", classification="confidential")

    acts = [fact for fact in _acts_of(office) if fact.act in {"export", "exported"}]
    assert [act.act for act in acts] == ["export", "exported"]
    assert acts[0].about["recipient"] == "Cert Ltd"
    assert acts[0].about["receipt"] == "yes"
    assert acts[1].about["export"] == str(made.head.export_leaf)
    assert acts[1].about["manifest"] == made.manifest.tag_digest
    assert json.loads(acts[1].about["parts"]) == made.manifest.parts


def _acts_of(office: Office) -> list[OperatorAct]:
    from storage.log.ranges import LogParts

    with office.desk.world.store.reading() as connection:
        found = [record.fact(OperatorAct) for record in LogParts(connection).newest("operator_act", 1 << 62)]
    return found[::-1]


def test_a_place_that_cannot_be_is_told_before_anything_is_recorded(office: Office) -> None:
    """A typing error in a path is no export, and must not look like one for ever."""
    before = _leaves(office)

    with pytest.raises(ConfigError, match="no folder"):
        office.export("nowhere/out.zip")

    assert _leaves(office) == before


def test_a_full_disk_leaves_no_bundle(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a bundle under the right name would be sent."""
    sync = os.fsync

    def full(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink().suffix == ".part":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(StoreError, match="No space left"):
        office.export()

    assert not list(office.folder.glob("*.zip*"))
    assert not list(office.folder.glob(".*.part"))


def test_a_kill_before_the_name_leaves_no_bundle(tmp_path: Path) -> None:
    """The name is given last: until then there is nothing to be taken for a bundle."""
    code = (
        "from pathlib import Path\n"
        "from collector.bundle.atomic_file import placed\n"
        f"with placed(Path({str(tmp_path / 'out.zip')!r}), force=False) as out: out.write(b'whole')\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "ANNEXD_KILL_AT": "bundle written"}, check=False
    )

    assert process.returncode != 0
    assert not (tmp_path / "out.zip").exists()


def test_the_next_bundle_goes_on_from_the_one_before(office: Office) -> None:
    """An auditor who kept last year's bundle sees that its history was not written anew."""
    first = office.export("first.zip")
    office.desk.clock.move(timedelta(days=1))
    office.desk.world.run()
    with opened(office.folder / "first.zip") as members:
        before = read_previous(members.text("proof/checkpoint"), office.key)
    made = office.export("second.zip", previous=before)

    report = verify_bundle(office.folder / "second.zip", key=office.key, previous=office.folder / "first.zip")

    assert first.receipt is not None
    assert report.previous == (made.head.previous_size, first.receipt + 1)
    assert theirs(office.folder / "second.zip", office.key, office.folder / "first.zip") == ""


def test_any_earlier_bundle_will_do_whether_it_was_named_or_not(office: Office) -> None:
    """An auditor need not tell beforehand which bundle they kept."""
    office.export("first.zip")
    office.desk.clock.move(timedelta(days=1))
    office.desk.world.run()
    office.export("second.zip")

    assert ours(office.folder / "second.zip", office.key, office.folder / "first.zip") == ""
    assert theirs(office.folder / "second.zip", office.key, office.folder / "first.zip") == ""


def test_a_new_key_is_reached_from_the_old_one(office: Office) -> None:
    """Who was given the key years ago goes on verifying; who was given another key does not."""
    old = office.key
    office.desk.world.store.checkpoints.rotate(reason="it is time", by="ann")
    office.export()
    bundle, new = office.folder / "out.zip", office.key

    assert (ours(bundle, old), theirs(bundle, old)) == ("", "")
    assert (ours(bundle, new), theirs(bundle, new)) == ("", "")


def test_another_key_proves_nothing(office: Office) -> None:
    """The key in a bundle is there to be read, never to be trusted."""
    office.export()
    other = type(office.key)(office.key.name, bytes(32))

    assert str(other) in ours(office.folder / "out.zip", other)
    assert str(other) in theirs(office.folder / "out.zip", other)


def test_a_part_of_the_period_shows_that_it_is_no_narrower(office: Office) -> None:
    """The leaves beside the range are there to show that they are of another time."""
    start = office.desk.clock.now().date() - timedelta(days=1)
    office.export(period=office.period(start, start))
    bundle = office.folder / "out.zip"

    report = verify_bundle(bundle, key=office.key)

    assert 0 < report.first < report.end < report.size
    assert not report.border_hidden
    assert theirs(bundle, office.key) == ""


def test_what_is_withheld_is_a_hash_and_is_counted(office: Office) -> None:
    """The proof has to hold for what is not handed out, or nobody could leave anything out honestly."""
    whole = office.export("whole.zip")
    made = office.export("less.zip", withheld=("played.member",))
    bundle = office.folder / "less.zip"

    report = verify_bundle(bundle, key=office.key)

    assert theirs(bundle, office.key) == ""
    assert report.hidden == made.shown.withheld_leaves > 0
    with opened(bundle) as members:
        everything = b"".join(members.open(path).read() for path in members.paths())
    assert b'"ann"' not in everything
    assert whole.shown.withheld_leaves == 0


def test_the_body_of_one_resource_can_be_withheld(office: Office) -> None:
    """One person's record is left out without leaving out everybody's."""
    made = office.export(withheld=("ann",))
    bundle = office.folder / "out.zip"

    assert made.withheld > 0
    assert (ours(bundle, office.key), theirs(bundle, office.key)) == ("", "")


def test_pseudonyms_leave_nothing_with_names(office: Office) -> None:
    """A name in a hashed leaf cannot be changed, so the leaf is not shown."""
    office.export(pseudonymised=True)
    bundle = office.folder / "out.zip"

    assert (ours(bundle, office.key), theirs(bundle, office.key)) == ("", "")
    with opened(bundle) as members:
        everything = b"".join(members.open(path).read() for path in members.paths())
    assert b'"ann"' not in everything


def test_some_controls_show_only_what_they_rest_on(office: Office) -> None:
    """Evidence that no control of the bundle asks for is nobody's business, and still counted."""
    made = office.export(controls=("1.2",))
    bundle = office.folder / "out.zip"

    assert made.shown.withheld_leaves > 0
    assert (ours(bundle, office.key), theirs(bundle, office.key)) == ("", "")


def test_what_was_erased_is_listed_with_the_leaf_that_says_so(office: Office) -> None:
    """An erasure is proven like everything else; a body that is simply gone is not one."""
    office.desk.says("erase", "code", "played.member", "ann", "--basis", "asked for", "--approved-by", "bob")
    made = office.export()
    bundle = office.folder / "out.zip"

    assert made.erased > 0
    assert (ours(bundle, office.key), theirs(bundle, office.key)) == ("", "")


def test_a_previous_bundle_of_another_log_is_refused(office: Office) -> None:
    """Two logs that are laid one after the other must not look like one."""
    with pytest.raises(VerificationError, match="is not signed by"):
        read_previous("x\n1\n" + "A" * 43 + "=\n\n\u2014 x AAAAAAAA\n", office.key)


def test_an_edited_store_gives_no_bundle_and_is_not_signed(office: Office) -> None:
    """Who made every finding pass in the tables must not be handed a signed bundle that says so."""
    before = _leaves(office)
    _let_everything_pass(office)

    with pytest.raises(VerificationError, match="table finding_event: status is 'pass'"):
        office.export()

    assert _leaves(office) == before
    assert list(office.folder.glob("*.zip*")) == []


def test_an_edit_while_a_bundle_is_written_gives_none_either(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was proven before is not what was read."""
    written = export_bundle.write_bundle

    def edited(*arguments: object) -> object:
        made = written(*arguments)  # type: ignore[arg-type]  # whatever it is given
        _let_everything_pass(office)
        return made

    monkeypatch.setattr(export_bundle, "write_bundle", edited)
    with pytest.raises(VerificationError, match="table finding_event: status is 'pass'"):
        office.export()

    assert list(office.folder.glob("*.zip*")) == []


def _let_everything_pass(office: Office) -> None:
    """Edit the tables as their owner can: with the trigger out of the way, and put back."""
    with office.desk.world.store._writer.transaction() as connection:
        statement = "SELECT sql FROM sqlite_master WHERE name = 'finding_event_refuses_update'"
        trigger = connection.exec_driver_sql(statement).scalar_one()
        connection.exec_driver_sql("DROP TRIGGER finding_event_refuses_update")
        connection.exec_driver_sql("UPDATE finding_event SET status = 'pass' WHERE status = 'fail'")
        connection.exec_driver_sql(trigger)
