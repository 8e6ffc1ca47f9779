"""Tables: nothing is left out of them, and nothing that is withheld is in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast
from zipfile import ZipFile

from collector.actions.export_bundle import export
from collector.actions.export_entry import ExportRequest
from collector.bundle.exporters.ocsf import write_ocsf
from collector.bundle.exporters.oscal import write_oscal
from collector.bundle.shown_names import ShownNames
from collector.bundle.tables.files import write_tables
from collector.bundle.tables.tables import tables
from tests.bundle.contents import bundle_contents
from tests.bundle.parts import insides, rows_of, written
from tests.cli.company_builders import write_exceptions
from tests.played.platform import MEMBERS

if TYPE_CHECKING:
    from storage import SqlStore
    from tests.bundle.conftest import Office
    from tests.cli.conftest import Desk


def test_each_finding_is_one_row_with_the_verdict_that_counts(scanned: Desk) -> None:
    """A table that lost a row would be taken for the whole."""
    contents = bundle_contents(scanned)
    rows = rows_of(written(contents, write_tables), "findings")

    found = [
        (finding.check, finding.source, "/".join(finding.scope), finding.reason) for finding, _ in contents.findings()
    ]
    assert [(row["check"], row["source"], row["scope"], row["reason"]) for row in rows] == found
    assert {row["verdict"] for row in rows} >= {"pass", "fail"}


def test_an_accepted_deviation_is_still_a_fail_and_names_its_exception(scanned: Desk) -> None:
    """An exception changes no verdict, in no format."""
    write_exceptions(scanned, {"scope": ["acme", "api"]})
    files = written(bundle_contents(scanned), write_tables)

    (row,) = [row for row in rows_of(files, "findings") if row["exception"]]
    assert (row["subject"], row["verdict"], row["exception"]) == ("docs", "fail", "EX-1")
    (exception,) = rows_of(files, "exceptions")
    assert (exception["covers"], exception["approval"]) == ("1", "T-7: approval stated, not verified")


def test_what_was_refused_is_a_gap_with_its_permission_and_a_task_with_its_reason(desk: Desk) -> None:
    """Not having looked has to be found in a table as well as any verdict."""
    desk.platform.deny(MEMBERS)
    desk.world.run()
    files = written(bundle_contents(desk), write_tables)

    assert "members:read" in {row["needs"] for row in rows_of(files, "gaps")}
    (task,) = [row for row in rows_of(files, "tasks") if row["collection"] == "played.member"]
    assert (task["outcome"], task["inventory"]) == ("denied", "none: the list is not complete")
    assert "unknown" in {row["verdict"] for row in rows_of(files, "findings")}


def test_what_was_never_looked_at_is_in_the_tables_too(desk: Desk) -> None:
    """An empty bundle would look like a clean one."""
    files = written(bundle_contents(desk), write_tables)

    assert {row["outcome"] for row in rows_of(files, "tasks")} == {"never collected"}
    assert "played_member_mfa" in {row["check"] for row in rows_of(files, "checks")}
    assert {row["state"] for row in rows_of(files, "records")} == {"missing"}


def test_every_change_of_a_verdict_in_the_period_is_a_row(scanned: Desk) -> None:
    """What failed in the meantime is told, although it passes at the end."""
    scanned.platform.orgs["acme"]["members"][0]["mfa"] = False
    scanned.world.run()
    rows = rows_of(written(bundle_contents(scanned), write_tables), "finding_history")

    changed = [row for row in rows if (row["subject"], row["check"]) == ("ann", "played_member_mfa")]
    assert [(row["was"], row["became"]) for row in changed] == [("", "pass"), ("pass", "fail")]


def test_what_is_withheld_is_named_nowhere(scanned: Desk) -> None:
    """A table that names what a pattern withholds would be the leak that the pattern was to prevent."""
    scanned.platform.orgs["acme"]["members"][1]["mfa"] = False
    scanned.world.run()
    files = written(bundle_contents(scanned, withheld=("played.member:b?b",)), write_tables, write_oscal, write_ocsf)

    assert [path for path, data in insides(files).items() if b"bob" in data] == []
    withheld = [row for row in rows_of(files, "resources") if row["key"] == "withheld"]
    assert [row["kind"] for row in withheld] == ["played.member"]
    assert withheld[0]["digest"].startswith("sha256:")


def test_pseudonyms_are_the_same_throughout_and_no_reason_gives_them_away(scanned: Desk) -> None:
    """A reason says more about a person than the key does."""
    scanned.platform.orgs["acme"]["members"][1]["mfa"] = False
    scanned.world.run()
    contents = bundle_contents(scanned, pseudonymised=True)
    files = written(contents, write_tables, write_oscal, write_ocsf)

    stands_for = contents.shown("bob")
    assert [path for path, data in insides(files).items() if b"bob" in data] == []
    assert stands_for in {row["subject"] for row in rows_of(files, "findings")}
    assert stands_for in {row["key"] for row in rows_of(files, "resources")}


def test_what_people_did_is_told_up_to_the_head_of_the_bundle(office: Office) -> None:
    """The export that wrote the bundle is in it; what came after its head is in the next one."""
    store = cast("SqlStore", office.desk.world.store)
    asked = ExportRequest(period=office.period(), frameworks=("played:1",))
    for name in ("first.zip", "second.zip"):
        export(office.desk.app, store, asked, office.folder / name, (write_tables,))
    with ZipFile(office.folder / "first.zip") as bundle:
        files = {name.partition("/")[2]: bundle.read(name) for name in bundle.namelist()}

    assert [row["act"] for row in rows_of(files, "acts")] == ["export"]
    assert (office.folder / "first.zip").read_bytes() == (office.folder / "second.zip").read_bytes()


def test_every_table_is_documented_with_its_columns(scanned: Desk) -> None:
    """Whoever reads a file with a program has to know what its columns mean."""
    text = (Path(__file__).parents[2] / "docs" / "bundle-formats.md").read_text()
    contents = bundle_contents(scanned)
    lines = [
        f"| `{table.name}` | {table.description} | {', '.join(f'`{column.key}`' for column in table.columns)} |"
        for table in tables(contents, ShownNames(contents))
    ]

    assert [line for line in lines if line not in text] == []
