"""The evaluator against AWS's own words: statements whose result a page of AWS's documentation gives."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from connectors.aws._policy.context import ABSENT, Caller, KeyState, Known, Request
from connectors.aws._policy.evaluator import Outcome, effect
from connectors.aws._policy.requests import anonymous, best_effect, service_for_strangers, strangers
from connectors.aws._policy.statements import Policy, read_policy

ORACLE = tomllib.loads(Path(__file__).with_name("policy_oracle.toml").read_text(encoding="utf-8"))
OUTCOMES = {"allows": Outcome.ALLOWS, "does not": Outcome.DOES_NOT, "undecided": Outcome.UNDECIDED}


def _request(case: dict[str, Any]) -> Request:
    given = case.get("caller")
    keys: dict[str, KeyState] = {key.lower(): Known(tuple(values)) for key, values in case.get("keys", {}).items()}
    if given is None:
        caller = Caller("account", "the holder", "111122223333")
    else:
        caller = Caller(given["kind"], "the caller", given.get("account"), given.get("name"))
    arn = (given or {}).get("arn") or (None if caller.account is None else f"arn:aws:iam::{caller.account}:role/any0")
    keys["aws:principalarn"] = ABSENT if arn is None else Known((arn,))
    return Request(caller, case["action"], case["resource"], keys, holder=given is None)


def _policy(case: dict[str, Any], statements: list[dict[str, Any]]) -> Policy:
    version = case.get("version", "2012-10-17")
    return read_policy({**({"Version": version} if version else {}), "Statement": statements})


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case['page']}-{number}") for number, case in enumerate(ORACLE["case"], start=1)]
)
def test_the_effect_that_aws_documents(case: dict[str, Any]) -> None:
    """What annexd says of a policy is only worth as much as it is what AWS does."""
    policy = _policy(case, json.loads(case["statements"]))
    limits = [[_policy(case, group)] for group in json.loads(case.get("limits", "[]"))]

    if case.get("asker") == "everyone":
        askers = [anonymous(), *strangers([policy])]
        found = best_effect([policy], [asker.asks(case["action"], case["resource"]) for asker in askers])
    elif "asker" in case:
        askers = service_for_strangers(case["asker"], [policy])
        found = best_effect([policy], [asker.asks(case["action"], case["resource"]) for asker in askers])
    else:
        found = effect([policy], _request(case), limits)

    assert found.outcome is OUTCOMES[case["expect"]], found


def test_every_statement_names_its_page() -> None:
    """A result without a page is an opinion."""
    assert {case["page"] for case in ORACLE["case"]} == set(ORACLE["pages"])
    assert all(page["url"].startswith("https://docs.aws.amazon.com/") for page in ORACLE["pages"].values())
    assert len(ORACLE["case"]) >= 200
