"""Samples on a page: an auditor's, recorded before they are shown, and the same by the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from markupsafe import escape

from collector.bundle.sampling.draws import draws
from collector.core.plain_text import safe
from tests.web.people.conftest import ANN, EVE, INTERNAL, MAURER, House
from tests.web.people.test_requests import store_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

KIND = "played.member"
DAYS = {"from": "2026-02-01", "to": "2026-03-01"}


def head(house: House) -> Any:
    """Return the newest signed log hash."""
    store = store_of(house)
    return store.checkpoints.last() or store.checkpoints.checkpoint()


def take(house: House, browser: TestClient, **but: Any) -> Any:
    """Take a sample."""
    sent = {**DAYS, "size": 2, "nonce": "seven red boats", "head": head(house).size, **but}
    given = {name: value for name, value in sent.items() if value is not None}
    return house.post(browser, f"/populations/{KIND}", **given)


def test_a_sample_is_recorded_under_the_name_of_the_auditor(house: House) -> None:
    """With the log hash that was shown before the words were chosen, however the log went on since."""
    auditor, shown = house.sign_in(MAURER), head(house)
    assert shown.root in auditor.get(f"/populations/{KIND}").text.replace("<wbr>", "")
    house.post(auditor, "/requests", text="The log goes on")
    assert head(house).root != shown.root

    answer = take(house, auditor, head=shown.size)

    found = list(draws(store_of(house)))[-1]
    assert answer.headers["location"] == f"/samples/{found.leaf}"
    assert (found.by, found.nonce, found.root, len(found.items)) == (
        "H. Maurer (hm at https://login.example.org)",
        "seven red boats",
        shown.root,
        2,
    )
    page = auditor.get(f"/samples/{found.leaf}").text.replace("<wbr>", "")
    assert all(escape(safe(item.key)) in page for item in found.items)  # chance may pick a name that has to be escaped
    assert found.seed in page


def test_items_are_picked_by_name(house: House) -> None:
    """What an auditor points at counts as much as chance."""
    auditor = house.sign_in(MAURER)
    keys = [item.key for item in take_all(house, auditor)][:1]

    assert take(house, auditor, size=None, nonce=None, items="\n".join(keys)).status_code == 303
    assert [item.key for item in list(draws(store_of(house)))[-1].items] == keys


def take_all(house: House, auditor: TestClient) -> Any:
    """Return the items of a sample of everything."""
    assert take(house, auditor, size=1000).status_code == 303
    return list(draws(store_of(house)))[-1].items


@pytest.mark.parametrize(
    "but",
    [
        {"nonce": " "},
        {"size": 0},
        {"size": "two"},
        {"size": None},
        {"items": "ann"},
        {"size": None, "items": "nobody at all"},
        {"head": 10_000_000},
        {"head": 0},
        {"head": 9_999_999_999_999_999_999},
        {"head": None},
        {"from": "2025-12-01"},
        {"from": "2026-03-02"},
        {"to": "2026-01-01"},
        {"by": "no such field"},
    ],
    ids=str,
)
def test_no_sample_of_anything_else(house: House, but: dict[str, Any]) -> None:
    """Nothing is recorded that could not be repeated, or that is not opened."""
    before = len(list(draws(store_of(house))))

    assert take(house, house.sign_in(MAURER), **but).status_code == 400
    assert len(list(draws(store_of(house)))) == before


@pytest.mark.parametrize("who", [ANN, EVE], ids=lambda who: str(who["sub"]))
def test_the_company_reads_and_takes_none(house: House, who: dict[str, Any]) -> None:
    """On a page a sample is the auditor's."""
    browser = house.sign_in(who)

    assert browser.get(f"/populations/{KIND}").status_code == 200
    assert take(house, browser).status_code == 403


def test_what_another_audit_took_is_not_opened(house: House) -> None:
    """That it was taken is, with its log entry and its days: the company sees everything."""
    auditor, internal, ann = house.sign_in(MAURER), house.sign_in(INTERNAL), house.sign_in(ANN)
    assert take(house, auditor).status_code == 303
    mine = list(draws(store_of(house)))[-1]
    assert take(house, internal).status_code == 303
    other = list(draws(store_of(house)))[-1]
    pages = ("/populations", f"/populations/{KIND}?from={DAYS['from']}&to={DAYS['to']}")

    assert [draw.audit for draw in (mine, other)] == ["surveillance-2026", "internal-2026"]
    for page in pages:
        text = auditor.get(page).text
        assert f'<a href="/samples/{mine.leaf}">' in text
        assert f'href="/samples/{other.leaf}"' not in text
        assert f'data-l="Log entry">{other.leaf}</td>' in text
        assert "Ina Weber" not in text
        assert f'<a href="/samples/{other.leaf}">' in ann.get(page).text
    assert [browser.get(f"/samples/{other.leaf}").status_code for browser in (auditor, internal, ann)] == [
        404,
        200,
        200,
    ]


def test_every_number_is_that_of_its_list(house: House) -> None:
    """As many samples as the log has, as many items as the population."""
    auditor = house.sign_in(MAURER)
    items = take_all(house, auditor)
    page = auditor.get(f"/populations/{KIND}?from={DAYS['from']}&to={DAYS['to']}").text.replace("<wbr>", "")

    assert f"{len(items)} items from" in page
    assert page.count('<tr><td class="r" data-l="Log entry">') == len(list(draws(store_of(house))))
    assert auditor.get("/populations/nothing").status_code == 404
    assert auditor.get("/samples/0").status_code == 404
