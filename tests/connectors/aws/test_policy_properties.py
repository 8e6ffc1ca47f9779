"""What must hold for every policy: a Deny never opens, less is never more, and spelling does not matter."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.aws._policy.context import Request
from connectors.aws._policy.evaluator import Effect, Outcome, effect
from connectors.aws._policy.requests import anonymous, holder, service_for_strangers, strangers
from connectors.aws._policy.statements import read_policy
from tests.connectors.aws.policy_strategies import FIXED, requests, statements
from tests.connectors.aws.test_policies import DOCUMENTS

POLICIES = st.lists(statements(), min_size=1, max_size=3)


def outcome(made: list[dict[str, Any]], request: Request, version: str = "2012-10-17") -> Outcome:
    """The effect of a policy of these statements."""
    return effect([read_policy({"Version": version, "Statement": made})], request).outcome


@given(POLICIES, statements("Deny"), requests(), st.integers(0, 3))
def test_adding_a_denial_never_opens(
    made: list[dict[str, Any]], denial: dict[str, Any], request: Request, place: int
) -> None:
    """Whatever it is about, and wherever it stands."""
    more = [*made[:place], denial, *made[place:]]

    assert outcome(more, request) <= outcome(made, request)


@given(POLICIES, requests(), st.data())
def test_dropping_a_condition_of_an_allow_never_closes(
    made: list[dict[str, Any]], request: Request, data: st.DataObject
) -> None:
    """A condition can only take away."""
    allowing = [item for item in made if item["Effect"] == "Allow" and item.get("Condition")]
    if not allowing:
        return
    dropped = copy.deepcopy(made)
    statement = dropped[made.index(data.draw(st.sampled_from(allowing)))]
    del statement["Condition"][data.draw(st.sampled_from(sorted(statement["Condition"])))]

    assert outcome(dropped, request) >= outcome(made, request)


@given(POLICIES, requests(), st.data())
def test_narrowing_an_allow_never_opens(made: list[dict[str, Any]], request: Request, data: st.DataObject) -> None:
    """Fewer actions or resources allow less."""
    narrowed = copy.deepcopy(made)
    for statement in narrowed:
        if statement["Effect"] == "Allow":
            for element in ("Action", "Resource"):
                if (
                    isinstance(statement.get(element), list)
                    and len(statement[element]) > 1
                    and data.draw(st.booleans())
                ):
                    statement[element].pop()

    assert outcome(narrowed, request) <= outcome(made, request)


@given(POLICIES, requests(), st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(
    made: list[dict[str, Any]], request: Request, order: random.Random
) -> None:
    """AWS reads them all."""
    shuffled = list(made)
    order.shuffle(shuffled)

    assert outcome(shuffled, request) is outcome(made, request)


@given(POLICIES, requests())
def test_a_policy_means_the_same_however_it_is_written(made: list[dict[str, Any]], request: Request) -> None:
    """One text or a list of one, letters of actions, operators and keys, true or "true", one policy or several."""
    again = copy.deepcopy(made)
    for statement in again:
        for element in ("Action", "NotAction", "Resource", "NotResource"):
            if isinstance(statement.get(element), str):
                statement[element] = [statement[element]]
        for element in ("Action", "NotAction"):
            if element in statement:
                statement[element] = [text.upper() for text in statement[element]]
        statement["Condition"] = {
            operator.upper(): {
                key.swapcase(): [_plain(one) for one in (value if isinstance(value, list) else [value])]
                for key, value in keys.items()
            }
            for operator, keys in statement.get("Condition", {}).items()
        }

    expected = outcome(made, request)
    assert outcome(again, request) is expected
    assert effect([read_policy(json.dumps({"Version": "2012-10-17", "Statement": again}))], request).outcome is expected
    assert (
        effect([read_policy({"Version": "2012-10-17", "Statement": [one]}) for one in made], request).outcome
        is expected
    )


def _plain(value: str) -> bool | str:
    return {"true": True, "false": False}.get(value, value)


@given(POLICIES, POLICIES, requests())
def test_a_limit_never_opens(made: list[dict[str, Any]], limit: list[dict[str, Any]], request: Request) -> None:
    """A boundary takes away; one that allows all changes nothing."""
    policies = [read_policy({"Version": "2012-10-17", "Statement": made})]
    boundary = [read_policy({"Version": "2012-10-17", "Statement": limit})]
    whole = [read_policy({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}})]

    assert effect(policies, request, [boundary]).outcome <= effect(policies, request).outcome
    if request.caller.kind != "federated":
        assert effect(policies, request, [whole]).outcome is effect(policies, request).outcome


@given(POLICIES, requests(FIXED))
def test_what_is_wholly_known_is_decided_unless_aws_does_not_say(made: list[dict[str, Any]], request: Request) -> None:
    """Undecided is for what is not known; here that can only be an operator, a value or a principal."""
    result = effect([read_policy({"Version": "2012-10-17", "Statement": made})], request)

    text = json.dumps(made)
    if result.outcome is Outcome.UNDECIDED:
        assert result.open_questions
        assert any(
            word in text for word in ("StringSomething", "Numeric", "Ip", "Bool", "Null", "ForAny", "${", "Canonical")
        ) or (request.caller.kind == "federated" or "NotPrincipal" in text or _compares_with_no_arn(made))


def _compares_with_no_arn(made: list[dict[str, Any]]) -> bool:
    """Whether an operator for ARNs is given a value that is none: AWS does not say what it makes of that."""
    blocks = [statement["Condition"] for statement in made if "Condition" in statement]
    asked = [given for block in blocks for operator, given in block.items() if "Arn" in operator]
    values = [value for given in asked for value in given.values()]
    texts = [text for value in values for text in (value if isinstance(value, list) else [value])]
    return any(not (isinstance(text, str) and text.startswith("arn:") and text.count(":") >= 5) for text in texts)


@given(DOCUMENTS, requests())
def test_no_document_breaks_the_evaluator(document: Any, request: Request) -> None:
    """A policy comes from anyone who may write one, and what is not understood is never taken for closed."""
    policy = read_policy(document)
    askers = [
        anonymous(),
        *strangers([policy]),
        *service_for_strangers("logs.amazonaws.com", [policy]),
        holder("111122223333"),
    ]
    results: list[Effect] = [effect([policy], asker.asks("s3:GetObject", "arn:aws:s3:::files/a")) for asker in askers]
    results.append(effect([policy], request, [[policy]]))

    for result in results:
        assert result.outcome is Outcome.DOES_NOT or result.by or result.open_questions
        if any(unread.may_allow for unread in policy.unread):
            assert result.outcome is not Outcome.DOES_NOT or any(not one.allows for one in policy.statements)
