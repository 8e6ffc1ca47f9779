"""The receipt of a bundle: what people read is what was exported, also against who holds the signing key."""

from __future__ import annotations

import errno
import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collector.bundle.exporters.exporters import exporters
from collector.bundle.proofs.tree import PartialTree
from collector.bundle.verifying.bundle import verify_bundle
from collector.core.errors import StoreError
from collector.core.facts import OperatorAct
from storage import open_store
from storage.log.merkle import leaf_hash
from storage.log.notes import Checkpoint, Signer, make_note
from storage.log.ranges import LogParts
from storage.log.signing import read_signing_key
from tests.attacks.resigning import ENDS, SigningKey, files_of, folder_of, list_digest, listed_again
from tests.bundle.conftest import Office
from tests.bundle.test_shipped_verifier import run_shipped
from tests.bundle.verifiers import ours, theirs, unpacked
from tests.cli.conftest import PlayedApp

if TYPE_CHECKING:
    from collector.actions.export_bundle import ExportResult
    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents

PROVEN = ("data/evidence/", "data/facts/", "data/inventory/", "data/payloads/", "data/state/", "proof/", "receipt/")
"""What the log entries themselves prove, whoever signs the bag."""


def _signed_again(office: Office, files: dict[str, bytes], name: str = "forged.zip") -> Path:
    """Return a bundle of the files, listed and signed anew with the key of the log, which is not touched."""
    key = SigningKey(office.store._signing_keys.memory.with_suffix(""), office.key.name)
    made = office.folder / name
    made.write_bytes(listed_again(folder_of(office.folder / "out.zip"), files, key.sign))
    return made


def _acts(office: Office, act: str) -> dict[int, OperatorAct]:
    with office.store.reading() as connection:
        found = {one.leaf.index: one.fact(OperatorAct) for one in LogParts(connection).newest("operator_act", 1 << 62)}
    return {index: fact for index, fact in found.items() if fact.act == act}


def test_what_people_read_cannot_be_changed_with_the_signing_key(office: Office) -> None:
    """An insider with the key and an untouched log once made a page say that all is well, and both verifiers passed."""
    office.export(exporters=exporters(sample=False))
    whole = files_of(office.folder / "out.zip")
    assert (ours(_signed_again(office, whole), office.key), theirs(_signed_again(office, whole), office.key)) == (
        "",
        "",
    )

    parts = {"/".join(path.split("/")[:2]): path for path in whole if not path.startswith(PROVEN) and path not in ENDS}
    assert {"READ-ME-FIRST.txt", "data/csv", "data/index.html", "data/ocsf", "data/oscal", "verify/verify.py"} <= set(
        parts
    )

    for part, path in {**parts, "bag-info.txt": "bag-info.txt", "proof/keys.txt": "proof/keys.txt"}.items():
        files = dict(whole)
        if path == "bag-info.txt":
            files[path] = files[path].replace(b"Bagging-Date: 2026", b"Bagging-Date: 2025")
        else:
            files[path] = files[path] + b"\n<!-- all is well -->\n"
        forged = _signed_again(office, files)

        for said in (ours(forged, office.key), theirs(forged, office.key)):
            named, stated, _ = said.partition(": not as exported")
            # A longer file has another sum of bytes, which is in bag-info.txt.
            assert stated, said
            assert set(named.split(", ")) - {"bag-info.txt"} == {part} - {"bag-info.txt"}, path


def test_the_receipt_is_a_later_log_entry_under_a_signed_head(office: Office) -> None:
    """It can only be written when the bundle is closed, so it cannot be in what it covers."""
    made = office.export()

    report = verify_bundle(office.folder / "out.zip", key=office.key)

    ((leaf, act),) = _acts(office, "exported").items()
    assert report.receipt is not None
    assert (report.receipt.leaf, report.receipt.size) == (leaf, leaf + 1)
    assert made.receipt == leaf >= report.size
    assert act.about["manifest"] == made.manifest.tag_digest
    assert office.desk.json("verify", "out.zip", "--key", str(office.key))["receipt"] == leaf


@pytest.mark.parametrize("reason", [b"", b"The store was read-only.\n\x1b[2J"])
def test_a_receipt_that_is_missing_is_said_and_never_passes(office: Office, reason: bytes) -> None:
    """Whoever could take it away would otherwise be rid of it."""
    office.export()
    files = {
        path: data for path, data in files_of(office.folder / "out.zip").items() if not path.startswith("receipt/")
    }
    if reason:
        files["receipt/missing.txt"] = reason
    bundle = _signed_again(office, files)

    said = run_shipped(office.folder, bundle, "--key", str(office.key))

    assert "there is no receipt" in ours(bundle, office.key)
    assert (said.returncode, said.stderr.startswith("FAIL        no receipt:")) == (1, True)
    assert "receipt     NONE: " in said.stdout
    assert "PASS" not in said.stdout
    assert "\x1b" not in said.stdout + ours(bundle, office.key)
    assert ("read-only" in said.stdout, "read-only" in ours(bundle, office.key)) == (bool(reason), bool(reason))
    assert office.desk.says("verify", str(bundle), "--key", str(office.key), code=6)


def test_the_receipt_of_another_bundle_is_refused(office: Office) -> None:
    """Both are real; only one is of these files."""
    office.export("other.zip", recipient="somebody else")
    office.export()
    other = {path: data for path, data in files_of(office.folder / "other.zip").items() if path.startswith("receipt/")}
    bundle = _signed_again(office, {**files_of(office.folder / "out.zip"), **other})

    assert "receipt" in ours(bundle, office.key)
    assert "receipt" in theirs(bundle, office.key)


def test_the_same_export_gives_the_same_receipt(office: Office) -> None:
    """Two people who are given the bundle compare one digest; the log has one entry, however often it is asked for."""
    first = office.export("first.zip")
    office.desk.clock.move(timedelta(hours=1))
    again = office.export("again.zip")

    assert (office.folder / "first.zip").read_bytes() == (office.folder / "again.zip").read_bytes()
    assert (again.is_new, again.receipt) == (False, first.receipt)
    assert len(_acts(office, "exported")) == 1


@pytest.mark.parametrize("named_by", ["export", "receipt"])
def test_a_receipt_is_given_again(office: Office, named_by: str) -> None:
    """Who unpacked a bundle and lost it need not export everything anew; it has the same bytes, also much later."""
    made = office.export()
    top = unpacked(office.folder / "out.zip", office.folder / "unpacked")
    was = {path.relative_to(top): path.read_bytes() for path in (top / "receipt").rglob("*") if path.is_file()}
    shutil.rmtree(top / "receipt")
    office.desk.world.run()
    office.store.checkpoints.rotate(reason="it is time", by="ann")
    entry = made.head.export_leaf if named_by == "export" else made.receipt

    said = office.desk.json("export", "--receipt", str(entry), str(top / "receipt"))

    assert said == {
        "schema": "annexd.receipt/1",
        "folder": str(top / "receipt"),
        "leaf": made.receipt,
        "size": (made.receipt or 0) + 1,
    }
    assert {path.relative_to(top): path.read_bytes() for path in (top / "receipt").rglob("*") if path.is_file()} == was


def test_an_entry_that_leads_to_no_receipt_is_refused(office: Office) -> None:
    """A folder that is called a receipt and holds none would be handed on."""
    office.export()

    said = office.desk.says("export", "--receipt", "0", "receipt", code=2)

    assert "leads to no single receipt" in said
    assert not Path("receipt").exists()


def test_a_key_that_is_handed_over_meanwhile_leaves_no_bundle(office: Office) -> None:
    """The bag would be signed by one key and the receipt by another; asked for again, all is under the new one."""

    def rotate(contents: BundleContents, bag: Bag) -> None:  # noqa: ARG001  as exporters are called
        office.store.checkpoints.rotate(reason="it is time", by="ann")

    with pytest.raises(StoreError, match="another key"):
        office.export(exporters=(rotate,))

    assert not (office.folder / "out.zip").exists()
    office.export()
    assert (ours(office.folder / "out.zip", office.key), theirs(office.folder / "out.zip", office.key)) == ("", "")


class Killed(BaseException):
    """Ends an export where a process would end that is killed."""


STEPS = ("bundle closed", "bundle recorded", "bundle signed for", "bundle written", "bundle named")


def _killed_at(step: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(what: str) -> None:
        if what == step:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("collector.actions.export_receipt.reached", reached)
        patched.setattr("collector.bundle.atomic_file.reached", reached)
        with pytest.raises(Killed):
            office.export()


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_leaves_no_half_and_the_next_run_gives_the_receipt(
    office: Office, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the closed bag and the name there is nothing to be seen; the log never has two ends of one export."""
    _killed_at(step, office, monkeypatch)
    seen = office.folder / "out.zip"
    assert seen.exists() is (step == "bundle named")
    was = seen.read_bytes() if seen.exists() else None
    office.desk.clock.move(timedelta(hours=1))

    again = office.export()

    assert (again.is_new, len(_acts(office, "export")), len(_acts(office, "exported"))) == (False, 1, 1)
    assert (ours(seen, office.key), theirs(seen, office.key)) == ("", "")
    assert was in {None, seen.read_bytes()}


@pytest.fixture
def copy(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose store is a copy that it cannot write to, once `is_copy` is set in its folder."""
    opened = PlayedApp.open_store

    def open_copy(app: PlayedApp, *, writer: bool) -> object:
        if not (office.folder / "is_copy").exists():
            return opened(app, writer=writer)
        if writer:
            raise StoreError("annexd.db cannot be used as a store") from PermissionError(
                errno.EACCES, "Permission denied"
            )
        return open_store(f"sqlite:///{office.folder / 'annexd.db'}", writer=False, clock=office.desk.clock.now)

    monkeypatch.setattr(PlayedApp, "open_store", open_copy)
    return office


DAYS = ("--from", "2026-02-01", "--to", "2026-03-03")


def test_a_copy_that_cannot_be_written_gives_the_same_bundle_again(copy: Office) -> None:
    """A backup in a safe is asked for what was handed out; nothing is recorded anew for that."""
    copy.desk.says("export", "first.zip", *DAYS)
    (copy.folder / "is_copy").touch()

    said = copy.desk.json("export", "again.zip", *DAYS)

    assert said["receipt"] is not None
    assert (copy.folder / "first.zip").read_bytes() == (copy.folder / "again.zip").read_bytes()


def test_a_copy_without_the_end_of_an_export_says_that_there_is_no_receipt(
    copy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy was made between the two log entries: what was written then is stated nowhere."""
    with monkeypatch.context() as patched:
        patched.setattr("collector.actions.export_receipt.reached", _raise)
        with pytest.raises(Killed):
            copy.desk.says("export", "out.zip", *DAYS)
    (copy.folder / "is_copy").touch()

    assert copy.desk.json("export", "out.zip", *DAYS)["receipt"] is None
    bundle = copy.folder / "out.zip"
    assert b"cannot be\nwritten" in files_of(bundle)["receipt/missing.txt"]
    assert "it was exported from a copy of the store" in ours(bundle, copy.key)
    assert theirs(bundle, copy.key).startswith("no receipt")


def _raise(_step: str) -> None:
    raise Killed


def test_a_copy_hands_out_nothing_that_was_not_recorded(copy: Office) -> None:
    """To whom what was given has to stand somewhere."""
    (copy.folder / "is_copy").touch()

    said = copy.desk.says("export", "out.zip", *DAYS, code=5)

    assert "no such export is recorded" in said
    assert not (copy.folder / "out.zip").exists()


def test_a_receipt_that_the_log_does_not_know_is_shown_by_the_next_bundle(office: Office) -> None:
    """The signing key can sign a head over a log entry that was never recorded; the log itself goes on otherwise."""
    made = office.export()
    forged = _signed_again(office, _forged_receipt(office, files_of(office.folder / "out.zip"), made))
    office.desk.clock.move(timedelta(days=1))
    office.desk.world.run()
    office.export("next.zip")
    bundle = office.folder / "next.zip"

    assert (ours(forged, office.key), theirs(forged, office.key)) == ("", "")
    for previous in (office.folder / "out.zip", forged):
        is_real = previous != forged
        assert (ours(bundle, office.key, previous) == "") is is_real
        assert (theirs(bundle, office.key, previous) == "") is is_real


def _forged_receipt(office: Office, files: dict[str, bytes], made: ExportResult) -> dict[str, bytes]:
    """Change what people read, and make a receipt for that with the signing key alone, as if the log had said so."""
    files["READ-ME-FIRST.txt"] = b"All is well.\n"
    key = SigningKey(office.store._signing_keys.memory.with_suffix(""), office.key.name)
    leaves = "receipt/leaves/000000000.txt"
    stated = f"sha256:{list_digest(files, key.sign)}".encode()
    files[leaves] = files[leaves].replace(made.manifest.tag_digest.encode(), stated)
    tree = json.loads(files["receipt/tree.json"])
    stack = PartialTree()
    with office.store.reading() as connection:
        for hashed in LogParts(connection).hashes(made.head.size):
            stack.add(hashed)
    stack.add(leaf_hash(files[leaves].rstrip(b"\n").partition(b" ")[2]))
    assert tree["size"] == stack.size
    signer = Signer(office.key.name, read_signing_key(office.store._signing_keys.memory.with_suffix("")))
    files["receipt/checkpoint"] = make_note(Checkpoint(office.key.name, stack.size, stack.root()), signer).encode()
    return files


def test_the_tree_of_the_receipt_names_the_log(office: Office) -> None:
    """The lists do not have the receipt, so that nothing but the verifiers holds it."""
    office.export()
    top = unpacked(office.folder / "out.zip", office.folder / "unpacked")
    tree = top / "receipt/tree.json"
    text = tree.read_text("utf-8")
    assert text.startswith('{"origin":"annexd.invalid/')
    tree.write_text(text.replace("annexd.invalid/", "annexe.invalid/", 1), "utf-8")

    assert "another log" in ours(top, office.key)
    assert "another log" in theirs(top, office.key)
