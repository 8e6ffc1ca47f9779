"""The sampling sheet of changes: what a person asks first, and nothing that the terms of the bundle withhold."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from collector.bundle.drawn_populations import DrawnFrom, populations
from collector.bundle.sampled_items import NOT_IN_EVIDENCE, Verdicts, sheet_items
from collector.bundle.sampling.draws import DrawLeaf, DrawnItem
from collector.bundle.sampling.population import Item
from collector.bundle.shown_names import HIDDEN_REASON, WITHHELD, ShownNames
from collector.bundle.site.pages import site
from collector.bundle.tables.files import write_tables
from collector.core.canonical import Digest
from collector.core.change_summary import ChangeSummary
from collector.core.periods import period_of
from tests.bundle.contents import bundle_contents
from tests.bundle.parts import rows_of, written

if TYPE_CHECKING:
    from collector.bundle.contents import BundleContents
    from tests.cli.conftest import Desk

DAY = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 7, tzinfo=UTC)
KEYS = ("ann", "bob")
DIGEST = Digest("sha256:" + "d" * 64)

A_CHANGE = ChangeSummary(
    title="Let customers cancel", author="eve", approvers=("alice", "dave"), link="https://example.org/pull/7"
)


def a_draw(**but: Any) -> DrawLeaf:
    """A sample of both items."""
    items = tuple(DrawnItem("code", ("acme",), key, DIGEST) for key in KEYS)
    usual: dict[str, Any] = {
        "leaf": 7,
        "logged_at": AT,
        "by": "ann",
        "kind": "played.member",
        "first": DAY,
        "last": DAY,
        "zone": "UTC",
        "digest": "sha256:00",
        "count": 2,
        "is_complete": True,
        "gaps": (),
        "how": "items",
        "size": 2,
        "strata": "",
        "nonce": "",
        "root": "",
        "seed": "",
        "asked": (),
        "items": items,
    }
    return DrawLeaf(**usual | but)


def a_population(summary: ChangeSummary | None = A_CHANGE, **but: Any) -> DrawnFrom:
    """A population of two members that are told like changes; the first one has the summary."""
    items = tuple(
        Item(
            source="code",
            kind="played.member",
            scope=("acme",),
            key=key,
            digest=DIGEST,
            seen_from=AT,
            gone=False,
            happened_at=AT,
            fields={"login": key},
            summary=summary if key == "ann" else ChangeSummary(notes=("no pull request",)),
        )
        for key in KEYS
    )
    return DrawnFrom(
        name="001-played.member",
        kind="played.member",
        period=period_of(DAY, DAY, ZoneInfo("UTC")),
        digest="sha256:00",
        count=2,
        gaps=(),
        items=items,
        withheld=0,
        draws=(a_draw(),),
        **but,
    )


def lines(contents: BundleContents, population: DrawnFrom) -> list[Any]:
    """The lines of the sheet of its sample."""
    names = ShownNames(contents)
    verdicts = Verdicts(contents, names, [population.kind])
    return sheet_items(contents, names, verdicts, population, population.draws[0])


def test_a_change_has_its_title_people_address_time_and_verdicts(scanned: Desk) -> None:
    """A hash tells nobody which change it is."""
    ann, bob = lines(bundle_contents(scanned), a_population())

    assert (ann.title, ann.author, ann.approvers, ann.link) == (
        "Let customers cancel",
        "eve",
        "alice, dave",
        "https://example.org/pull/7",
    )
    assert ann.date == "2026-03-01T07:00:00Z"
    assert ("played_member_mfa", "pass") in ann.verdicts
    assert (ann.key, ann.digest) == ("ann", DIGEST)
    assert (bob.title, bob.approvers) == (NOT_IN_EVIDENCE, "nobody (no pull request)")


def test_what_was_erased_is_said_to_be_missing(scanned: Desk) -> None:
    """An empty cell would look like a change without an author."""
    erased = replace(a_population(), items=(), why="bodies were erased")
    ann, _ = lines(bundle_contents(scanned), erased)

    assert {ann.title, ann.author, ann.approvers, ann.link} == {NOT_IN_EVIDENCE}
    assert ann.date == "not known"


def test_with_pseudonyms_people_keep_theirs_and_texts_are_hidden(scanned: Desk) -> None:
    """The same person has the same pseudonym as everywhere in the bundle."""
    contents = bundle_contents(scanned, pseudonymised=True)
    ann, _ = lines(contents, a_population())

    assert (ann.title, ann.link) == (HIDDEN_REASON, HIDDEN_REASON)
    assert ann.author == contents.shown("eve") != "eve"
    assert ann.approvers == f"{contents.shown('alice')}, {contents.shown('dave')}"
    assert ann.key == contents.shown("ann")


def test_nothing_of_a_body_is_shown_where_names_are_withheld(scanned: Desk) -> None:
    """A pattern names a key; the body of another resource may name the same person."""
    ann, bob = lines(bundle_contents(scanned, withheld=("bob",)), a_population())

    assert {ann.title, ann.author, ann.approvers, ann.link} == {HIDDEN_REASON}
    assert {bob.title, bob.author, bob.approvers, bob.link, bob.key} == {WITHHELD}
    assert bob.verdicts == ()


@pytest.mark.parametrize("terms", [{}, {"pseudonymised": True}], ids=str)
def test_the_page_and_the_table_have_hash_and_digest_last(scanned: Desk, terms: dict[str, Any]) -> None:
    """What a machine needs comes after what a person reads."""
    contents = bundle_contents(scanned, **terms)
    contents.once(populations).append(a_population())
    files = written(contents, site, write_tables)

    page = files["data/populations.html"].decode()
    heads = page.partition("<thead>")[2].partition("</thead>")[0]
    assert re.findall(r"<th[^>]*>([^<]*)</th>", heads) == [
        "Title",
        "Author",
        "Approved by",
        "Date",
        "Where",
        "Verdict at the end",
        "Auditor's conclusion",
        "Reference",
        "Address",
        "Item, digest",
    ]
    (first, _) = rows_of(files, "population-001-played.member")
    assert list(first)[:6] == ["title", "author", "approvers", "link", "happened_at", "verdict"]
    assert list(first)[-2:] == ["key", "digest"]
    assert first["author"] == contents.shown("eve")
    assert ("Let customers cancel" in page) is not bool(terms)
