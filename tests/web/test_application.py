"""What every answer has, whatever it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, cast

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from collector.core.errors import StoreError
from collector.web.application import application
from collector.web.site import Site
from tests.web.one_viewer import OneViewer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.setup.app import App
    from collector.web.persons import Person


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_every_answer_forbids_what_it_does_not_need(client: TestClient, path: str) -> None:
    """An answer that refuses is a page too, and a way in if it has no policy."""
    headers = client.get(path).headers

    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; script-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_another_name_for_this_machine_is_refused(client: TestClient) -> None:
    """A page of somebody else may let its own name lead here, and would read everything."""
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_style_and_script_may_be_kept(client: TestClient) -> None:
    """Their names change with their bytes."""
    page = client.get("/").text
    address = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]

    found = client.get(address)

    assert (found.status_code, found.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in found.headers["cache-control"]


def test_an_address_that_there_is_not(client: TestClient) -> None:
    """With the frame of a page, so that one finds back."""
    found = client.get("/nowhere")

    assert found.status_code == 404
    assert 'href="/controls"' in found.text


def test_nothing_is_posted_to_a_page_that_reads(client: TestClient) -> None:
    """The one viewer acts on nothing."""
    assert client.post("/").status_code == 403


def test_a_moment_to_come_is_no_page_of_now(client: TestClient) -> None:
    """Nobody has seen it."""
    assert client.get("/?as_of=2999-01-01").status_code == 404


class _Gone:
    def open_store(self, **_: object) -> NoReturn:
        raise StoreError("the store is gone", mend="bring it back")


def test_a_store_that_cannot_be_read_is_an_error(site: Site) -> None:
    """Never a page of yesterday."""
    broken = Site(cast("App", _Gone()), site.clock)
    found = TestClient(application(broken, OneViewer()), base_url="http://localhost").get("/")

    assert found.status_code == 503
    assert "the store is gone" in found.text
    assert "bring it back" in found.text


class _Nobody(OneViewer):
    def who(self, request: Request) -> Person | None:  # noqa: ARG002
        return None

    def unknown(self, request: Request) -> Response:  # noqa: ARG002
        return PlainTextResponse("sign in", 401)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/controls.csv"])
def test_who_is_not_known_sees_no_page(site: Site, path: str) -> None:
    """Not even whether there is one."""
    found = TestClient(application(site, _Nobody()), base_url="http://localhost").get(path)

    assert (found.status_code, found.text) == (401, "sign in")
