"""The way through the pages of a bundle: every number leads to its list, every finding to what it is based on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from collector.bundle.site.finding_sections import VERDICTS
from tests.bundle.parts import rows_of
from tests.bundle.site_pages import exported, heading, pages_of, target
from tests.cli.company_builders import a_system, log_files, write_exceptions, write_scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.bundle.conftest import Office
    from tests.bundle.site_pages import PageView

COUNT = re.compile(r"\((\d+)\)")


@pytest.fixture
def audited(office: Office) -> Office:
    """An office with an exception, and a protection that could not be read."""
    write_exceptions(office.desk, {"scope": ["acme", "api"]})
    office.desk.world.run()
    return office


def hidden(office: Office, **terms: Any) -> tuple[dict[str, bytes], dict[str, PageView]]:
    """The files and the pages of an export."""
    files = exported(office, **terms)
    return files, pages_of(files)


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"controls": ("1.2",)},
        {"withheld": ("played.member",)},
        {"withheld": ("bob",)},
        {"pseudonymised": True},
    ],
    ids=str,
)
def test_every_link_leads_to_a_file_of_the_bundle_and_to_a_place_in_it(audited: Office, terms: dict[str, Any]) -> None:
    """A dead link looks like something that was taken out."""
    files, pages = hidden(audited, **terms)

    assert len(pages) > 10
    for path, page in pages.items():
        for link in page.links:
            assert ":" not in link.href, link
            file, place = target(path, link.href)
            assert file in files, (path, link)
            assert not place or place in pages[file].ids, (path, link)


def test_the_pages_of_a_sample_lead_nowhere_else(audited: Office) -> None:
    """A sample bundle has no page of what is not in the sample."""
    desk = audited.desk
    desk.world.store.checkpoints.checkpoint()
    days = ("--from", "2026-03-01", "--to", "2026-03-31")
    desk.says("sample", "played.member", *days, "--size", "2", "--nonce", "seven red boats")
    leaf = desk.json("sample", "played.member", *days, "--size", "1", "--nonce", "x")["leaf"]
    files, pages = hidden(audited, sample=leaf)

    assert set(pages) == {"data/index.html", "data/populations.html"}
    for path, page in pages.items():
        for link in page.links:
            file, place = target(path, link.href)
            assert file in files
            assert not place or place in pages[file].ids


def test_every_finding_leads_to_its_evidence_its_provenance_and_how_it_was_judged(audited: Office) -> None:
    """From a verdict to the bytes that it is based on, without a search."""
    files, pages = hidden(audited)
    digests = {row["evidence"] for row in rows_of(files, "findings")}
    cells = [
        (path, cell)
        for path, page in pages.items()
        if path.startswith("data/checks/")
        for cell in re.findall(r'<td class="links">(.*?)</td>', page.text)
        if "how it is judged" in cell
    ]

    assert len(cells) == len(rows_of(files, "findings")) > 10
    shown, placed = set(), 0
    for path, cell in cells:
        links = re.findall(r'href="([^"]*)"', cell)
        evidence = [target(path, link)[0] for link in links if "/evidence/" in link or "/inventory/" in link]
        provenance = [target(path, link) for link in links if "/provenance/" in link]
        method = [target(path, link) for link in links if link.endswith("#method")]
        assert evidence, cell
        assert provenance, cell
        assert all(file in files for file in evidence)
        assert all(not place or place in pages[file].ids for file, place in provenance)
        placed += any(place for _, place in provenance)
        ((file, _),) = method
        assert "<th>Call</th>" in pages[file].text.partition('id="method"')[2]
        shown |= {file.rpartition("/")[2].removesuffix(".json") for file in evidence}
    assert placed > len(cells) // 2  # a verdict over several projects has no single collection
    bodies = {digest.removeprefix("sha256:") for row in digests for digest in row.split()}
    assert {name for name in shown if len(name) == 64} <= bodies


def test_what_the_bundle_does_not_have_is_named_without_a_link(audited: Office) -> None:
    """A pseudonymised bundle hands out no evidence, and says so at each finding."""
    _, pages = hidden(audited, pseudonymised=True)

    for path, page in pages.items():
        assert not [link for link in page.links if "/evidence/" in link.href or "/inventory/" in link.href], path
    assert "(not in this bundle)" in pages["data/checks/played_member_mfa.html"].text


def test_the_number_of_a_verdict_is_that_of_the_list_that_it_leads_to(audited: Office) -> None:
    """43 beside a list of 41 makes an auditor count everything."""
    _, pages = hidden(audited)
    path = "data/checks.html"
    links = [link for link in pages[path].links if re.fullmatch(r"\d+", link.text) and "checks/" in link.href]

    assert len(links) > 5
    for link in links:
        file, place = target(path, link.href)
        assert place.partition("-")[0] in {name for name, _ in VERDICTS}
        assert COUNT.findall(heading(pages[file], place)) == [link.text]
        assert pages[file].rows[place] == int(link.text)


def test_the_numbers_of_the_chart_of_ages_add_up_and_lead_to_their_lists(audited: Office) -> None:
    """The chart, the total beside it and the list must be one number."""
    files, pages = hidden(audited)
    path = "data/checks.html"
    fails = [row for row in rows_of(files, "findings") if row["verdict"] == "fail" and not row["exception"]]
    cells = [link for link in pages[path].links if re.search(r"findings/fail-\w+\.html#", link.href)]
    totals = [
        link for link in pages[path].links if re.search(r"fail-\w+\.html$", link.href) and link.text.strip().isdigit()
    ]

    assert fails
    assert sum(int(link.text) for link in cells) == sum(int(link.text) for link in totals) == len(fails)
    for link in cells:
        file, place = target(path, link.href)
        assert pages[file].rows[place] == int(link.text)


def test_the_states_on_the_cover_lead_to_lists_of_as_many_controls(audited: Office) -> None:
    """And so does everything else on the cover that counts findings."""
    _, pages = hidden(audited)
    path = "data/index.html"
    counted = [link for link in pages[path].links if re.match(r"\d+", link.text)]

    states = [link for link in counted if "/state-" in link.href]
    assert states
    for link in states:
        file, place = target(path, link.href)
        text = pages[file].text.partition(f'id="{place}"')[2]
        assert len(re.findall(r"<tr><td><a ", text)) == int(link.text.split()[0])
    for link in counted:
        file, _ = target(path, link.href)
        if "/findings/" in file:
            assert sum(count for under, count in pages[file].rows.items() if under) == int(link.text.split()[0])


def test_no_number_of_findings_is_without_its_list(audited: Office) -> None:
    """A figure that cannot be opened cannot be audited."""
    _, pages = hidden(audited)

    for path in ("data/checks.html", "data/controls/played-1/1.1.html", "data/controls/played-1/1.2.html"):
        numbers = [(text, linked) for text, linked in pages[path].numbers if text.isdigit()]
        assert numbers
        assert [text for text, linked in numbers if not linked] == [], path


@pytest.mark.parametrize(("first", "folder"), [("1.1.html", "controls/played-1"), ("", "checks")])
def test_previous_and_next_lead_through_all_pages_and_back(audited: Office, first: str, folder: str) -> None:
    """An auditor reads one after the other, and must not miss one."""
    _, pages = hidden(audited)
    names = sorted(path for path in pages if path.startswith(f"data/{folder}/") and "state-" not in path)
    page, place, seen = (f"data/{folder}/{first}", "", []) if first else (names[0], "", [])
    while True:
        seen.append((page, place))
        text = pages[page].text
        text = text.partition(f'id="{place}"')[2] if place else text
        step = re.search(r'<a rel="next" href="([^"]*)"', text.partition("</nav>")[0] if place else text)
        if step is None or (page, place) in seen[:-1]:
            break
        before = (page, place)
        page, place = target(page, step[1])
        back = pages[page].text.partition(f'id="{place}"')[2] if place else pages[page].text
        previous = re.search(r'<a rel="prev" href="([^"]*)"', back)
        assert previous is not None
        assert target(page, previous[1])[0] == before[0]

    assert sorted({path for path, _ in seen}) == names


def test_controls_without_a_check_share_one_page(audited: Office) -> None:
    """A hundred pages that say the same are opened by nobody."""
    _, pages = hidden(audited)

    controls = [path for path in pages if path.startswith("data/controls/") and "/state-" not in path]
    assert controls == [f"data/controls/played-1/{name}.html" for name in ("1.1", "1.2", "without-checks")]
    assert "2.1" in pages[controls[-1]].ids


def test_findings_elsewhere_have_a_list_of_their_own(audited: Office) -> None:
    """They decide nothing, and must not hide either."""
    write_scope(audited.desk, a_system(scope=["acme", "web"]))
    log_files(audited.desk)
    audited.desk.world.run()
    files, pages = hidden(audited)
    fails = [row for row in rows_of(files, "findings") if row["verdict"] == "fail" and row["in_scope"] == "no"]

    assert fails
    (link,) = [link for link in pages["data/index.html"].links if link.href == "findings/elsewhere.html"]
    assert link.text == f"{len(fails)} fail" + ("s" if len(fails) > 1 else "")
    assert pages["data/findings/elsewhere.html"].rows["all"] == len(fails)


def words_of(pages: Mapping[str, PageView]) -> str:
    """What a person reads on all pages."""
    return " ".join(
        re.sub(r"<style>.*?</style>|<title>[^<]*</title>|<[^>]*>", " ", page.text, flags=re.DOTALL)
        for page in pages.values()
    )


def test_no_coined_word_is_left_on_the_pages(audited: Office) -> None:
    """The words of the field, and none that only annexd has."""
    _, pages = hidden(audited)
    text = words_of(pages)

    for word in ("leaf", "leaves", "speaks about", "bears on", "rests on", "nothing to check", "to mend", "edition"):
        assert re.search(rf"\b{word}\b", text, re.IGNORECASE) is None, word
