"""Who is let in, and who is not, whatever a provider or somebody in between says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import OctKey

from collector.core.errors import ConfigError
from collector.web.starting import people_of
from tests.web.people.conftest import ANN, EVE, HOST, MAURER, House, web_config
from tests.web.people.provider import CLIENT, SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

SESSION = "__Host-annexd-session"


def is_in(browser: TestClient) -> bool:
    """Whether somebody is signed in."""
    return browser.get("/login?x").status_code == 200 and SESSION in browser.cookies


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_somebody_whom_the_provider_knows_is_let_in(house: House, algorithm: str) -> None:
    """By either kind of key, and with a cookie that no script and no other host gets."""
    house.provider.algorithm = algorithm
    browser = house.browser()

    answer = house.come_back(browser)

    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(SESSION))
    assert answer.status_code == 303
    assert {part.strip().casefold() for part in cookie.split(";")[1:]} == {
        "httponly",
        "path=/",
        "samesite=lax",
        "secure",
    }


HOSTILE: dict[str, dict[str, Any]] = {
    "another issuer": {"but": {"iss": "https://evil.example"}},
    "another nonce": {"but": {"nonce": "n"}},
    "no nonce": {"but": {"nonce": None}},
    "another audience": {"but": {"aud": "other"}},
    "another audience, authorized here": {"but": {"aud": "other", "azp": CLIENT}},
    "several audiences, none authorized": {"but": {"aud": [CLIENT, "other"]}},
    "authorized for another": {"but": {"azp": "other"}},
    "expired": {"but": {"exp": 1}},
    "without an end": {"but": {"exp": None}},
    "without a beginning": {"but": {"iat": None}},
    "issued in the future": {"but": {"iat": 4_000_000_000}},
    "no subject": {"but": {"sub": None}},
    "a subject that is no text": {"but": {"sub": 7}},
    "key of a stranger": {"stranger": True},
    "no signature": {"unsigned": True},
    "signed with the shared secret": {"algorithm": "HS256", "key": OctKey.import_key(SECRET.ljust(32, "."))},
    "another provider": {"published": {"issuer": "https://evil.example"}},
    "tokens over plain http": {"published": {"token_endpoint": "http://login.example.org/token"}},
    "an answer of another provider": {"answer": {"iss": "https://evil.example"}},
    "another state": {"answer": {"state": "s"}},
    "no code": {"answer": {"code": ""}},
    "a code that was not given": {"answer": {"code": "guessed"}},
    "an error": {"answer": {"error": "access_denied"}},
    "no role": {"claims": {"sub": "mallory", "name": "Mallory", "groups": ["others"]}},
    "groups that are one text": {"claims": {"sub": "mallory", "groups": "isms"}},
    "both sides": {"claims": {"sub": "ann", "groups": ["auditors"]}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nobody_else_is(house: House, name: str) -> None:
    """Each of these would be somebody else's way in."""
    hostile = dict(HOSTILE[name])
    answer = hostile.pop("answer", {})
    for key, value in hostile.items():
        setattr(house.provider, key, value)
    browser = house.browser()
    begun = browser.get("/login/begin")
    status = begun.status_code
    if status == 303:
        status = browser.get(
            "/login/back", params=house.provider.sign_in(begun.headers["location"], **answer)
        ).status_code

    assert status in {403, 502}
    assert SESSION not in browser.cookies
    assert browser.get("/").status_code == 303


def test_an_answer_is_good_once_and_in_one_browser(house: House) -> None:
    """What was overheard is of no use, and nobody is signed in as somebody else."""
    browser, other = house.browser(), house.browser()
    begun = browser.get("/login/begin")
    back = house.provider.sign_in(begun.headers["location"])

    assert other.get("/login/back", params=back).status_code == 403
    assert browser.get("/login/back", params=back).status_code == 303
    assert browser.get("/login/back", params=back).status_code == 403


def test_signing_in_takes_no_longer_than_ten_minutes(house: House) -> None:
    """A browser that is left alone at the provider's page begins anew."""
    browser = house.browser()
    begun = browser.get("/login/begin")
    back = house.provider.sign_in(begun.headers["location"])
    house.clock.move(timedelta(minutes=11))

    assert browser.get("/login/back", params=back).status_code == 403


def test_a_session_has_a_new_id_at_each_sign_in(house: House) -> None:
    """An id from before is of no use afterwards."""
    browser = house.sign_in(ANN)
    before = browser.cookies[SESSION]
    house.come_back(browser)

    assert browser.cookies[SESSION] != before
    again = house.browser()
    again.cookies.set(SESSION, before, domain="annexd.example.com")
    assert again.get("/").status_code == 303


@pytest.mark.parametrize(("idle", "steps", "status"), [(29, 1, 200), (31, 1, 303), (25, 24, 200), (25, 25, 303)])
def test_a_session_ends_by_itself(house: House, idle: int, steps: int, status: int) -> None:
    """After half an hour without use, and after ten hours in any case."""
    browser = house.sign_in(ANN)
    for _ in range(steps):
        house.clock.move(timedelta(minutes=idle))
        answer = browser.get("/")

    assert answer.status_code == status


def test_signing_out_ends_the_session(house: House) -> None:
    """Also for whoever has a copy of the cookie."""
    browser = house.sign_in(ANN)
    kept = browser.cookies[SESSION]
    token = browser.get("/").text.partition('name="csrf" value="')[2].partition('"')[0]
    answer = browser.post("/logout", data={"csrf": token}, headers={"origin": HOST})
    copy = house.browser()
    copy.cookies.set(SESSION, kept, domain="annexd.example.com")

    assert answer.status_code == 303
    assert copy.get("/").status_code == 303


@pytest.mark.parametrize("sent", [{}, {"csrf": "x"}, {"csrf": ""}])
def test_a_form_without_the_token_of_its_session_does_nothing(house: House, sent: dict[str, str]) -> None:
    """Another page can send a form, and does not know the token."""
    browser = house.sign_in(ANN)

    assert browser.post("/logout", data=sent, headers={"origin": HOST}).status_code == 403
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
        {"origin": "http://annexd.example.com"},
    ],
)
def test_a_form_of_another_page_does_nothing(house: House, headers: dict[str, str]) -> None:
    """Not even one that has the token."""
    browser = house.sign_in(ANN)
    token = browser.get("/").text.partition('name="csrf" value="')[2].partition('"')[0]

    assert browser.post("/logout", data={"csrf": token}, headers=headers).status_code == 403
    assert "sent by another page" in house.browser().post("/login/link", headers=headers).text
    assert browser.get("/").status_code == 200


def test_a_page_that_keeps_its_referrer_is_our_own(house: House) -> None:
    """Browsers send the origin null for it, and say themselves where it is from."""
    headers = {"origin": "null", "sec-fetch-site": "same-origin"}

    assert "This link was used" in house.browser().post("/login/link", headers=headers).text


def test_a_client_secret_that_is_not_set_is_said_at_once(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not to the first person who comes back from the provider."""
    monkeypatch.delenv("ANNEXD_TEST_CLIENT_SECRET")

    with pytest.raises(ConfigError, match="ANNEXD_TEST_CLIENT_SECRET is not set"):
        people_of(house.site, web_config(tmp_path))


def test_tries_are_few(house: House) -> None:
    """Ten in a minute from one address."""
    browser = house.browser()
    tries = [browser.get("/login/begin").status_code for _ in range(11)]
    house.clock.move(timedelta(seconds=61))

    assert tries == [303] * 10 + [429]
    assert browser.get("/login/begin").status_code == 303


@pytest.mark.parametrize(
    ("asked", "sent_to"),
    [
        ("/findings?verdict=fail", "/findings?verdict=fail"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\nb", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(house: House, asked: str, sent_to: str) -> None:
    """A link to the sign-in page may be anybody's."""
    browser = house.browser()
    begun = browser.get("/login/begin", params={"next": asked})
    answer = browser.get("/login/back", params=house.provider.sign_in(begun.headers["location"]))

    assert answer.headers["location"] == sent_to


def test_the_access_of_an_auditor_ends_by_itself(house: House) -> None:
    """On the last day they are in, on the next one neither an old session nor a new sign-in is."""
    house.clock.move(timedelta(days=30) - (house.clock.now() - house.clock.now().replace(hour=23, minute=50)))
    assert house.clock.now().date().isoformat() == "2026-03-31"
    browser = house.sign_in(MAURER)
    assert browser.get("/").status_code == 200
    house.clock.move(timedelta(minutes=15))

    assert browser.get("/").status_code == 303
    house.provider.claims = MAURER
    assert house.come_back(house.browser()).status_code == 403


def test_no_secret_is_on_a_page_or_in_an_address(house: House) -> None:
    """The client's secret and the verifier stay here; the browser has the state, the nonce and a digest."""
    browser = house.browser()
    begun = browser.get("/login/begin")

    assert SECRET not in begun.headers["location"]
    assert "code_verifier" not in begun.headers["location"]
    assert "code_challenge_method=S256" in begun.headers["location"]


def test_a_printed_link_is_good_once(house: House) -> None:
    """Looking at it uses nothing up: programs look at links before people do."""
    from collector.core.identities import Identity, Role

    me = Identity(issuer="annexd:one-time-link", subject="me@here", name="me", role=Role.ADMIN)
    link = house.people.link(me)
    token = link.rpartition("/")[2]
    browser, other = house.browser(), house.browser()

    assert [browser.get(link).status_code for _ in range(2)] == [200, 200]
    assert browser.post("/login/link", data={"token": token}, headers={"origin": HOST}).status_code == 303
    assert browser.get("/").status_code == 200
    assert other.post("/login/link", data={"token": token}, headers={"origin": HOST}).status_code == 403


def test_who_is_not_signed_in_leaves_nothing_on_the_disk(house: House) -> None:
    """A form that is open to everybody takes a token, and no file."""
    browser, headers = house.browser(), {"origin": HOST}

    assert browser.post("/login/link", files={"token": ("a", b"x")}, headers=headers).status_code == 400
    assert browser.post("/login/link", data={"token": "x" * 20_000}, headers=headers).status_code == 413


def test_a_printed_link_ends(house: House) -> None:
    """After ten minutes."""
    from collector.core.identities import Identity, Role

    link = house.people.link(Identity(issuer="i", subject="s", name="me", role=Role.VIEWER))
    house.clock.move(timedelta(minutes=10, seconds=1))
    answer = house.browser().post("/login/link", data={"token": link.rpartition("/")[2]}, headers={"origin": HOST})

    assert answer.status_code == 403


def test_of_several_roles_the_widest_counts(house: House) -> None:
    """Somebody may be in more groups than one."""
    house.provider.claims = {**EVE, "groups": ["everybody", "isms"]}
    browser = house.sign_in(house.provider.claims)

    assert ">admin<" in browser.get("/").text


def test_a_person_ends_the_other_sessions(house: House) -> None:
    """Those of the same subject end, whatever name they were given; this one and those of others go on."""
    here, there, renamed, eve = (house.sign_in(claims) for claims in (ANN, ANN, {**ANN, "name": "Zoe Quist"}, EVE))

    assert house.post(here, "/logout/others").status_code == 303

    assert [browser.get("/", follow_redirects=False).status_code for browser in (here, there, renamed, eve)] == [
        200,
        303,
        303,
        200,
    ]
