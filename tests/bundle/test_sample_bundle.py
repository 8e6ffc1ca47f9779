"""A sample bundle: what was drawn, with a proof of each item, accepted by both verifiers and by nobody when damaged."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from collector.bundle.verifying.bundle import verify_bundle
from collector.bundle.verifying.members import opened
from tests.bundle.test_forged import sealed_again
from tests.bundle.verifiers import ours, theirs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bundle.conftest import Office

DAYS = ("--from", "2026-03-01", "--to", "2026-03-03")


def drawn(office: Office, *how: str) -> int:
    """Draw members, and return the leaf that says so."""
    office.desk.world.store.checkpoints.checkpoint()
    made = office.desk.json("sample", "played.member", *DAYS, *(how or ("--size", "2", "--nonce", "seven red boats")))
    return int(made["leaf"])


@pytest.fixture
def bundle(office: Office) -> Path:
    """A sample bundle, written by the command."""
    office.desk.says("export", "sample.zip", "--sample", str(drawn(office)), "--recipient", "Cert Ltd")
    return office.folder / "sample.zip"


def test_both_verifiers_prove_what_was_drawn(office: Office, bundle: Path) -> None:
    """An auditor who asked for two items gets two items, and a proof of each."""
    report = verify_bundle(bundle, key=office.key)

    assert report.sample is not None
    assert (report.sample.items, report.sample.unstated, report.sample.population) == (2, 0, 3)
    assert report.sample.has_lines
    assert theirs(bundle, office.key) == ""


def test_it_holds_what_was_drawn_and_nothing_else(office: Office, bundle: Path) -> None:
    """What was not drawn is nobody's business: its body is not here, and the bundle says how many are not."""
    report = verify_bundle(bundle, key=office.key)
    with opened(bundle) as members:
        items = [json.loads(line) for line in members.text("proof/samples.jsonl").splitlines()]
        bodies = [json.loads(members.text(path)) for path in members.paths() if path.startswith("data/evidence/")]

    assert {body["key"] for body in bodies} == {item["key"] for item in items}
    assert report.contents.not_drawn > 0
    assert report.contents.withheld == 0


def test_its_first_pages_name_the_entry_of_the_sample_and_verification_says_what_it_is(
    office: Office, bundle: Path
) -> None:
    """Whoever takes it for a bundle of the period would think that the period is proven."""
    verified = office.desk.json("verify", "sample.zip", "--key", str(office.key))["sample"]
    with opened(bundle) as members:
        cover, first = members.text("data/index.html"), members.text("READ-ME-FIRST.txt")

    assert (verified["items"], verified["population"], verified["kind"]) == (2, 3, "played.member")
    assert f"log entry {verified['draw']}" in cover
    assert f"log entry {verified['draw']}" in first


def test_what_the_auditor_picked_is_as_good_as_what_chance_did(office: Office) -> None:
    """Items that were named are proven like those that were drawn."""
    leaf = drawn(office, "--items", "ann")
    office.export("out.zip", sample=leaf)

    assert (ours(office.folder / "out.zip", office.key), theirs(office.folder / "out.zip", office.key)) == ("", "")


def test_what_was_erased_since_is_said(office: Office) -> None:
    """An item of which the body is gone is still in the draw, and its leaf still states it."""
    leaf = drawn(office, "--items", "ann")
    office.desk.says("erase", "code", "played.member", "ann", "--basis", "asked for", "--approved-by", "bob")
    office.export("out.zip", sample=leaf)
    bundle = office.folder / "out.zip"

    assert verify_bundle(bundle, key=office.key).contents.erased > 0
    assert theirs(bundle, office.key) == ""


def test_a_leaf_that_is_no_draw_is_refused_before_anything_is_recorded(office: Office) -> None:
    """A typing error is no export."""
    error = office.desk.says("export", "sample.zip", "--sample", "1", code=2)

    assert "log entry 1" in error
    assert not (office.folder / "sample.zip").exists()


def test_a_sample_is_asked_for_alone(office: Office) -> None:
    """What is withheld from a sample was chosen by whoever is audited."""
    office.desk.says("export", "sample.zip", "--sample", "1", "--withhold", "ann", code=2)

    assert "leave out --withhold" in office.desk.last_error


def test_the_same_sample_gives_the_same_bytes(office: Office) -> None:
    """Two people who ask for one draw can compare one digest."""
    leaf = drawn(office)
    for name in ("one.zip", "two.zip"):
        office.desk.says("export", name, "--sample", str(leaf))

    assert (office.folder / "one.zip").read_bytes() == (office.folder / "two.zip").read_bytes()


def other_proof(files: dict[str, bytes]) -> None:
    """Give an item the proof of the draw."""
    files["proof/samples/1.tlog-proof"] = files["proof/samples/draw.tlog-proof"]


def damaged_proof(files: dict[str, bytes]) -> None:
    """Change one hash of a proof."""
    lines = files["proof/samples/1.tlog-proof"].split(b"\n")
    lines[2] = b"A" * 43 + b"="
    files["proof/samples/1.tlog-proof"] = b"\n".join(lines)


def shorter_proof(files: dict[str, bytes]) -> None:
    """Take a hash from a proof."""
    lines = files["proof/samples/2.tlog-proof"].split(b"\n")
    del lines[2]
    files["proof/samples/2.tlog-proof"] = b"\n".join(lines)


def no_proof(files: dict[str, bytes]) -> None:
    """Leave a proof out."""
    del files["proof/samples/2.tlog-proof"]


def _listed(files: dict[str, bytes], change: Callable[[list[dict[str, Any]]], object]) -> None:
    items = [json.loads(line) for line in files["proof/samples.jsonl"].splitlines()]
    change(items)
    files["proof/samples.jsonl"] = b"".join(json.dumps(item).encode() + b"\n" for item in items)


def fewer_items(files: dict[str, bytes]) -> None:
    """Leave an item out that was drawn."""
    _listed(files, lambda items: items.pop())


def another_item(files: dict[str, bytes]) -> None:
    """Put another item in the place of one that was drawn."""
    _listed(files, lambda items: items[0].update(key="mallory"))


def another_leaf(files: dict[str, bytes]) -> None:
    """Name a leaf that does not state the item, with a proof that holds."""
    leaf = int(files["proof/samples/draw.tlog-proof"].split()[2])
    files["proof/samples/1.tlog-proof"] = files["proof/samples/draw.tlog-proof"]
    _listed(files, lambda items: items[0].update(leaf=leaf))


def no_body(files: dict[str, bytes]) -> None:
    """Leave out the evidence of an item."""
    del files[next(path for path in sorted(files) if path.startswith("data/evidence/"))]


def other_lines(files: dict[str, bytes]) -> None:
    """Take out of the population what was not drawn from it."""
    path = next(path for path in files if path.startswith("data/populations/") and path.endswith(".jsonl"))
    drawn = {json.loads(line)["key"] for line in files["proof/samples.jsonl"].splitlines()}
    files[path] = b"".join(line for line in files[path].splitlines(keepends=True) if json.loads(line)[3] in drawn)


def no_sample(files: dict[str, bytes]) -> None:
    """Pass it off as a bundle of the period."""
    del files["proof/samples.jsonl"]


@pytest.mark.parametrize(
    "change",
    [
        other_proof,
        damaged_proof,
        shorter_proof,
        no_proof,
        fewer_items,
        another_item,
        another_leaf,
        no_body,
        other_lines,
        no_sample,
    ],
)
def test_a_forged_sample_is_seen_even_when_it_is_signed_again(
    office: Office, bundle: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    """Each thing that a sample states is proven by the log, and not by whoever signs the bag."""
    bundle.rename(office.folder / "out.zip")

    forged = sealed_again(office, change)

    assert ours(forged, office.key) != ""
    assert theirs(forged, office.key) != ""


def test_it_has_a_working_paper_of_the_population(bundle: Path) -> None:
    """The auditor writes the conclusion beside each item that was drawn."""
    from io import BytesIO

    from openpyxl import load_workbook

    with zipfile.ZipFile(bundle) as packed:
        names = [name.partition("/")[2] for name in packed.namelist()]
        book = load_workbook(BytesIO(packed.read(next(name for name in packed.namelist() if name.endswith(".xlsx")))))

    assert "data/csv/population-001-played.member.csv" in names
    assert book.sheetnames == ["Cover", "Population 001-played.member"]
    heads, *rows = book.worksheets[1].iter_rows(values_only=True)
    assert heads[-2:] == ("Auditor's conclusion", "Reference")
    roles = {bool(row[heads.index("Sampled in log entry")]): row[heads.index("role")] for row in rows}
    assert roles == {True: "owner", False: "not drawn"}
