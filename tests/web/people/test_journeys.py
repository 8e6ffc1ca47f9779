"""The journeys of the three people whom the pages are for, in a real browser, with JavaScript and without.

Each ends where the person wanted to be, nothing is refused by the policy, and nothing is asked for elsewhere.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from collector.bundle.sampling.draws import draws
from tests.web.people.conftest import ANN, BOB, EVE, MAURER
from tests.web.real_browser import listening_to

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.web.people.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket, pytest.mark.parametrize("script", [True, False])]


def first_number(page: Page) -> int:
    """Return the number that the heading of a list begins with."""
    return int(re.findall(r"\d+", page.locator("h1").inner_text())[0])


def test_a_platform_engineer_finds_what_to_mend(browser: Browser, served: Served, script: bool) -> None:
    """From the overview to the field that was judged, to the permission that is missing, and to the list as a file."""
    context: dict[str, Any] = {"java_script_enabled": script, "permissions": ["clipboard-read", "clipboard-write"]}
    page = served.sign_in(browser, ANN, **context)
    heard = listening_to(page, served.address)
    page.goto(served.address)
    figure = page.locator(".figs .v a").first
    expected = int(figure.inner_text())
    figure.click()
    assert first_number(page) == expected
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(Path(download.value.path()).read_text("utf-8").splitlines()))
    assert len(rows) - 1 == expected

    page.locator("a[data-row]", has_text="second factor").first.click()
    page.locator("a[data-row]").first.click()
    page.get_by_role("link", name="Evidence", exact=True).click()
    assert page.locator(".body .j").count() >= 1
    assert page.get_by_role("link", name="Stored bytes").get_attribute("href")

    page.get_by_role("navigation").get_by_role("link", name="Coverage").click()
    needed = page.locator("code.copy").first.inner_text()
    assert needed == "hooks:read"
    copy = page.get_by_role("button", name="Copy").first
    assert copy.is_visible() is script
    if script:
        copy.click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == needed
    page.get_by_role("searchbox").fill("member-001")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**/search?**")
    assert page.get_by_role("link", name="member-001").count() == 1
    assert heard.nothing, heard


def test_a_compliance_manager_puts_a_record_on_file(
    browser: Browser,
    served: Served,
    tmp_path: Path,
    script: bool,
) -> None:
    """From the controls whose records are missing to the record that a second person approved, and a draft."""
    standard = tmp_path / "standard.pdf"
    standard.write_bytes(b"%PDF-1.7 standard")
    page = served.sign_in(browser, EVE, java_script_enabled=script)
    heard = listening_to(page, served.address)
    page.get_by_role("navigation").get_by_role("link", name="Controls").click()
    chip = page.locator(".chip", has_text="Records missing")
    expected = int(chip.inner_text().rpartition(" ")[2])
    chip.click()
    assert page.locator("a[data-row]").count() == expected
    page.goto(f"{served.address}/controls/played:1/1.1")
    page.get_by_role("link", name="Over a period").click()
    assert page.get_by_label("From").input_value() < page.get_by_label("to", exact=True).input_value()

    page.get_by_role("navigation").get_by_role("link", name="Records").click()
    page.get_by_label("Evidence request").select_option("1.1-a")
    page.get_by_label("Document", exact=True).set_input_files(str(standard))
    for label, value in (
        ("Version of the document", "3.1"),
        ("Where it was obtained", "intranet"),
        ("Stated by", "Carl Berg"),
        ("In the role of", "head of platform"),
        ("Approved on", "2026-02-01"),
        ("Valid until", "2099-01-31"),
    ):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Enter, to be reviewed").click()
    assert page.get_by_role("button", name="Approve").count() == 0
    bob = served.sign_in(browser, BOB, java_script_enabled=script)
    bob.goto(page.url)
    bob.get_by_role("button", name="Approve, and put it on file").click()
    filed = list(served.store.attested())[-1]
    assert (filed.attestation.reviewed_by, served.store.file_of(filed.leaf)) == ("Bob Winter", b"%PDF-1.7 standard")

    page.goto(f"{served.address}/drafts/exceptions")
    page.get_by_label("id", exact=True).fill("EX-9")
    page.get_by_role("button", name="Make the draft").click()
    assert 'id = "EX-9"' in page.locator(".draft").inner_text()
    assert heard.nothing, heard


def test_an_auditor_asks_and_takes_a_sample(browser: Browser, served: Served, script: bool) -> None:
    """From the state of a control to a sample that nobody in the company chose, and to the answer that is awaited."""
    page = served.sign_in(browser, MAURER, java_script_enabled=script)
    heard = listening_to(page, served.address)
    page.get_by_label("What is to be shown").fill("Who may read it?")
    page.get_by_label("Controls, such as 8.3").fill("1.1")
    page.get_by_role("button", name="Ask, and record it").click()
    assert page.locator(".thread > li").count() == 1
    assert page.locator(".lede .tag").inner_text() == "open"

    page.get_by_role("navigation").get_by_role("link", name="Populations").click()
    page.get_by_role("link", name="played.member", exact=True).click()
    page.get_by_label("How many").fill("2")
    page.get_by_label("Your words, which nobody could know before").fill("seven red boats")
    page.get_by_role("button", name="Take it, and record it").click()
    taken = list(draws(served.store))[-1]
    assert (taken.nonce, len(taken.items)) == ("seven red boats", 2)
    assert page.locator("tbody th").all_inner_texts() == [item.key for item in taken.items]

    page.get_by_role("navigation").get_by_role("link", name="Controls").click()
    page.locator("a[data-row]").first.click()
    assert page.locator("h1").inner_text().startswith("1.1 ")
    assert page.get_by_role("navigation").get_by_role("link", name="Log").count() == 0
    assert heard.nothing, heard
    answer = page.goto(f"{served.address}/log")
    assert answer is not None
    assert answer.status == 403
    page.get_by_role("button", name="Sign out").click()
    page.goto(served.address)
    assert "/login" in page.url
