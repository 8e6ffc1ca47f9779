"""Which role opens which route, what is opened to an auditor, and what is kept of it."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from msgspec.structs import replace

from collector.core.canonical import digest_of
from collector.core.errors import StoreError, UsageError
from collector.core.identities import Identity, Role
from collector.web.acts.access import seal_due
from collector.web.assets import PREFIX
from collector.web.opened import OPENED
from collector.web.people.access_log import AccessLog
from collector.web.people.assigning import SignInRefusedError, identity_of
from collector.web.people.forms import FormRoute
from collector.web.people.roles import ANYONE, ROUTES
from collector.web.people.signed_in import route_of
from tests.web.links import links
from tests.web.people.conftest import ANN, EVE, HOST, MAURER, PEOPLE, House, web_config

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.routing import BaseRoute
    from starlette.testclient import TestClient

    from storage import SqlStore

WHO = Identity(issuer="i", subject="s", name="n", role=Role.AUDITOR, audit="a")


def routes(house: House) -> list[tuple[str, str, BaseRoute]]:
    """Return method, path and route of everything but style sheet and script."""
    found = []
    for route in house.app.routes:
        path = str(getattr(route, "path", ""))
        if not path.startswith(PREFIX):
            found += [
                (method, path, route) for method in sorted(getattr(route, "methods", None) or {""}) if method != "HEAD"
            ]
    return found


def address(path: str) -> str:
    """Return an address that goes to a route."""
    values = {
        "{token}": "t",
        "{number:number}": "1",
        "{leaf:number}": "1",
        "{framework}": "played:1",
        "{control}": "1.1",
        "{which}": "exceptions",
    }
    for name, value in values.items():
        path = path.replace(name, value)
    path = path.replace(".{kind}", ".csv").replace("{kind}", "played.member")
    return re.sub(r"\{.*?\}", "x", path)


def test_every_route_says_whose_it_is(house: House) -> None:
    """A page that is added and forgotten here is nobody's, and this fails."""
    assert {(method, path) for method, path, _ in routes(house)} <= ROUTES.keys()


def test_whatever_is_posted_is_a_proven_form(house: House) -> None:
    """There is no other way in for a request that changes something."""
    assert {method for method, _, _ in routes(house)} <= {"GET", "POST"}
    assert [
        path for method, path, route in routes(house) if method == "POST" and not isinstance(route, FormRoute)
    ] == []


@pytest.mark.parametrize("role", [None, *PEOPLE])
def test_every_route_with_every_role(house: House, role: str | None) -> None:
    """Refused with 403, sent to sign in, or let through: to an answer, or to the form's own proof."""
    browser = house.browser() if role is None else house.sign_in(PEOPLE[role])
    for method, path, _ in routes(house):
        allowed = ROUTES[method, path]
        if path in {"/login", "/login/begin", "/login/back", "/logout"}:
            continue
        answer = browser.request(method, address(path))
        if role is None and allowed != ANYONE:
            assert answer.status_code == (303 if method == "GET" else 401), path
        elif allowed != ANYONE and Role(str(role)) not in allowed:
            assert (answer.status_code, "Your role does not include it" in answer.text) == (403, True), path
        elif method == "POST":
            assert (answer.status_code, "sent by another page" in answer.text) == (403, True), path
        else:
            assert answer.status_code in {200, 400, 404}, path


def test_a_route_that_is_in_no_table_is_nobodys(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even an admin's."""
    admin = house.sign_in(EVE)
    monkeypatch.setattr("collector.web.people.roles.ROUTES", {})

    assert admin.get("/requests").status_code == 403
    assert house.browser().get("/login").status_code == 303


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?as_of=2026-02-28", 200),
        ("?as_of=2025-12-31", 403),
        ("?as_of=0001-01-01T00:00%2B14:00", 403),
        ("?fw=played:1", 200),
        ("?fw=iso27001:2022", 403),
        ("?from=2025-12-31&to=2026-01-31", 403),
        ("?from=yesterday", 403),
        ("?from=2026-02-01&from=2025-01-01", 403),
    ],
)
def test_an_auditor_reads_the_period_and_frameworks_of_the_audit(house: House, query: str, status: int) -> None:
    """Whatever is written into the address."""
    assert house.sign_in(MAURER).get(f"/{query}").status_code == status


def test_no_page_has_what_is_not_opened(house: House) -> None:
    """Pages are made from one snapshot for each audit; the menu has no page that would be refused."""
    auditor, ann = house.sign_in(MAURER), house.sign_in(ANN)
    house.clock.move(timedelta(hours=-1))
    pages = {path: (auditor.get(path), ann.get(path)) for path in ("/controls", "/findings", "/log", "/log.csv")}

    assert [theirs.status_code for theirs, _ in pages.values()] == [200, 200, 403, 403]
    assert [ours.status_code for _, ours in pages.values()] == [200, 200, 200, 200]
    assert 'href="/log"' not in pages["/controls"][0].text
    assert 'href="/log"' in pages["/controls"][1].text
    finding = unescape(re.findall(r'href="(/findings/[^"]+)"', ann.get("/findings?group=none").text)[0])
    for page in (finding, "/search?q=3"):
        assert 'href="/log?before=' in ann.get(page).text
        assert 'href="/log?before=' not in auditor.get(page).text


@pytest.mark.parametrize("role", list(PEOPLE))
def test_every_link_is_to_a_page_that_the_role_opens(house: House, role: str) -> None:
    """From the overview on, each sort of address once: a link that is refused says that something is kept from one."""
    browser, todo, seen = house.sign_in(PEOPLE[role]), ["/", "/search?q=3", "/findings?group=none"], set()
    while todo:
        asked = todo.pop()
        scope = {"type": "http", "path": asked.partition("?")[0].partition("#")[0], "method": "GET"}
        sort = route_of(house.app.routes, scope)[0], "group=none" in asked
        if sort not in seen:
            seen.add(sort)
            found = browser.get(asked)
            assert found.status_code == 200, asked
            if found.headers["content-type"].startswith("text/html"):
                todo += [to for to, _ in links(found.text) if to.startswith("/")]

    assert {path for path, _ in seen} >= {
        "/findings/{check}/{source}",
        "/requests",
        "/populations/{kind}",
        "/methods",
        "/risks/{risk:path}",
        "/actions/{action:path}",
        "/changes",
        "/diff",
    }
    assert ("/bundles" in {path for path, _ in seen}) is (role in {"admin", "auditor"})


def test_the_page_of_a_period_that_is_over_is_of_its_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An auditor reads the state at the end of the period, and the company that of now."""
    opened = house.people._opened["surveillance-2026"]
    ended = replace(opened, last=house.clock.now().date())
    monkeypatch.setitem(house.people._opened, "surveillance-2026", ended)
    house.clock.move(timedelta(days=2))
    auditor, ann = house.sign_in(MAURER), house.sign_in(ANN)
    end = f"{ended.last}T23:59:59Z"

    assert end in auditor.get("/findings").text
    assert end not in ann.get("/findings").text
    assert f'As of now; the evidence as of <span class="num">{end}' in auditor.get("/requests").text
    assert "As of now<" in ann.get("/requests").text
    assert auditor.get(f"/findings?as_of={ended.last + timedelta(days=1)}").status_code == 404
    assert ann.get(f"/findings?as_of={ended.last + timedelta(days=1)}").status_code == 200


def test_what_was_before_the_period_is_not_opened(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is known in the period, runs and what happened before it are the company's alone."""
    auditor, ann = house.sign_in(MAURER), house.sign_in(ANN)
    (run,) = re.findall(r'href="(/runs/[^"]+)"', ann.get("/runs").text)
    finding = unescape(re.findall(r'href="(/findings/[^"]+)"', ann.get("/findings?group=none").text)[0])
    evidence = unescape(re.findall(r'href="(/evidence/[^"]+)"', ann.get(finding).text)[0])

    def seen(browser: TestClient) -> tuple[int, int, bool, bool, int]:
        """Return what is given of the run: row, page, part in the history of a finding and of evidence, ways to it."""
        return (
            browser.get("/runs.csv").text.count(run.removeprefix("/runs/")),
            browser.get(run).status_code,
            "<time>observed" in browser.get(finding).text,
            "Versions of this resource" in browser.get(evidence).text,
            sum(f'href="{run}"' in browser.get(page).text for page in (finding, evidence)),
        )

    assert seen(auditor) == seen(ann) == (1, 200, True, True, 2)
    opened = house.people._opened["surveillance-2026"]
    monkeypatch.setattr(house.people, "_seal", lambda: None)  # another test records these days
    later = replace(opened, first=house.clock.now().date() + timedelta(days=1))
    monkeypatch.setitem(house.people._opened, "surveillance-2026", later)
    house.clock.move(timedelta(days=1))
    auditor, ann = house.sign_in(MAURER), house.sign_in(ANN)
    assert seen(auditor) == (0, 404, False, False, 0)
    assert seen(ann) == (1, 200, True, True, 2)


def test_what_is_not_opened_is_not_read(house: House) -> None:
    """Every page reads through one place, which knows of one framework and of the end of the period."""
    opened = house.people._opened["surveillance-2026"]
    assert opened.app.config.frameworks.use == ("played:1",)
    assert house.site.app.config.frameworks.use == ("iso27001:2022",)
    token = OPENED.set(replace(opened, last=date(2026, 2, 27)))
    try:
        with house.site.reading() as reading:
            assert reading.as_of is not None
            assert reading.as_of.date() == date(2026, 2, 27)
        with pytest.raises(UsageError), house.site.reading("2026-02-28"):
            pass
    finally:
        OPENED.reset(token)


def test_what_an_auditor_asks_for_is_noted_before_it_is_answered(house: House) -> None:
    """Also what was refused; of the company's people nothing is."""
    auditor = house.sign_in(MAURER)
    auditor.get("/?as_of=2026-02-28")
    auditor.get("/access")
    house.sign_in(ANN).get("/")
    (file,) = house.access.iterdir()
    views = [json.loads(line) for line in file.read_text().splitlines()]

    assert file.name == f"{house.clock.now().date()}.jsonl"
    assert [(view["subject"], view["path"], view["allowed"]) for view in views] == [
        ("hm", "/?as_of=2026-02-28", True),
        ("hm", "/access", False),
    ]


def test_no_page_where_it_cannot_be_noted(house: House) -> None:
    """A full disk is no way to look unseen."""
    auditor = house.sign_in(MAURER)
    house.access.write_text("no folder")

    assert auditor.get("/").status_code == 500


def test_a_page_view_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A nearly full disk takes a part of a line without an error; half a line is no note of who looked at what."""
    write = os.write
    monkeypatch.setattr("os.write", lambda descriptor, data: write(descriptor, data[:7]))
    AccessLog(tmp_path).write(datetime(2026, 3, 1, tzinfo=UTC), WHO, "GET", "/findings", allowed=True)

    assert json.loads((tmp_path / "2026-03-01.jsonl").read_text())["path"] == "/findings"


def test_a_day_that_is_over_is_recorded_once(house: House, tmp_path: Path) -> None:
    """Its digest is an entry; a file that was changed or deleted afterwards is found."""
    store: SqlStore = house.site.app.stores[0]  # type: ignore[attr-defined]  # of the played app
    log, now = AccessLog(tmp_path / "days"), house.clock.now() + timedelta(days=40)  # no other test records these days
    for after in (0, 0, 1, 2):
        log.write(now + timedelta(days=after), WHO, "GET", "/", allowed=True)
    days = [now.date() + timedelta(days=after) for after in range(3)]

    def states() -> list[str]:
        """Return the states of these days: the tests of this module share a store, and record days of their own."""
        return [found.state for found in log.days(store) if found.day in days]

    sealed = [log.seal(store, now + timedelta(days=2)) for _ in range(2)]
    file = tmp_path / "days" / f"{days[0]}.jsonl"
    facts = [entry.fact for entry in store.log(kinds=("access_day",)) if entry.fact["day"] == str(days[0])]

    assert sealed == [2, 0]
    assert [(fact["digest"], fact["views"]) for fact in facts] == [(digest_of(file.read_bytes()), 2)]
    assert states() == ["as recorded", "as recorded", "not recorded"]
    file.write_bytes(file.read_bytes().replace(b'"/"', b'"?"'))
    (tmp_path / "days" / f"{days[1]}.jsonl").unlink()
    assert states() == ["other than recorded", "gone", "not recorded"]


def test_a_day_is_recorded_at_the_first_page_of_the_next(house: House) -> None:
    """Without anybody who has to think of it."""
    store: SqlStore = house.site.app.stores[0]  # type: ignore[attr-defined]  # of the played app
    house.clock.move(timedelta(days=20))  # no other test records these days
    before = len(list(store.log(kinds=("access_day",))))
    for _ in range(2):
        auditor = house.sign_in(MAURER)
        auditor.get("/requests")
        auditor.get("/populations")
        house.clock.move(timedelta(days=1))
    facts = [entry.fact for entry in store.log(kinds=("access_day",))][before:]

    assert [(fact["day"], fact["views"]) for fact in facts] == [
        ((house.clock.now().date() - timedelta(days=2)).isoformat(), 2)
    ]
    page = house.sign_in(EVE).get("/access").text
    assert page.count("as recorded") == 1
    assert page.count("not recorded") == 1


def test_what_people_did_is_shown_as_of_now_whatever_the_address_says(house: House) -> None:
    """A page that says another moment than it shows would be read as that moment's."""
    ann = house.sign_in(ANN)

    assert ["As of now" in ann.get(f"/{page}?as_of=2026-02-01").text for page in ("requests", "records")] == [True] * 2
    assert 'id="as-of"' not in ann.get("/requests?as_of=2026-02-01").text
    assert ['id="as-of"' in ann.get(path).text for path in ("/findings", "/findings/x/y")] == [True] * 2


def test_what_is_wrong_with_the_access_log_ends_no_page(house: House) -> None:
    """A file of somebody else's is none of it, and of one that cannot be read a warning is given."""
    house.access.mkdir()
    for name in ("2026-13-99.jsonl", "20260101.jsonl"):
        (house.access / name).touch()
    log = AccessLog(house.access)
    with house.site.app.open_store(writer=False) as store:
        assert not log.is_due(store, house.clock.now())
        (house.access / "2025-12-31.jsonl").mkdir()
        assert log.is_due(store, house.clock.now())
    seal_due(house.site, log)


def test_a_day_that_cannot_be_read_hides_no_other(house: House, tmp_path: Path) -> None:
    """The others are recorded, and the list says of each what could be found out."""
    store: SqlStore = house.site.app.stores[0]  # type: ignore[attr-defined]  # of the played app
    log, now = AccessLog(tmp_path / "access"), house.clock.now() + timedelta(days=60)  # no other test records these
    first, second, third = (now.date() + timedelta(days=after) for after in range(3))
    log.write(now, WHO, "GET", "/", allowed=True)
    log.write(now + timedelta(days=2), WHO, "GET", "/", allowed=True)
    (house.access / f"{second}.jsonl").mkdir()

    with pytest.raises(StoreError, match=str(second)):
        log.seal(store, now + timedelta(days=3))
    (house.access / f"{first}.jsonl").unlink()
    (house.access / f"{first}.jsonl").mkdir()

    assert {found.day: found.state for found in log.days(store) if found.day in {first, second, third}} == {
        first: "cannot be read",
        second: "not recorded",
        third: "as recorded",
    }
    assert house.sign_in(EVE).get("/access").text.count("cannot be read") == 1


def test_a_folder_that_cannot_be_read_is_no_empty_one(house: House) -> None:
    """A page that says that no auditor looked would be believed."""
    house.access.write_text("no folder")

    assert house.sign_in(EVE).get("/access").status_code == 503


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"sub": "ann"}, "contributor"),
        ({"sub": "x", "groups": ["everybody"]}, "viewer"),
        ({"sub": "ann", "groups": ["everybody"]}, "contributor"),
        ({"sub": "ann", "groups": ["isms"]}, "admin"),
        ({"sub": "x", "groups": ["auditors"]}, "auditor"),
    ],
)
def test_a_role_is_by_subject_or_group(house: House, tmp_path: Path, claims: dict[str, object], role: str) -> None:
    """And never by a name or an address."""
    config = web_config(tmp_path)

    assert identity_of(config, {"iss": HOST, **claims}, house.clock.now().date()).role.value == role


@pytest.mark.parametrize("digits", [19, 5000])
def test_a_number_that_no_log_entry_has_is_at_no_address(house: House, digits: int) -> None:
    """Python reads no number of so many digits, and SQL has no column for it."""
    assert house.sign_in(ANN).get(f"/samples/{'9' * digits}").status_code == 404
    assert house.browser().get(f"/samples/{'9' * digits}").status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://login.example.org/g"}}},
        {"groups": "isms"},
        {"groups": {"isms": True}},
    ],
    ids=str,
)
def test_groups_that_are_not_listed_are_not_none(house: House, tmp_path: Path, claims: dict[str, object]) -> None:
    """An auditor by subject may be one of the company by group: whose groups are not known is let in as neither."""
    config, today = web_config(tmp_path), house.clock.now().date()

    assert identity_of(config, {"iss": HOST, "sub": "internal"}, today).role is Role.AUDITOR
    with pytest.raises(SignInRefusedError, match="groups"):
        identity_of(config, {"iss": HOST, "sub": "internal", **claims}, today)


def test_an_address_is_noted_as_it_was_sent(house: House) -> None:
    """Two resources whose names differ by a percent sign are two addresses, in the access log as on the way back."""
    asked = "/evidence/played/played.member/100%2541%2Fb?in=core"
    auditor = house.sign_in(MAURER)
    page = auditor.get(asked).text
    (file,) = house.access.iterdir()
    sent_to = house.browser().get(asked).headers["location"]

    assert json.loads(file.read_text())["path"] == asked
    assert 'action="/evidence/played/played.member/100%2541%2Fb"' in page
    assert unquote(sent_to.removeprefix("/login?next=")) == asked
    assert 'action="/%2Fother.example/x"' in auditor.get(f"{HOST}//other.example/x").text
