"""What people read in a bundle is rendered from what it proves, and rendered again where somebody asks."""

from __future__ import annotations

import io
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.bundle.bag import Bag, Entry
from collector.bundle.contents import BundleContents
from collector.bundle.exporters.exporters import exporters
from collector.bundle.rendering import rendered_bundle
from collector.bundle.rendering.proven_contents import proven_contents
from collector.bundle.rendering.proven_paths import proven_paths
from collector.bundle.rendering.rendered_bundle import render_bundle
from collector.bundle.tables.files import write_tables
from collector.bundle.verifying.bundle import verify_bundle
from collector.bundle.verifying.members import opened
from collector.core.errors import ConfigError, VerificationError
from storage.verifying.finding_count_check import check_finding_counts
from tests.attacks.resigning import files_of
from tests.bundle.conftest import Office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.bundle.bag import BagFile
    from collector.bundle.exporters.exporters import Exporter

EDITS = {
    "data/index.html": (b"Open deviations", b"Open  deviations"),
    "data/csv/findings.csv": (b'"fail"', b'"pass"'),
    "data/annexd.xlsx": (b">fail<", b">pass<"),
    "data/oscal/assessment-results.json": (b"not-satisfied", b"satisfied"),
    "data/ocsf/compliance-finding.jsonl": (b'"status_id":3', b'"status_id":1'),
}
"""By file: what is there, and what somebody writes in its place before the bundle is closed."""


class _FalseBag:
    """A bag whose pages, tables and documents somebody changes before they are written."""

    def __init__(self, bag: Bag) -> None:
        self._bag = bag
        self.entries = bag.entries

    def add(self, path: str, data: bytes) -> None:
        self._bag.add(path, _edited(path, data))

    @contextmanager
    def file(self, path: str) -> Iterator[io.BytesIO | BagFile]:
        if path not in EDITS:
            with self._bag.file(path) as out:
                yield out
            return
        made = io.BytesIO()
        yield made
        self._bag.add(path, _edited(path, made.getvalue()))


def _edited(path: str, data: bytes) -> bytes:
    if path not in EDITS:
        return data
    was, now = EDITS[path]
    if path.endswith(".xlsx"):
        return _edited_workbook(data, was, now)
    assert was in data, path
    return data.replace(was, now, 1)


def _edited_workbook(data: bytes, was: bytes, now: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        members = {name: old.read(name) for name in old.namelist()}
        name = next(name for name, content in members.items() if was in content)
        members[name] = members[name].replace(was, now, 1)
        for path, content in members.items():
            new.writestr(path, content)
    return made.getvalue()


def _false(exporter: Exporter) -> Exporter:
    def write(contents: BundleContents, bag: Bag) -> None:
        exporter(contents, _FalseBag(bag))  # type: ignore[arg-type]  # it takes in the same files

    return write


def _csv(bundle: Path) -> dict[str, bytes]:
    return {path: data for path, data in files_of(bundle).items() if path.startswith("data/csv/")}


def test_what_is_exported_is_rendered_again_byte_by_byte(office: Office) -> None:
    """Pages, workbook, CSV, OSCAL, OCSF, the first file and what the bag says of itself are functions of the proof."""
    office.export(exporters=exporters())

    found = render_bundle(office.folder / "out.zip", office.desk.app)

    assert (found.compared, found.differing, found.differences) == ("bytes", 0, [])
    with opened(office.folder / "out.zip") as members:
        lists = {"bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "bundle.sig"}
        read = set(members.paths()) - proven_paths(members) - lists
    assert found.files == len(read)
    assert {"data/index.html", "data/annexd.xlsx", "READ-ME-FIRST.txt", "verify/verify.py", "bag-info.txt"} <= read
    found.prove()


def test_a_false_page_that_was_written_before_the_bundle_was_closed_is_found(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists, signature and receipt are then of the false files, and prove them; the evidence does not.

    Where another version rendered them, pages are not compared, and it is said so; states and verdicts are.
    """
    office.export(exporters=[_false(exporter) for exporter in exporters()])
    verify_bundle(office.folder / "out.zip", key=office.key)

    found = render_bundle(office.folder / "out.zip", office.desk.app)

    by_path = {difference.path: difference for difference in found.differences}
    assert sorted(by_path) == sorted(EDITS)
    table, book = by_path["data/csv/findings.csv"], by_path["data/annexd.xlsx"]
    assert (table.where.rpartition(", ")[2], table.bundle, table.rendered) == ("verdict", "pass", "fail")
    assert (book.where.rstrip("0123456789"), book.bundle, book.rendered) == ("Findings!H", "pass", "fail")
    with pytest.raises(VerificationError):
        found.prove()

    monkeypatch.setattr(rendered_bundle, "renderer_of", lambda _: "annexd 99")
    by_another = render_bundle(office.folder / "out.zip", office.desk.app)

    assert (by_another.compared, by_another.why) == ("numbers", f"pages not compared: made by {found.made_by}")
    assert [(difference.path, difference.bundle, difference.rendered) for difference in by_another.differences] == [
        ("data/csv/findings.csv", "verdict pass", "verdict fail"),
        ("data/annexd.xlsx", "verdict pass", "verdict fail"),
    ]


BESIDE = ["data/state/summary.html", "data/summary.html", "proof/summary.html"]
"""Pages that nothing proves and no export writes."""

WORDS = {
    "proof/keys.txt": (b"not to be trusted: compare them", b"to be trusted"),
    "proof/range.json": (b"}", b', "state": "evidenced"}'),
    "proof/tree.json": (b"}", b',"state":"evidenced"}'),
}
"""By file of the proof: what is there, and words in its place that verification, which reads others, passes over."""


def test_what_is_put_beside_the_proof_is_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no proof because it lies where proofs do: neither a file nor words in one."""
    add = Bag.add

    def false_add(bag: Bag, path: str, data: bytes) -> None:
        was, now = WORDS.get(path, (b"", b""))
        add(bag, path, data.replace(was, now, 1) if was else data)

    def more(contents: BundleContents, bag: Bag) -> None:  # noqa: ARG001  as exporters are called
        for path in BESIDE:
            bag.add(path, b"<p>Nothing is open.</p>")

    with monkeypatch.context() as patched:
        patched.setattr(Bag, "add", false_add)
        office.export(exporters=[*exporters(), more])
    verify_bundle(office.folder / "out.zip", key=office.key)

    found = {each.path: each for each in render_bundle(office.folder / "out.zip", office.desk.app).differences}

    assert sorted(found) == sorted([*BESIDE, *WORDS])
    assert {(found[path].bundle, found[path].rendered) for path in BESIDE} == {("a file", "no such file")}
    assert all(now.decode() in found[path].bundle for path, (_, now) in WORDS.items())


def test_what_cannot_be_rendered_again_is_never_passed(office: Office) -> None:
    """A bundle that withholds something does not prove all that its pages say."""
    office.export(withheld=("m1",))

    found = render_bundle(office.folder / "out.zip", office.desk.app)

    assert (found.compared, found.why) == ("nothing", "evidence is withheld from it")
    with pytest.raises(ConfigError):
        found.prove()


def test_a_later_period_is_rendered_from_the_entries_before_it_too(office: Office) -> None:
    """Since when verdicts hold, and what was changed, is what the whole store says."""
    members = {member["login"]: member for member in office.desk.platform.orgs["acme"]["members"]}
    # Between two fails of carol that the bundle has, because others began to fail then, is a pass that it has not.
    for changed in ({"bob": False, "carol": False}, {"carol": True}, {"carol": False}, {"ann": True}):
        for login, mfa in changed.items():
            members[login]["mfa"] = mfa
        office.desk.clock.move(timedelta(days=1))
        office.desk.world.run()
    today = office.desk.clock.now().date()
    office.export(exporters=exporters(), period=office.period(today, today))

    assert render_bundle(office.folder / "out.zip", office.desk.app).differing == 0
    with opened(office.folder / "out.zip") as opened_bundle, proven_contents(opened_bundle, office.desk.app) as proven:
        store = proven.store
        assert list(store.findings(as_of=proven.at)) == list(office.store.findings(as_of=proven.at))
        with store.reading() as connection:
            hidden = connection.exec_driver_sql("SELECT max(idx) + 1 - count(*) FROM log_leaf").scalar_one()
            assert check_finding_counts(connection) > 0
        assert hidden > 0
        stored = BundleContents(office.desk.app, office.store, proven.terms, proven.head)
        made = io.BytesIO()
        paths = opened_bundle.paths()
        there = {path: Entry("", opened_bundle.size(path)) for path in paths if path.startswith("data/evidence/")}
        with Bag(made, "bundle", there) as bag:
            write_tables(stored, bag)
            written = bag.written()
            from_store = {path: written.text(path).encode() for path in written.paths() if "csv/" in path}
    from_proof = _csv(office.folder / "out.zip")
    assert {path for path in from_store if from_store[path] != from_proof[path]} == {"data/csv/resources.csv"}
