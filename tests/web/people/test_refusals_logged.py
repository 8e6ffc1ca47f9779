"""What is refused is in annexd's own log, with who it was and in one line; what is secret is not."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.web.people.conftest import ANN, HOST, VERA, House

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def test_a_page_that_the_role_does_not_open(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever tries doors is seen."""
    house.sign_in(VERA).get("/access?secret=1")

    assert "vera may not GET /access" in caplog.messages
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"origin": "https://evil.example"}, "a form for /requests/1 was sent by another page"),
        ({"origin": HOST}, "a form for /requests/1 had no token of its session"),
    ],
)
def test_a_form_that_is_not_ours(
    house: House, caplog: pytest.LogCaptureFixture, headers: dict[str, str], said: str
) -> None:
    """Somebody's browser was made to send it."""
    browser: TestClient = house.sign_in(ANN)
    answer = browser.post("/requests/1", data={"csrf": "guessed"}, headers=headers)

    assert "<h1>The form was not taken</h1>" in answer.text
    assert said in caplog.messages
    assert "guessed" not in caplog.text


def test_too_many_tries(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """From which address, so that it can be kept out."""
    browser = house.browser()
    answers = [browser.get("/login/begin") for _ in range(11)]

    assert (answers[-1].status_code, answers[-1].headers["retry-after"]) == (429, "60")
    assert "<h1>Not signed in</h1>" in answers[-1].text
    assert [text for text in caplog.messages if text.startswith("too many tries")] == [
        "too many tries to sign in: the last from unknown"
    ]


def test_a_name_makes_no_line_of_its_own(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A provider may let people choose their names."""
    caplog.set_level(logging.INFO)
    house.sign_in({"sub": "ann", "name": "Ann\n2026-12-01 ERROR the store is gone"})

    (said,) = [text for text in caplog.messages if "signed in" in text]
    assert said == "Ann 2026-12-01 ERROR the store is gone (ann at https://login.example.org) signed in as contributor"


def test_strangers_are_not_told_the_version(house: House) -> None:
    """Whoever looks for a weakness of a version has to sign in first."""
    assert "annexd 0." not in house.browser().get("/login").text
    assert "annexd 0." in house.sign_in(ANN).get("/methods").text


def test_a_form_after_the_end_of_a_session_is_answered_by_a_page(house: House) -> None:
    """Whoever wrote for longer than a session lasts is told that nothing was recorded."""
    answer = house.browser().post("/requests/1", data={"text": "words"}, headers={"origin": HOST})

    assert answer.status_code == 401
    assert "Nothing was recorded." in answer.text
    assert "words" not in answer.text
