"""From a verdict to the bytes that it is based on."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from tests.web.conftest import HOSTILE
from tests.web.links import links

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def _finding(client: TestClient, check: str, resource: str) -> str:
    page = client.get("/findings", params={"check": check, "resource": resource, "group": "none"}).text
    return next(address for address, _ in links(page) if address.startswith("/findings/"))


def test_a_finding_says_which_field_the_check_read(client: TestClient) -> None:
    """Its author wrote none of this: the view that the check was given says what it touched."""
    page = client.get(_finding(client, "played_member_mfa", "member-001")).text

    fields = re.findall(r'<span class="mono id">([^<]*)</span><span class="sub">([^<]*)</span>', page)
    assert ("mfa", "GET /orgs/{org}/members") in [(field, call.replace("<wbr>", "")) for field, call in fields]
    assert '<div class="mono id">false</div>' in page


def test_the_body_has_the_read_field_marked(client: TestClient) -> None:
    """Two clicks from the verdict to the bytes."""
    finding = client.get(_finding(client, "played_member_mfa", "member-001")).text
    address = next(to for to, _ in links(finding) if to.startswith("/evidence/") and "check=" in to)

    marked = re.findall(r'<li class="j"[^>]*>.*?</li>', client.get(address).text, re.DOTALL)

    assert any("&#34;mfa&#34;" in line and "false" in line for line in marked)
    assert len(marked) == 2  # the login is in the reason


def test_what_was_not_judged_again_is_not_said_to_read_nothing(client: TestClient) -> None:
    """A check that this resource has no finding of may read all of it elsewhere."""
    page = client.get("/evidence/code/played.member/member-001?in=acme&check=no_such_check").text

    assert "Which fields no_such_check read is not known" in page.replace("<wbr>", "")
    assert "read no field" not in page


def test_the_stored_bytes_have_the_digest_on_the_page(client: TestClient) -> None:
    """Whoever downloads them can compare, without annexd."""
    finding = client.get(_finding(client, "played_member_mfa", "member-001")).text
    address = next(to for to, _ in links(finding) if to.startswith("/evidence/"))
    page = client.get(address).text
    raw = client.get(next(to for to, text in links(page) if text == "Stored bytes"))

    digest = "sha256:" + hashlib.sha256(raw.content).hexdigest()
    assert digest in page.replace("<wbr>", "")
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"] == f'attachment; filename="{digest.removeprefix("sha256:")}.json"'


def test_a_set_is_shown_with_its_members(client: TestClient) -> None:
    """A verdict on a whole set is based on all of it."""
    page = client.get("/findings/played_org_two_owners/code?in=acme").text

    assert sum(address.startswith("/evidence/code/played.member") for address, _ in links(page)) == 25


def test_what_could_not_be_read_is_unknown_with_the_call(client: TestClient) -> None:
    """Never a pass, and never silence."""
    rows = client.get("/findings.json?check=played_repo_hooks_tls&resource=core").json()["rows"]
    page = client.get(_finding(client, "played_repo_hooks_tls", "core")).text

    assert [row["verdict"] for row in rows] == ["Unknown"]
    assert "could not be read" in page


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_of_a_platform_is_only_text(client: TestClient, name: str) -> None:
    """Markup, schemes, dots, slashes and signs that turn the writing: each leads to its page, and does nothing."""
    rows = client.get("/findings.json", params={"check": "played_member_mfa", "resource": name}).json()["rows"]
    finding = client.get(_finding(client, "played_member_mfa", name))
    to_evidence = next(to for to, _ in links(finding.text) if to.startswith("/evidence/"))
    evidence = client.get(to_evidence)

    assert [row["verdict"] for row in rows] == ["Fail"]
    assert (finding.status_code, evidence.status_code) == (200, 200)
    for page in (finding.text, evidence.text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "\u202e" not in page
        assert all(address.startswith(("/", "#", "?")) for address, _ in links(page))


def test_what_is_not_there_is_not_found(client: TestClient) -> None:
    """No page is made for a name that was made up."""
    for address in (
        "/findings/played_member_mfa/code?in=acme&resource=nobody",
        "/findings/no_such_check/code",
        "/evidence/code/played.member/nobody?in=acme",
        "/evidence/nowhere/played.member/ann",
        "/controls/played:1/9.9",
        "/controls/played:1/9.9/period",
        "/controls/played:1/1.1/period?from=x",
        "/controls/played:1/1.1/period?to=2999-01-01",
        "/controls?framework=none",
        "/controls?state=green",
        "/runs/none",
        "/checks/none",
        "/log?kind=none",
        "/log?before=x",
        "/collections?outcome=none",
    ):
        assert client.get(address).status_code == 404, address
