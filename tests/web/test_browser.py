"""The pages in a real browser: nothing is refused by their own policy, nothing is too wide, and axe finds no fault."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from collector.web.application import application
from collector.web.serving import listening, server
from tests.bundle.chromium import browser
from tests.web.one_viewer import OneViewer

if TYPE_CHECKING:
    from collections.abc import Iterator

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
WIDTHS = (390, 1024, 1440)
_TOO_WIDE = """() => [...document.querySelectorAll("main *, header *, footer *")].filter(element => {
  if (element.closest("svg") || element.matches(".vh, .skip, thead, thead *")) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.right > document.documentElement.clientWidth + 1;
}).map(element => element.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    """Serve the played company, and return where."""
    with listening(0) as sock:
        running = server(application(site, OneViewer()))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        running.should_exit = True
        thread.join(30)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return the browser of this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        yield launched
        launched.close()


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
        assert size <= width, (path, page.evaluate(_TOO_WIDE))
        assert page.evaluate(_TOO_WIDE) == [], path
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
    """In a browser that runs scripts: none of a platform's does."""
    context = chromium.new_context()
    page = context.new_page()
    dialogs: list[Any] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"{address}/findings?group=none&check=played_member_mfa&n=500")
    hrefs = page.eval_on_selector_all("a[data-row]", "all => all.map(one => one.href)")
    for href in [href for href in hrefs if "member-" not in href]:
        page.goto(href)
        page.click("a.btn.main")
        assert page.locator("h1").count() == 1
    context.close()

    assert dialogs == []
