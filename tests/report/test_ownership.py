"""Whose a finding is, and until when it is to be mended."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.core.isms.scope import System
from collector.core.scopes import Scope
from collector.report.state.ownership import due_of, owner_of
from tests.played.company import Company
from tests.played.platform import a_member


def a_system(owner: str, *scope: str, source: str = "production") -> System:
    """A system of somebody's."""
    return System(
        name=f"{source} {scope}",
        owner=owner,
        environment="production",
        source=source,
        scope=scope,
        in_scope_from=date(2026, 1, 1),
    )


SYSTEMS = [
    a_system("ann"),
    a_system("bob", "1111"),
    a_system("carol", "1111", "eu-central-1"),
    a_system("dave", "2222", source="code"),
    a_system("eve", "3333", source="code"),
]


@pytest.mark.parametrize(
    ("source", "scope", "owner"),
    [
        ("production", (), "ann"),
        ("production", ("9999",), "ann"),
        ("production", ("1111",), "bob"),
        ("production", ("1111", "us-east-1"), "bob"),
        ("production", ("1111", "eu-central-1"), "carol"),
        ("code", ("2222", "repo"), "dave"),
        ("code", (), ""),  # of two: nobody's in particular
        ("code", ("4444",), ""),
        ("elsewhere", (), ""),
    ],
)
def test_the_narrowest_system_says_whose_it_is(source: str, scope: Scope, owner: str) -> None:
    """To be assigned to the wrong person is worse than to nobody."""
    assert owner_of(SYSTEMS, source, scope) == owner


def test_the_companys_limit_says_until_when() -> None:
    """And without one nobody is held to a day that nobody set."""
    since = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)

    assert due_of({"high": timedelta(days=14)}, "high", since) == date(2026, 3, 16)
    assert due_of({"high": timedelta(days=14)}, "low", since) is None


def test_a_list_says_whose_it_is_and_until_when(company: Company) -> None:
    """Assigned to me, in one command."""
    company.platform.orgs["acme"]["members"] = [a_member("ann", mfa=False), a_member("bob")]
    company.add('[alerts]\ndue = { high = "14d" }\n')
    (company.folder / "scope.toml").write_text(
        'version = "1"\nstatement = "All."\napproved_by = "Mia"\napproved_on = 2026-01-01\n'
        '[[system]]\nname = "A"\nowner = "Ann"\nenvironment = "p"\nsource = "acme"\nin_scope_from = 2026-01-01\n'
    )
    company.run("scan")
    mine, theirs = (
        company.run("findings", "--assigned-to", who, "--check", "played_member_mfa", "--json").json["findings"]
        for who in ("Ann", "Bob")
    )
    page = company.run("findings", "--check", "played_member_mfa").out

    (finding,) = mine
    assert theirs == []
    assert finding["owner"] == "Ann"
    assert finding["due"] == str(date.fromisoformat(finding["since"][:10]) + timedelta(days=14))
    assert f"owner Ann, to be mended until {finding['due']}" in page
