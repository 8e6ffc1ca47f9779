"""`annexd checks`, `connectors` and `permissions`: what the declarations say, before anything was looked at."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

from collector.cli.terminal.browsing import browsed
from collector.cli.terminal.resource_names import LEVELS, resource_name
from collector.cli.terminal.session import Session
from collector.report.findings.check_views import checks_view
from collector.report.state.call_permissions import needs_of
from collector.report.state.permission_views import _document
from collector.setup import loading
from tests.cli.texts import compare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Desk


def test_every_check_is_listed(desk: Desk) -> None:
    """By service, with severity and condition."""
    text, shape = desk.says("checks"), desk.json("checks")

    assert len(shape["checks"]) == 9
    assert "played_member_mfa (high)" in text
    compare("cli/catalogue/every-check-is-listed", text)
    assert "9 checks" in text


@pytest.mark.parametrize(
    ("words", "count"),
    [(("--service", "member"), 3), (("--severity", "high"), 3), (("--control", "1.1"), 2), (("--connector", "aws"), 0)],
)
def test_checks_are_chosen(desk: Desk, words: tuple[str, ...], count: int) -> None:
    """The same filters as for findings."""
    assert len(desk.json("checks", *words)["checks"]) == count


def test_one_check_says_everything_that_it_declares(desk: Desk) -> None:
    """What it judges, by which limit, what reading it takes, what it says about which control, how to mend."""
    desk.set('[checks.played_member_rotated]\nmax_age = "30d"\n')
    text = desk.says("checks", "show", "played_member_rotated")

    compare("cli/catalogue/one-check-says-everything-that-it-declares-1", text)
    assert "members:read" in text
    compare(
        "cli/catalogue/one-check-says-everything-that-it-declares-2", desk.says("checks", "show", "played_member_mfa")
    )


def test_a_disabled_check_says_why(desk: Desk) -> None:
    """Whoever reads the list must see what is not looked at."""
    desk.set('[checks.played_member_mfa]\nenabled = false\nreason = "noise"\n')

    compare("cli/catalogue/a-disabled-check-says-why", desk.says("checks"))
    assert "disabled: noise" in desk.says("checks", "show", "played_member_mfa")


def test_a_check_that_there_is_not_names_the_nearest(desk: Desk) -> None:
    """Ids are long, and typed by hand."""
    compare(
        "cli/catalogue/a-check-that-there-is-not-names-the-nearest",
        desk.says("checks", "show", "played_member_mfaa", code=2),
    )


def test_connectors_say_what_they_list(desk: Desk) -> None:
    """Which platform, which levels, how many checks, configured or not."""
    text, shape = desk.says("connectors"), desk.json("connectors")

    compare("cli/catalogue/connectors-say-what-they-list", text)
    assert shape["connectors"][0]["checks"] == 9
    assert shape["connectors"][0]["sources"] == ["code"]


def test_the_catalogue_can_be_read_without_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever decides whether to use annexd has none yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANNEXD_CONFIG", raising=False)
    app = browsed(Session())

    assert app.config.sources == {}


def test_permissions_are_those_of_the_enabled_checks(desk: Desk) -> None:
    """No right is asked for that nothing uses; what finds the scopes is always needed."""
    every = desk.json("permissions", "played")
    desk.set("".join(f'[checks.{check}]\nenabled = false\nreason = "r"\n' for check in _BUT_MEMBERS))
    narrowed = desk.json("permissions", "played")

    assert every["permissions"] == [
        "hooks:read",
        "members:read",
        "projects:read",
        "protection:read",
        "repos:read",
        "settings:read",
        "tickets:read",
    ]
    assert narrowed["permissions"] == ["members:read", "projects:read"]
    assert set(narrowed["left_out"]) == {"played.repo", "played.settings", "played.ticket"}
    assert desk.json("permissions", "played", "--all")["permissions"] == every["permissions"]


_BUT_MEMBERS = (
    "played_settings_two_factor",
    "played_repo_protected",
    "played_repo_hooks_tls",
    "played_repo_private",
    "played_org_few_public",
    "played_ticket_closed",
)


def test_permissions_are_printed_to_be_copied(desk: Desk) -> None:
    """One a line where the platform has no form of its own, and nothing else on stdout."""
    assert desk.says("permissions", "played").splitlines() == desk.json("permissions", "played")["permissions"]


def test_a_platform_with_a_form_of_its_own_gets_that(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An IAM policy is pasted as it is."""
    written = ModuleType("tests.played.permissions")
    written.document = lambda needs: f"grant {len(needs)}\nto annexd"  # type: ignore[attr-defined]  # made here
    monkeypatch.setitem(sys.modules, "tests.played.permissions", written)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: type("Spec", (), {"name": name}))

    assert desk.says("permissions", "played") == "grant 7\nto annexd\n"


def test_calls_are_listed_with_what_they_are_for(desk: Desk) -> None:
    """Whoever has to grant a right asks what for."""
    text = desk.says("permissions", "played", "--by-call")

    compare("cli/catalogue/calls-are-listed-with-what-they-are-for", text)


def test_a_call_that_a_check_does_not_need_is_left_out(desk: Desk) -> None:
    """The least is the least."""
    connector = desk.app.loaded["played"].connector
    needs = needs_of(connector, [desk.app.checks["played_ticket_closed"]])

    assert [need.fills for need in needs] == ["who is asking", "played.project", "played.ticket"]


def test_a_connector_that_there_is_not_is_refused(desk: Desk) -> None:
    """With the names of those that there are."""
    compare("cli/catalogue/a-connector-that-there-is-not-is-refused", desk.says("permissions", "azur", code=2))


def test_the_limits_of_the_real_checks_can_be_shown(desk: Desk) -> None:
    """Whatever type a limit has, the page and the document can write it."""
    shape = checks_view(desk.app)

    assert {limit.in_force for check in shape.checks for limit in check.limits} == {"90d", "2", "1"}


@pytest.mark.parametrize("module", ["plugged_flat", "plugged_package", "plugged_package.settings"])
def test_a_connector_of_somebody_else_may_have_its_settings_in_any_module(
    monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    """Its settings may stand in a module of one file, in the package itself, or in a module of the package."""
    package = ModuleType("plugged_package")
    package.__path__ = []
    monkeypatch.setitem(sys.modules, "plugged_package", package)
    monkeypatch.setitem(sys.modules, "plugged_flat", ModuleType("plugged_flat"))
    settings = type("Settings", (Struct,), {"__module__": module})

    assert _document("plugged", settings, {}) is None


def test_levels_are_named_as_the_connectors_name_them() -> None:
    """A finding about a whole account reads (account), and no connector is loaded for that word."""
    assert {name: loading.connector(name).connector.levels for name in loading.builtin()} == LEVELS
    assert resource_name("aws_iam_root_mfa_enabled", ("111122223333",), "") == "(account)"
    assert resource_name("github_repo_private", ("acme", "shop"), "-") == "(repository)"
    assert resource_name("played_member_mfa", ("acme",), "ann") == "ann"
    assert resource_name("played_member_mfa", ("acme",), "") == "(acme)"
