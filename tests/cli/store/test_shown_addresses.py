"""The address of the store is printed by many commands, its password by none: not as text, as JSON, or in the log."""

from __future__ import annotations

import pytest

from tests.played.company import PLAYED, Company

SECRETS = ("hunter2", "sesame", "abracadabra")
URL = "postgresql://annexd:hunter2@127.0.0.1:1/x?password=sesame&sslpassword=abracadabra"
COMMANDS = [
    ["config", "check"],
    ["doctor"],
    ["plan"],
    ["scan"],
    ["serve"],
    ["status"],
    ["findings"],
    ["controls"],
    ["evidence", "played.member"],
    ["log"],
    ["verify"],
    ["key"],
    ["retention"],
    ["next"],
    ["export", "b.zip", "--from", "2026-01-01", "--to", "2026-01-31"],
    ["store", "upgrade"],
    ["store", "compact"],
    ["store", "restored"],
    ["store", "backup", "copy.db"],
    ["store", "grants", "--agent", "a", "--reader", "b"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("how", [[], ["--json"], ["--log-level", "debug"]], ids=["text", "json", "debug"])
def test_no_command_prints_it(company: Company, command: list[str], how: list[str]) -> None:
    """Nobody listens there, so each of them also says that the store cannot be had, where it wants one."""
    company.write(PLAYED.replace("sqlite:///evidence.db", URL))
    said = company.run(*how, *command)

    assert "annexd broke" not in said.err
    assert [secret for secret in SECRETS if secret in said.out + said.err] == []


def test_the_address_itself_is_shown(company: Company) -> None:
    """By it somebody finds the database that cannot be reached."""
    company.write(PLAYED.replace("sqlite:///evidence.db", URL))

    assert "annexd:***@127.0.0.1:1/x?password=***" in company.run("config", "check").out
    assert "annexd:***@127.0.0.1:1/x?password=***" in company.run("status").err


@pytest.mark.parametrize("url", ["mysql://annexd:hunter2@db/x", "postgresql://annexd:hunter2@db:port/x", "hunter2://"])
def test_an_address_that_is_refused_is_not_repeated(company: Company, url: str) -> None:
    """The file and the line say where it stands."""
    company.write(PLAYED.replace("sqlite:///evidence.db", url))
    said = [company.run(*command) for command in (["config", "check"], ["status"], ["scan"])]

    assert {answer.code for answer in said} <= {0, 3, 5}
    assert "annexd:hunter2" not in "".join(answer.out + answer.err for answer in said)


def test_an_error_of_the_server_is_one_line(company: Company) -> None:
    """What PostgreSQL says has several, with tabs."""
    company.write(PLAYED.replace("sqlite:///evidence.db", "postgresql://annexd@127.0.0.1:1/x"))
    first = company.run("status").err.splitlines()[0]

    assert "x09" not in company.run("status").err
    assert "Is the server running on that host" in first
