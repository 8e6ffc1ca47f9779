"""How pages lie on a screen and on paper, and how keys reach them: rules that hold for each, in place of pictures.

A picture fails with every word that is changed. What makes a page look broken is that parts lie over each other, that a
head is cut, that the frame takes the screen, or that paper has what is only for a screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.web.real_browser import TOO_WIDE, WIDTHS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

LOOKED_AT = (
    "/",
    "/controls",
    "/controls/played:1/1.1",
    "/controls/played:1/1.1/period",
    "/findings",
    "/findings?group=none&n=25",
    "/findings/played_member_mfa/code?in=acme&resource=member-001",
    "/evidence/code/played.member/member-001?in=acme&check=played_member_mfa",
    "/coverage",
    "/collections",
    "/checks",
    "/log",
    "/risks",
    "/changes",
    "/nowhere",
)
HIGHEST_FRAME = {390: 150, 1024: 70, 1440: 70}
"""Pixels of the menu above each page."""

FAULTS = """() => {
  const found = [], box = element => element.getBoundingClientRect();
  const seen = element => box(element).width > 1 && box(element).height > 1 && element.checkVisibility();
  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const all = [...document.querySelectorAll("header.bar, .stand, main > *, .grid > *, .stack > *, .foot")];
  const parts = all.filter(seen);
  for (const [at, one] of parts.entries())
    for (const other of parts.slice(at + 1))
      if (!one.contains(other) && !other.contains(one) && over(box(one), box(other)))
        found.push("over each other: " + one.className + " and " + other.className);
  for (const text of document.querySelectorAll("thead th, .st, .btn, .chip, .nav a"))
    if (seen(text) && !text.closest(".vh") && text.scrollWidth > text.clientWidth + 1)
      found.push("cut: " + text.textContent);
  return found;
}"""
FOCUSABLE = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter(element => element.checkVisibility({visibilityProperty: true}))
  .filter(element => element.type !== "hidden" && !element.disabled)
  .map((element, at) => { element.dataset.at = at; return at; })"""
FOCUSED = """() => {
  const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
  const label = element.closest("label"), shown = [...element.getClientRects()].find(rect => rect.width > 0) || box;
  const top = document.elementFromPoint(shown.left + shown.width / 2, shown.top + shown.height / 2);
  return {at: element.dataset.at ?? null, ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    free: top !== null && (element.contains(top) || top.contains(element) || label === top),
    html: element.outerHTML.slice(0, 120)};
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_lies_over_anything(chromium: Browser, address: str, width: int) -> None:
    """Parts are beside or below each other, no head and no mark is cut, and the frame leaves room for the page."""
    page = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
    faults = {}
    for path in LOOKED_AT:
        page.goto(address + path)
        found = page.evaluate(FAULTS)
        if page.locator("header.bar").bounding_box()["height"] > HIGHEST_FRAME[width]:  # type: ignore[index]  # it is there
            found.append("the frame is too high")
        if found:
            faults[path] = found
    page.context.close()

    assert faults == {}


def test_a_page_that_is_four_times_as_large_needs_no_scrolling_sideways(chromium: Browser, address: str) -> None:
    """WCAG 1.4.10: 1280 pixels at 400 per cent are 320."""
    page = chromium.new_context(viewport={"width": 320, "height": 256}).new_page()
    wide = {}
    for path in LOOKED_AT:
        page.goto(address + path)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wide[path] = page.evaluate(TOO_WIDE)
    page.context.close()

    assert wide == {}


def test_filters_and_themes_fold_on_small_screens(chromium: Browser, address: str) -> None:
    """Without a script, and all of it is there where there is room."""
    for width, folds in ((1440, False), (1024, True), (390, True)):
        context = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{address}/findings")
        facets = page.locator("#facets")
        assert facets.is_visible() is not folds, width
        if folds:
            page.get_by_label("All filters").check()
            assert facets.is_visible()
        page.goto(f"{address}/controls")
        assert page.locator(".fold input").first.is_visible() is (width == 390)
        if width == 390:
            page.get_by_label("First theme").uncheck()
            assert page.locator("a[data-row]").first.is_hidden()
            page.get_by_label("First theme").check()
        assert page.locator("a[data-row]").first.is_visible()
        context.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_keys_reach_everything_and_one_sees_where_one_is(chromium: Browser, address: str, width: int) -> None:
    """WCAG 2.1.1, 2.4.7, 2.4.11: every link, field and button has its turn, a ring, and nothing over it."""
    page = chromium.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce").new_page()
    for path in ("/", "/findings?group=none&n=25&check=played_member_mfa", "/controls", "/coverage", "/nowhere"):
        page.goto(address + path)
        expected = {str(at) for at in page.evaluate(FOCUSABLE)}
        reached, unseen = set(), []
        for _ in range(len(expected) + 2):
            page.keyboard.press("Tab")
            focused: dict[str, Any] = page.evaluate(FOCUSED)
            if focused["at"] is None:
                break
            reached.add(focused["at"])
            if not (focused["ring"] and focused["free"]):
                unseen.append(focused["html"])
        assert expected - reached == set(), path
        assert unseen == [], path
    page.context.close()


def test_the_first_key_leads_past_the_menu(chromium: Browser, address: str) -> None:
    """WCAG 2.4.1: nobody goes through it on every page."""
    page = chromium.new_context().new_page()
    page.goto(f"{address}/controls")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.closest('main') !== null")
    page.context.close()

    assert first is True


def test_paper_has_what_a_reader_needs(chromium: Browser, address: str) -> None:
    """The moment, whole lists and no more width than A4 has between its margins; nothing to click, nothing dark."""
    page = chromium.new_context(viewport={"width": 703, "height": 1000}, color_scheme="dark").new_page()
    page.emulate_media(media="print", color_scheme="dark")
    for path in LOOKED_AT:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 703, path
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", path
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(20, 26, 33)", path
        shown = page.locator(".bar, .asof, .query, .facets, .tools, .pager, .noprint, .unfold, .fold input").all()
        assert [one.evaluate("one => one.outerHTML.slice(0, 80)") for one in shown if one.is_visible()] == [], path
        assert page.locator(".only-print").is_visible() or path == "/nowhere", path
    page.goto(f"{address}/controls")
    assert page.locator("a[data-row]").last.is_visible()
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    page.context.close()
