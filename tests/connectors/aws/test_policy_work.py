"""How much work a policy makes: about as much as it is long, and never more than a bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.aws._policy import conditions
from connectors.aws._policy.evaluator import Outcome, most_open
from connectors.aws._policy.patterns import matches
from connectors.aws._policy.requests import anonymous
from connectors.aws._policy.statements import read_policy
from connectors.aws._policy.work import Work
from connectors.aws.iam.checks.role_trust import external_trust_has_external_id
from connectors.aws.organizations.external_accounts import Access, TrustedAccounts
from tests.connectors.aws.builders import FAIL, OWN, a_role, an_organization, document, not_seen, the_accounts

BUCKET = "arn:aws:s3:::files"
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"{BUCKET}/*"}


def numbers(count: int) -> list[str]:
    """So many account numbers."""
    return [str(100_000_000_000 + number) for number in range(count)]


def steps_for_accounts(count: int) -> int:
    """The steps of a policy that names so many accounts."""
    policy = read_policy(document({**ALLOW, "Principal": {"AWS": numbers(count)}}))
    access = Access([policy], ["s3:GetObject", "s3:PutObject"], [BUCKET, f"{BUCKET}/a"])
    external = TrustedAccounts(OWN, an_organization(), the_accounts(), ()).strangers(access)
    assert len(external.accounts) == count
    return access.work.most - access.work.left


def steps(statements: list[dict[str, Any]]) -> tuple[Outcome, int]:
    """The outcome for whoever does not sign, and the steps it took."""
    work = Work()
    found = most_open(
        [read_policy(document(*statements))], anonymous().asks("", None), ["s3:GetObject"], [BUCKET], work=work
    )
    return found.outcome, work.most - work.left


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often a condition was evaluated and not remembered."""
    count = [0]
    evaluate = conditions._holds

    def counting(*asked: Any) -> Any:
        count[0] += 1
        return evaluate(*asked)

    monkeypatch.setattr(conditions, "_holds", counting)
    return lambda: count[0]


def test_twice_the_accounts_are_twice_the_work() -> None:
    """And not four times."""
    assert steps_for_accounts(400) <= 2.1 * steps_for_accounts(200)


def test_a_trust_policy_of_1300_accounts_is_decided() -> None:
    """Its accounts are external, and nothing of it is left open."""
    role = a_role({"Effect": "Allow", "Principal": {"AWS": numbers(1300)}, "Action": "sts:AssumeRole"})

    assert external_trust_has_external_id(role, an_organization(), the_accounts(), not_seen()).status is FAIL


def test_a_condition_is_evaluated_once_for_each_value(evaluated: Callable[[], int]) -> None:
    """Whatever other keys, actions and resources it is tried with."""
    keys = ("aws:Referer", "aws:UserAgent", "s3:prefix", "s3:VersionId")
    listed = {key: [f"{key}{number}" for number in range(20)] for key in keys}
    policy = read_policy(document({**ALLOW, "Condition": {"StringEquals": listed, "Null": {"s3:prefix": "true"}}}))
    resources = [f"{BUCKET}/{number}" for number in range(50)]

    found = most_open([policy], anonymous().asks("", None), ["s3:GetObject", "s3:PutObject"], resources)

    assert found.outcome is Outcome.DOES_NOT
    # Each of the four keys is absent, "any0" or one of the 20; that of Null may be "true" too, and has two conditions.
    assert evaluated() == 3 * 22 + 2 * 23


def test_what_takes_too_long_is_undecided_and_said_so() -> None:
    """Never closed: whether a request would have been found is not known."""
    work = Work(left=50, most=50)
    denied = {**ALLOW, "Effect": "Deny", "Condition": {"StringLike": {"aws:Referer": [f"*{n}*" for n in range(40)]}}}
    policy = read_policy(document(ALLOW, denied))
    asked = anonymous().asks("", None)

    found = most_open([policy], asked, ["s3:GetObject"], [f"{BUCKET}/a"], work=work)

    assert found.outcome is Outcome.UNDECIDED
    assert "50 steps" in found.question
    assert work.ended
    assert most_open([policy], asked, ["s3:GetObject"], [f"{BUCKET}/a"]).outcome is Outcome.ALLOWS
    again = most_open([read_policy(document())], asked, ["s3:GetObject"], [f"{BUCKET}/a"], work=work)
    assert again.outcome is Outcome.UNDECIDED


def test_accounts_that_were_not_asked_for_are_a_doubt() -> None:
    """Also where all that were asked for are members."""
    members = numbers(30)
    policy = read_policy(document({**ALLOW, "Principal": {"AWS": members}}))
    access = Access([policy], ["s3:GetObject"], [f"{BUCKET}/a"], anonymous=False, work=Work(left=300, most=300))

    external = TrustedAccounts(OWN, an_organization(), the_accounts(*members), ()).strangers(access)

    assert not external.accounts
    assert any("300 steps" in doubt for doubt in external.doubts)


@pytest.mark.parametrize("part", ["a", "a?", "?a", "a?b", "??"])
def test_long_patterns_match_in_time(part: str) -> None:
    """Their length times that of the text would be 400 million letters."""
    text = "a" * 20_000

    assert matches("*" + f"{part}*" * 5_000 + "b", text) is False
    assert matches("*" + part * 5_000 + "b", text) is False
    assert matches("*a?" + "?" * 5_000 + "*", text) is True


def test_variables_of_blanks_are_read_in_time() -> None:
    """A name that is no variable, in a way that a search with three repetitions would try for hours."""
    blank = " " * 3_000
    condition = {"StringEquals": {"aws:Referer": f"${{{blank}x{blank},{blank}x}}"}}

    outcome, _ = steps([{**ALLOW, "Resource": "*", "Condition": condition}])

    assert outcome is Outcome.UNDECIDED
