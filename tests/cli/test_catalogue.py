"""`annexd checks`, `connectors` and `permissions`: what the declarations say, before anything was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from collector.cli.terminal.browsing import browsed
from collector.cli.terminal.resource_names import LEVELS, resource_name
from collector.cli.terminal.session import Session
from collector.core.answers import AnswerBasis
from collector.core.roll_out import RollOut
from collector.report.findings.check_views import checks_view
from collector.report.state.call_permissions import needs_of
from collector.setup import loading
from tests.cli.texts import compare
from tests.played.platform import MEMBERS

if TYPE_CHECKING:
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


def test_connectors_say_whose_accounts_are_and_how_sure_their_answers_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever joins people, or weighs what was seen, needs no look at the code."""
    connector = desk.app.loaded["played"].connector
    monkeypatch.setattr(connector, "answers", {MEMBERS: AnswerBasis.RECORDED})
    (shape,) = desk.json("connectors")["connectors"]

    assert shape["people"] == {
        "played.member": {
            "id": None,
            "name": "login",
            "mail": "email",
            "subject": None,
            "account": None,
            "account_by": None,
            "account_words": None,
            "last_use": ["last_active"],
        }
    }
    assert shape["answers"] == {call: "recorded" if call == MEMBERS else "described" for call in connector.calls()}
    assert len(shape["answers"]) == 8
    assert "1 recorded, 7 described" in desk.says("connectors")


def test_a_connector_of_others_is_listed_before_it_has_a_source_and_not_run(
    desk: Desk, offered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has just installed one looks here whether annexd finds it; code of others runs where a source names it."""
    points = "other = others_connector\n"
    (offered / "entry_points.txt").write_text(f"[annexd.connectors]\nplayed = tests.played.plugged\n{points}")
    (tmp_path / "others_connector.py").write_text("raise AssertionError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    shown = {connector["name"]: connector for connector in desk.json("connectors")["connectors"]}

    assert (shown["other"]["installed"], shown["other"]["sources"]) == (True, [])
    assert (shown["other"]["distribution"], shown["other"]["checks"]) == ("annexd-played 1.2", None)
    assert "annexd-played 1.2; not loaded" in desk.says("connectors")


def covered(desk: Desk, monkeypatch: pytest.MonkeyPatch, text: str) -> dict[str, Any]:
    """The checks of the played connector by id, with a coverage file of this text."""
    file = desk.app.config.file.path.with_name("coverage.toml")
    file.write_text(text)
    monkeypatch.setattr(desk.app.loaded["played"].connector, "coverage", file)
    return {check["check"]: check for check in desk.json("connectors", "coverage", "played")["checks"]}


def test_coverage_says_of_each_check_what_tests_show_and_what_it_is_linked_to(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What neither a test nor a reason is there for is named."""
    checks = covered(
        desk,
        monkeypatch,
        '[shown]\nplayed_member_mfa = ["unknown", "pass", "fail"]\nplayed_ticket_closed = ["pass"]\n'
        '[never.played_ticket_closed]\nfail = "tickets end by themselves"\n'
        '[unlinked]\nplayed_ticket_closed = "nobody asks for it"\nplayed_member_mfa = "overtaken"\n',
    )
    mfa, ticket, other = (checks[id_] for id_ in ("played_member_mfa", "played_ticket_closed", "played_repo_hooks_tls"))

    assert len(checks) == 9
    assert (mfa["shown"], mfa["missing"], mfa["unlinked"]) == (["pass", "fail", "unknown"], [], None)
    assert mfa["links"] == [{"framework": "played:1", "control": "1.1", "strength": "direct"}]
    assert (ticket["shown"], ticket["missing"]) == (["pass"], ["unknown"])
    assert (ticket["never"], ticket["unlinked"]) == ({"fail": "tickets end by themselves"}, "nobody asks for it")
    assert other["missing"] == ["pass", "fail", "unknown", "link"]
    compare("cli/catalogue/coverage-of-checks", desk.says("connectors", "coverage", "played"))


def test_a_connector_that_does_not_say_what_its_tests_show_is_not_taken_for_one_that_does(desk: Desk) -> None:
    """An author who says nothing has shown nothing."""
    shape = desk.json("connectors", "coverage", "played")

    assert shape["stated"] is False
    assert all({"pass", "fail", "unknown"} <= set(check["missing"]) for check in shape["checks"])
    assert "does not say" in desk.says("connectors", "coverage", "played")


def test_coverage_of_a_connector_that_there_is_not_is_refused(desk: Desk) -> None:
    """As for permissions."""
    assert "there is no 'azur'" in desk.says("connectors", "coverage", "azur", code=2)


def test_a_coverage_file_that_cannot_be_read_is_an_error(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not an empty table."""
    monkeypatch.setattr(desk.app.loaded["played"].connector, "coverage", Path("none.toml"))

    assert "none.toml: the coverage of checks cannot be read" in desk.says("connectors", "coverage", "played", code=3)


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


def test_a_platform_with_a_form_of_its_own_gets_that(desk: Desk) -> None:
    """An IAM policy is pasted as it is."""
    connector = desk.app.loaded["played"].connector
    connector.permissions_document = lambda granted: "\n".join(
        f"grant {'+'.join(sorted(granted[name]))}" for name in granted
    )

    assert "grant played.repo protection" in desk.says("permissions", "played").splitlines()
    assert len(desk.json("permissions", "played")["document"].splitlines()) == 7


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


def test_what_makes_the_access_is_printed_whole_or_one_form_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form goes into a file as it is printed; the others would spoil it."""

    def write(wanted: RollOut) -> dict[str, str]:
        given = f"{wanted.everywhere} {wanted.at_source} {wanted.organization}"
        return {"role": f"{given}\n  indented", "terraform": "module"}

    connector = desk.app.loaded["played"].connector
    monkeypatch.setattr(connector, "roll_out", write)
    every = desk.json("permissions", "played", "--organization")["forms"]
    text = desk.says("permissions", "played", "--organization")

    assert list(every) == ["role", "terraform"]
    assert all(f"--form {name}" in text for name in every)
    assert every["role"].startswith("('hooks:read', 'members:read', ")
    assert " () True\n" in every["role"]
    assert desk.says("permissions", "played", "--organization", "--form", "role") == every["role"] + "\n"
    assert " False\n" in desk.says("permissions", "played", "--form", "role")
    assert desk.json("permissions", "played")["forms"] == {}
    assert "terraform" in desk.says("permissions", "played", "--form", "terrafrom", code=2)


def test_where_a_platform_has_no_such_forms_that_is_said(desk: Desk) -> None:
    """An empty page would look as if nothing had to be granted."""
    assert "annexd permissions played" in desk.says("permissions", "played", "--organization", code=2)


def test_the_limits_of_the_real_checks_can_be_shown(desk: Desk) -> None:
    """Whatever type a limit has, the page and the document can write it."""
    shape = checks_view(desk.app)

    assert {limit.in_force for check in shape.checks for limit in check.limits} == {"90d", "2", "1"}


def test_levels_are_named_as_the_connectors_name_them() -> None:
    """A finding about a whole account reads (account), and no connector is loaded for that word."""
    connectors = [loading.connector(name).connector for name in loading.builtin()]

    assert {
        prefix.rstrip("_"): connector.levels for connector in connectors for prefix in connector.check_prefixes
    } == LEVELS
    assert resource_name("aws_iam_root_mfa_enabled", ("111122223333",), "") == "(account)"
    assert resource_name("github_repo_private", ("acme", "shop"), "-") == "(repository)"
    assert resource_name("played_member_mfa", ("acme",), "ann") == "ann"
    assert resource_name("played_member_mfa", ("acme",), "") == "(acme)"
