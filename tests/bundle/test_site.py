"""The pages of a bundle: harmless, whole, the same each time, and in the auditor's order."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from collector.bundle.bag import Bag
from collector.bundle.cover import DISCLAIMER, cover
from collector.bundle.page_paths import sheet_page, slug
from collector.bundle.site.bundle_pages import NUMBERED
from collector.bundle.site.finding_sections import A_PAGE
from collector.bundle.site.pages import site
from collector.bundle.site.single_pages import STYLE
from collector.bundle.tables.files import write_tables
from collector.core.errors import ConfigError, NotUsed
from collector.core.periods import Segment, SlotState, Stretch
from collector.pages.timeline import strip
from tests.bundle.contents import bundle_contents
from tests.bundle.parts import rows_of, written
from tests.played.connector import Recipe, played
from tests.played.platform import MEMBERS, a_member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.core.resources import Body
    from tests.cli.conftest import Desk

DAY = timedelta(days=1)
NASTY = "<script>alert(1)</script>\u202e\x00=1+1"


def printed(contents: BundleContents) -> dict[str, str]:
    """Every page by its path; the one style sheet beside them is our own file."""
    made = io.BytesIO()
    with Bag(made, "bundle") as bag:
        site(contents, bag)
    with zipfile.ZipFile(made) as opened:
        names = [name for name in opened.namelist() if not name.endswith(f"/{STYLE}")]
        return {name.removeprefix("bundle/data/"): opened.read(name).decode() for name in names}


class Looked(HTMLParser):
    """Gathers what a page has: tags, links, and what would fetch or run something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.active: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in one tag."""
        self.tags.append(tag)
        for name, value in attrs:
            if name == "href":
                self.links.append(value or "")
            if name in {"src", "srcset", "action", "style"} or name.startswith("on"):
                self.active.append(f"{tag} {name}")


def test_no_page_runs_or_fetches_anything(scanned: Desk) -> None:
    """An auditor opens it on a machine that must not trust it."""
    pages = printed(bundle_contents(scanned))

    for path, text in pages.items():
        looked = Looked(text)
        assert not {"script", "iframe", "img", "object", "form"} & set(looked.tags), path
        assert re.findall("<link [^>]*>", text) in ([], [f'<link rel="stylesheet" href="../{STYLE}">']), path
        assert looked.active == [], path
        assert "default-src 'none'" in text


def test_a_list_that_cannot_exist_is_told_with_who_said_so(desk: Desk) -> None:
    """On its sheet and in the table: not a failure, and not a list of nothing."""

    def off(_session: object) -> Iterator[Body]:
        yield from ()
        raise NotUsed("the API is off")

    desk.world.connector = played(Recipe(members=off))
    desk.world.run()
    pages = printed(bundle_contents(desk))
    sheet = next(text for path, text in pages.items() if path.endswith(sheet_page("code", "played.member")))
    rows = rows_of(written(bundle_contents(desk), write_tables), "tasks")
    row = next(row for row in rows if "played.member" in row.values())

    assert "not used, by the platform's word (GET /orgs/{org}/members): the API is off" in sheet
    assert "not used" in row.values()
    assert "the API is off (by the platform's word: GET /orgs/{org}/members)" in row.values()


def test_hostile_names_are_only_read(desk: Desk) -> None:
    """Whoever may name a resource must not speak on the auditor's page."""
    desk.platform.orgs["acme"]["members"].append(a_member(login=NASTY, mfa=False))
    desk.world.run()

    pages = printed(bundle_contents(desk))

    assert any("&lt;script&gt;alert(1)" in text.replace("<wbr>", "") for text in pages.values())
    for path, text in pages.items():
        assert "<script" not in text, path
        assert "\u202e" not in text, path
        assert "\x00" not in text, path


def test_the_same_contents_gives_the_same_pages(scanned: Desk) -> None:
    """Two exports of one period can be compared byte by byte."""
    assert printed(bundle_contents(scanned)) == printed(bundle_contents(scanned))


def test_the_cover_has_its_fourteen_points_in_their_order(scanned: Desk) -> None:
    """An auditor who has seen one knows where to look on the next."""
    made = cover(bundle_contents(scanned))

    assert [point.number for point in made.points] == list(range(1, 15))
    assert made.points[12].rows[0].text == DISCLAIMER
    assert [row.name for row in made.points[13].rows] == ["Prepared by", "Reviewed by", "Auditor"]


def test_what_is_not_known_is_on_the_cover(desk: Desk) -> None:
    """A refused list must be told on the first page, or nobody learns of it."""
    desk.platform.deny(MEMBERS)
    desk.world.run()

    points = {point.number: point for point in cover(bundle_contents(desk)).points}

    failures = [row for row in points[8].rows if row.grey]
    assert len(failures) == len(bundle_contents(desk).assessment.collection_failures) > 0
    assert any("members:read" in row.text for row in failures)
    assert [row.grey for row in points[4].rows] == [True]


def test_the_cover_says_of_how_many_collections_nobody_knows_who_asked(
    scanned: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One reason of several, and one collection of many, would hide how much is not known."""
    contents = bundle_contents(scanned)
    one = next(contents.observations())
    found = []
    for why in ("", "it answered 403", "it answered 403", "it answered 429"):
        provenance = replace(one.observation.provenance, identity="" if why else "annexd", identity_unknown=why)
        found.append(replace(one, observation=replace(one.observation, provenance=provenance)))
    monkeypatch.setattr(contents, "observations", lambda: iter(found))

    (row,) = (row for point in cover(contents).points for row in point.rows if row.name.startswith("Identity in"))

    assert "in 2 collections not known: it answered 403" in row.text
    assert "in 1 collection not known: it answered 429" in row.text


def test_nothing_says_that_all_is_well(scanned: Desk) -> None:
    """No green, no percentage of controls, and never the word compliant."""
    pages = printed(bundle_contents(scanned))

    for path, text in pages.items():
        assert re.search(r"\bcompliant\b|\bcertified\b|\d ?%", read_of(text)) is None, path
        assert "green" not in text, path


def read_of(text: str) -> str:
    """What a person reads of a page."""
    return re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL)


def test_long_lists_of_findings_go_on_over_pages_and_lose_none(desk: Desk) -> None:
    """Ten thousand findings on one page would open for nobody."""
    desk.platform.orgs["acme"]["members"] = [a_member(login=f"m{n:04}", mfa=False) for n in range(A_PAGE + 3)]
    desk.world.run()

    pages = printed(bundle_contents(desk))

    first, second = pages["checks/played_member_mfa.html"], pages["checks/played_member_mfa-2.html"]
    assert first.count('class="verdict ') == A_PAGE
    found = set(re.findall(r"m\d{4}", first + second))
    assert len(found) == A_PAGE + 3


def test_only_the_controls_that_were_asked_for_have_pages(scanned: Desk) -> None:
    """A bundle about one control does not hand out the others."""
    every = [control.id for control in bundle_contents(scanned).controls]

    pages = printed(bundle_contents(scanned, controls=(every[0],)))

    shown = "".join(read_of(text) for path, text in pages.items() if path.startswith("controls/"))
    assert f"{every[0]} " in shown
    assert not [control for control in every[1:] if re.search(rf"(?<![\d.]){re.escape(control)} [A-Z]", shown)]
    assert [path for path in pages if path.startswith("controls/") and "/state-" not in path] == [
        f"controls/played-1/{slug(every[0])}.html"
    ]


def test_a_pattern_that_names_no_control_is_refused(scanned: Desk) -> None:
    """An empty bundle would look like a company without deviations."""
    with pytest.raises(ConfigError, match="no control is called"):
        list(bundle_contents(scanned, controls=("99.*",)).controls)


def test_pseudonyms_hide_subjects_and_stay_the_same(desk: Desk) -> None:
    """The same person must be the same on every page, and nobody's name may be on any."""
    desk.platform.orgs["acme"]["members"].append(a_member(login="unusual-name", mfa=False))
    desk.world.run()
    plain, hidden = bundle_contents(desk), bundle_contents(desk, pseudonymised=True)

    assert plain.shown("unusual-name") == "unusual-name"
    assert (
        hidden.shown("unusual-name")
        == bundle_contents(desk, pseudonymised=True).shown("unusual-name")
        != "unusual-name"
    )


def test_a_strip_shows_short_failures_and_cuts() -> None:
    """One bad day in a year must be seen, and so must the day on which a rule changed."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    year = 365 * DAY
    pieces = [
        Stretch(shown=SlotState.PASS, since=start, until=start + 100 * DAY, count=100),
        Stretch(shown=SlotState.FAIL, since=start + 100 * DAY, until=start + 100 * DAY + DAY / 24, count=1, why="<b>"),
        Stretch(shown=SlotState.PASS, since=start + 101 * DAY, until=start + year, count=264),
    ]
    cut = Segment(start=start + 50 * DAY, end=start + year, changes=("limits: a became b",))

    drawn = str(strip(start, start + year, pieces, [cut]))

    widths = [float(found) for found in re.findall(r'class="fail" x="[\d.]+" y="1" width="([\d.]+)"', drawn)]
    assert widths == [2.0]
    assert "&lt;b&gt;" in drawn
    assert '<line class="cut" x1="137.0"' in drawn


def test_a_page_shows_the_findings_of_one_source_by_its_style_sheet_alone(scanned: Desk) -> None:
    """Without a script each source that has a number needs a rule of its own."""
    pages = printed(bundle_contents(scanned))
    page = next(text for path, text in sorted(pages.items()) if path.startswith("checks/"))

    assert {int(number) for number in re.findall(r"main:has\(#src-(\d+):checked\)", page)} == set(
        range(1, NUMBERED + 1)
    )
    rows = re.findall(r'<tr class="src-(\d+)"', page)
    assert rows
    assert set(rows) == {"1"}
    assert "<fieldset" not in page  # there is one source only
