"""The method statement of a check: of what, by which condition, read from where, and what it does not show."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from collector.engine.judge_once import OnceJudge
from collector.report.findings.method_statement import method_statement
from collector.setup import loading
from collector.setup.app import open_app
from collector.setup.check_reads import CheckReads
from tests.cli.texts import compare
from tests.played.checks import CHECKS
from tests.played.platform import PROTECTION, REPOS

if TYPE_CHECKING:
    from tests.cli.conftest import Desk


def method(desk: Desk, check: str) -> Any:
    """The statement of one check."""
    (shape,) = desk.json("checks", "show", check)["checks"]
    return shape["method"]


def test_each_field_is_told_with_the_call_that_fills_it(desk: Desk) -> None:
    """Fields of the list, then those with a call and a permission of their own."""
    listed, part = method(desk, "played_repo_protected")["reads"]

    assert (listed["fields"], listed["calls"]) == (["name"], [REPOS])
    assert (part["fields"], part["calls"]) == (["protection"], [PROTECTION])
    assert part["permissions"] != listed["permissions"]
    assert part["absent"] != []
    compare("cli/method/of-each-with-a-part", desk.says("checks", "show", "played_repo_protected"))


def test_a_set_says_that_it_needs_the_complete_list(desk: Desk) -> None:
    """One verdict for an organization, of repositories that lie below it."""
    statement = method(desk, "played_org_few_public")

    assert statement["population"][0] == "There is one verdict for every org that a source looks at."
    assert "complete list" in statement["population"][1]
    assert statement["verdicts"] == ["pass", "fail", "unknown"]
    assert any("which projects there are" in why for why in statement["unknown_when"])
    compare("cli/method/of-a-set", desk.says("checks", "show", "played_org_few_public"))


def test_the_verdicts_are_those_that_code_and_engine_can_give(desk: Desk) -> None:
    """Unknown always; no resources where the one by one may have none, or the check says so."""
    assert method(desk, "played_member_mfa")["verdicts"] == ["pass", "fail", "unknown", "not_applicable"]
    assert method(desk, "played_org_two_owners")["verdicts"] == ["pass", "fail", "unknown"]


def test_a_verdict_that_cannot_be_given_is_named_with_the_reason_of_the_connector(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As its coverage says."""
    file = desk.app.config.file.path.with_name("coverage.toml")
    file.write_text('[never.played_ticket_closed]\nfail = "tickets end by themselves"\n')
    monkeypatch.setattr(desk.app.loaded["played"].connector, "coverage", file)
    statement = method(desk, "played_ticket_closed")

    assert "fail" not in statement["verdicts"]
    assert statement["verdict_notes"][0] == "It never says fail: tickets end by themselves."


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", "max_age = 90d: annexd's default; no company rule stated."),
        ('max_age = "30d"', "max_age = 30d: the company's."),
        (
            'max_age = "200d"\nreason = "few"\npolicy_ref = "P-7"',
            "max_age = 200d: the company's, because: few; see P-7.",
        ),
        ('policy_ref = "P-7"', "max_age = 90d: the company's, because: see P-7."),
    ],
)
def test_a_limit_says_whose_it_is(desk: Desk, settings: str, said: str) -> None:
    """The reader need not know what comes with annexd."""
    desk.set(f"[checks.played_member_rotated]\n{settings}\n")

    assert method(desk, "played_member_rotated")["limits"] == [said]


def test_what_it_does_not_show_is_what_the_controls_say(desk: Desk) -> None:
    """By the strength of each link, and never more."""
    direct, time = method(desk, "played_member_mfa")["cannot_show"]
    supporting, _ = method(desk, "played_settings_two_factor")["cannot_show"]
    unlinked, _ = method(desk, "played_ticket_closed")["cannot_show"]

    assert "a fail is an open deviation" in direct
    assert direct.endswith("Other ways in.")
    assert "neither establishes nor fails" in supporting
    assert "linked to no control" in unlinked
    assert "nothing is known" in time


def test_the_list_of_checks_has_no_statements(desk: Desk) -> None:
    """A statement takes the reading of code; the list is asked often."""
    assert {check["method"] for check in desk.json("checks")["checks"]} == {None}


def test_whatever_a_check_touches_is_among_the_fields_that_its_statement_names(scanned: Desk) -> None:
    """The one is seen at run time, the other is read from code: the code must not show less."""
    reading = scanned.reading()
    judge = OnceJudge(reading.store, reading.freshness["code"], reading.at)
    touched = 0
    for current in reading.findings():
        rule = reading.rules[current.id.check]
        if (subject := rule.check.subject) is None:
            judged = judge.set(rule, current.id.scope, touched=True)
        else:
            stored = next(
                stored
                for stored in reading.store.resources(subject.kind.name, source="code", under=current.id.scope)
                if stored.key == current.id.subject
            )
            judged = judge.resource(rule, stored, touched=True)
        assert judged.evaluation.touched is not None
        for need, read in zip(rule.check.needs, judged.evaluation.touched, strict=True):
            keys = {path.split(".")[0].removesuffix("[]") for path in read.fields}
            assert keys <= set(CheckReads(rule.check).fields(need)), rule.check.id
            touched += len(keys)

    assert touched > len(CHECKS)


@pytest.mark.parametrize("name", loading.builtin())
def test_every_check_that_comes_with_annexd_has_a_statement(name: str) -> None:
    """Whole sentences, a call for everything that it reads, and none without what it does not show."""
    app = open_app(Path(os.devnull))
    frameworks = app.frameworks()
    for check in app.loaded[name].checks.values():
        statement = method_statement(app, check, frameworks)
        texts = [
            *statement.population,
            *statement.verdict_notes,
            *statement.unknown_when,
            *statement.limits,
            *statement.cannot_show,
        ]
        assert [text for text in texts if not text.endswith(".")] == [], check.id
        assert statement.reads != [], check.id
        assert all(read.calls for read in statement.reads), check.id
        assert "unknown" in statement.verdicts
        assert len(statement.cannot_show) > 1
