"""The journey of an auditor and a contributor in a real browser, without JavaScript.

Left out unless asked for with -m browser: it takes a Chromium, which this project installs nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.core.identities import Role
from collector.report.company.audit_request_views import request_threads
from collector.web.starting import this_person
from tests.web.people.conftest import ANN, MAURER
from tests.web.real_browser import listening_to

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.web.people.served import Served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
]


def test_a_request_goes_its_way_without_a_script(browser: Browser, served: Served, tmp_path: Path) -> None:
    """Asked, answered with a file, accepted, and signed out."""
    store = served.store
    minutes = tmp_path / "minutes.pdf"
    minutes.write_bytes(b"%PDF minutes")
    auditor, ann = served.sign_in(browser, MAURER), served.sign_in(browser, ANN)
    auditor.get_by_label("What is to be shown").fill("Who may read it?")
    auditor.get_by_role("button", name="Ask, and record it").click()
    address = auditor.url
    ann.goto(address)
    ann.get_by_label("Text").fill("The minutes,\nitem 4")
    ann.get_by_label("File (optional)").set_input_files(str(minutes))
    ann.get_by_role("button", name="Answer").click()
    auditor.reload()
    auditor.get_by_role("button", name="Accept the evidence").click()
    thread = request_threads(store)[int(address.rpartition("/")[2])]

    assert thread.state.value == "accepted"
    assert thread.acts[1].act.text == "The minutes,\nitem 4"
    assert store.file_of(thread.acts[1].leaf) == b"%PDF minutes"
    ann.get_by_role("button", name="Sign out").click()
    ann.goto(address)
    assert "/login" in ann.url


def test_a_printed_link_signs_in(browser: Browser, served: Served) -> None:
    """On this machine, without TLS: the browser keeps the cookie."""
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(served.people.link(this_person(Role.CONTRIBUTOR)))
    page.locator(".btn.main", has_text="Sign in").click()
    page.goto(f"{served.address}/records")

    assert page.get_by_role("heading", name="Records to be reviewed").is_visible()


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_pages_keep_nobody_out(browser: Browser, served: Served, width: int) -> None:
    """WCAG 2.2 AA as axe sees it, nothing that the policy refuses, and no sideways scrolling."""
    from axe_playwright_python.sync_playwright import Axe

    address, provider = served.address, served.provider
    asked = served.sign_in(browser, MAURER)
    asked.get_by_label("What is to be shown").fill("Who may read acme-production-uploads-of-customers-in-every-region?")
    asked.get_by_role("button", name="Ask, and record it").click()
    for claims, paths in (
        (ANN, ("/requests", asked.url.removeprefix(address), "/records", "/drafts/exceptions", "/populations")),
        (MAURER, ("/requests", asked.url.removeprefix(address), "/populations/played.member")),
    ):
        provider.claims = claims
        window = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=False)
        page = window.new_page()
        page.goto(f"{address}/login")
        page.locator(".btn.main", has_text="Sign in").click()
        heard = listening_to(page, address)
        for path in paths:
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
            assert heard.nothing, heard
            # A list of gaps has a mark at each of them: without one it is a block of lines.
            marks = page.locator(".call > ul").evaluate_all("all => all.map(ul => getComputedStyle(ul).listStyleType)")
            assert marks == ["disc"] * path.startswith("/populations/")
        window.close()
        checked = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True).new_page()
        checked.goto(f"{address}/login")
        assert [one["id"] for one in Axe().run(checked).response["violations"]] == []
        checked.locator(".btn.main", has_text="Sign in").click()
        for path in paths:
            checked.goto(address + path)
            found = Axe().run(checked).response["violations"]
            assert [(one["id"], path, one["nodes"][0]["html"][:200]) for one in found] == []
