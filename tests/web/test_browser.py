"""The pages in a real browser: nothing is refused by their own policy, nothing is too wide, and axe finds no fault."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from collector.report.findings.turns import turns_between
from collector.web.application import application
from tests.web.conftest import HOSTILE
from tests.web.one_viewer import OneViewer
from tests.web.real_browser import TOO_WIDE, WIDTHS, listening_to, running

if TYPE_CHECKING:

    from collector.report.findings.turns import Turns
    from collector.web.site import Site

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/controls",
    "/controls/played:1/1.1",
    "/controls/played:1/1.1/period",
    "/findings",
    "/findings?group=resource&verdict=fail",
    "/findings?group=none",
    "/findings?group=none&verdict=fail&severity=critical",
    "/findings/played_member_mfa/code?in=acme&resource=member-001",
    "/findings/played_org_two_owners/code?in=acme",
    "/evidence/code/played.member/member-001?in=acme&check=played_member_mfa",
    "/coverage",
    "/collections",
    "/runs",
    "/log",
    "/checks",
    "/checks/played_member_mfa",
    "/evidence-requests",
    "/exceptions",
    "/actions/CA-1",
    "/risks",
    "/risks/R-1",
    "/soa",
    "/changes?since=2026-02-28",
    "/diff?from=2026-02-28",
    "/methods",
    "/search?q=member",
    "/nowhere",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(chromium: Any, address: str, width: int, scheme: str) -> None:
    """Without JavaScript, at every width, in light and dark; and the policy refuses nothing that a page needs."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=False
    )
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    for path in PAGES:
        page.goto(address + path)
        size = page.evaluate("document.documentElement.scrollWidth")
        assert size <= width, (path, page.evaluate(TOO_WIDE))
        assert page.evaluate(TOO_WIDE) == [], path
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == ("rgb(244, 246, 248)" if scheme == "light" else "rgb(15, 20, 26)"), path
    context.close()

    assert [text for text in said if "404" not in text] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(chromium: Any, address: str, scheme: str) -> None:
    """WCAG 2.0 to 2.2, levels A and AA, and best practice, on the telephone and on the desk."""
    from axe_playwright_python.sync_playwright import Axe

    # The scheme changes colours, and the telephone what is shown how: each is looked at once.
    for width in (390, 1440) if scheme == "light" else (1440,):
        # axe is put into the page by the test, which its policy would forbid.
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        faults = {}
        for path in PAGES:
            page.goto(address + path)
            found = Axe().run(page).response["violations"]
            if found:
                faults[path] = [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in found]
        context.close()
        assert faults == {}


def test_keys_and_copying_work_under_the_policy(chromium: Any, address: str) -> None:
    """The script is annexd's own file; the policy lets nothing else run."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/findings?group=none")
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("/")
    searching = page.evaluate("document.activeElement.name")
    page.keyboard.type("ann")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    context.close()

    assert first.startswith("/findings/")
    assert second.startswith("/findings/")
    assert (first != second, searching, said) == (True, "q", [])


def test_a_hostile_name_does_nothing(chromium: Any, address: str) -> None:
    """In a browser that runs scripts: none of a platform's runs, none asks elsewhere, and no element is theirs."""
    context = chromium.new_context(viewport={"width": 390, "height": 900})
    page = context.new_page()
    heard = listening_to(page, address)
    page.goto(f"{address}/findings?group=none&check=played_member_mfa&n=500")
    hrefs = page.eval_on_selector_all("a[data-row]", "all => all.map(one => one.href)")
    hostile = [href for href in hrefs if "member-" not in href]
    lists = [address + path for path in (*PAGES, f"/search?q={quote(HOSTILE[0])}", "/findings?text=%22%3E%3Cimg")]
    for href in [*lists, *hostile]:
        page.goto(href)
        if href in hostile:
            page.click("a.btn.main")
        assert page.locator("h1").count() == 1
        theirs = page.locator("main script, main img, main iframe, main object, main b b, main [onerror], main [style]")
        assert theirs.count() == 0, href
        links = page.eval_on_selector_all("a", "all => all.map(one => one.protocol)")
        assert set(links) == {"http:"}, href
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, href
    context.close()

    assert len(hostile) >= len(HOSTILE)
    assert heard.nothing, heard


def test_what_is_being_made_comes_into_place_without_loading_the_page(
    chromium: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody loses their place in a page because a part of it took long."""
    go = Event()

    def slow(*asked: Any) -> Turns:
        go.wait()
        return turns_between(*asked)

    monkeypatch.setattr("collector.web.changes.turns_between", slow)
    with running(application(replace(site, patience=0.0), OneViewer())) as served:
        page = chromium.new_page()
        page.goto(served)
        waiting = page.locator("#over-time").inner_text()
        page.evaluate("window.isTheSame = true")
        go.set()
        page.wait_for_selector("#over-time:not([data-poll])")

        assert "Being made from the history" in waiting
        assert "Newly failing" in page.locator("#over-time").inner_text()
        assert page.evaluate("window.isTheSame")
        page.close()
