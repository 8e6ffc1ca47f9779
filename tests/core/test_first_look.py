"""The first look at a body says that there is nothing to redact only where redaction would take nothing."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collector.core import encodings
from collector.core.canonical import NotCanonicalError, encode
from collector.core.detectors import suspect
from collector.core.encodings import has_bytes
from collector.core.first_look import FirstLook
from collector.core.redaction import Redactor
from collector.core.token_shapes import has_token_run
from tests.core.planted import everything
from tests.core.tokens import KEY, TOKENS

PLANTED = everything()
AROUND = {"Arn": "arn:aws:iam::111122223333:role/app", "Tags": [{"Key": "team", "Value": "web"}], "Size": 3, "On": True}


class _Blind(FirstLook):
    def finds_nothing(self, body: Any) -> bool:
        del body
        return False


class WithoutLook(Redactor):
    """A redactor that goes over every body by its rules."""

    def __init__(self, plain: frozenset[str] = frozenset()) -> None:
        super().__init__(KEY, plain=plain)
        self._look = _Blind(plain, None)


def test_no_planted_secret_passes_at_a_place_that_nobody_declared() -> None:
    """Beside what is harmless, in a list or under a key that no view knows: the same is taken as without the look."""
    look, by_rules = FirstLook(frozenset({"Arn", "Size"}), None), WithoutLook()
    redactor = Redactor(KEY)
    for _ in range(3):
        assert look.finds_nothing(AROUND)
    for planted in PLANTED:
        body = {**AROUND, "NobodyKnows": [{"Deep": planted.body}]}

        assert redactor.apply(deepcopy(body)) == by_rules.apply(deepcopy(body)), planted.kind
        assert planted.canary not in json.dumps(redactor.apply(body)), planted.kind
        assert not look.finds_nothing(body), planted.kind
    assert redactor.replaced.total() == by_rules.replaced.total() * 2


texts = st.sampled_from(
    [
        *TOKENS.values(),
        *("password", "Password: hunter2", "--password", "-p", "hunter22", "secure_string", "x:environment", "Secret"),
        *("eu-central-1", "subnet-0123456789abcdef0", "2026-01-01T00:00:00Z", "true", "full", "a, b", "db_password"),
    ]
) | st.text("ab -:=,%5", max_size=9)
keys = st.sampled_from(
    [
        *("Key", "Value", "name", "value", "type", "sensitive", "permissions", "Namespace", "kind", "data", "secret"),
        *("env", "Environment", "headers", "Arn", "note", "DB_PASS", "ParameterKey", "ParameterValue", "x" * 30, ""),
    ]
)
values = st.recursive(
    texts | st.booleans() | st.integers(0, 99999) | st.none() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(keys, values, max_size=4), max_size=5))
@settings(max_examples=50, deadline=None)
def test_what_the_look_passes_stays_as_it_is(bodies: list[dict[str, Any]]) -> None:
    """Whatever it has seen before, and nothing is changed in the body that was listed."""
    plain = frozenset({"DB_PASS", "env"})
    redactor, by_rules = Redactor(KEY, plain=plain), WithoutLook(plain)
    for body in bodies:
        listed = deepcopy(body)

        assert redactor.apply(body) == by_rules.apply(body)
        assert encode(redactor.apply(body)) == encode(by_rules.apply(body))
        assert body == listed
    assert redactor.replaced == by_rules.replaced


@given(st.lists(texts | st.text(max_size=40), min_size=1, max_size=6))
@example(["a: b", "c"])
@example(["00 11 22 33 44 55 66 77 88 99 aa bb", "x"])
def test_texts_together_are_suspect_where_one_of_them_is(some: list[str]) -> None:
    """Only then may all of them be looked at as one."""
    assert suspect(",".join(some)) or not any(map(suspect, some))


@pytest.mark.parametrize("planted", PLANTED[::25], ids=lambda planted: planted.kind)
def test_a_planted_text_is_suspect_among_others(planted: Any) -> None:
    """A secret does not become harmless by its neighbours."""
    for text in texts_of(planted.body):
        assert suspect(f"web,{text},eu-central-1") or not suspect(text)


def texts_of(value: Any) -> list[str]:
    """Return the texts of a body."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts_of(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts_of(inner)]
    return [value] if isinstance(value, str) else []


@given(st.text("aF09_.~+/=- ,:\té", max_size=60) | st.text(max_size=40))
@example("A" * 15)
@example("é" * 15)
def test_a_run_of_token_characters_is_what_the_expression_says(text: str) -> None:
    """Fifteen in a row."""
    assert has_token_run(text) == (re.search(r"[A-Za-z0-9_.~+/=-]{15}", text) is not None)


@given(st.text("aF09,; :-\t\x1c", min_size=30, max_size=60) | st.text(max_size=40))
@example("2026-01-01T00:00:57Z 2026-01-01T00:00:57Z")
@example("65, 101 , 97 , 98 , 99 , 100 , 101 , 102")
@example("aa\u2003bb\u2003cc\u2003" * 5)
def test_bytes_one_by_one_are_what_the_expression_says(text: str) -> None:
    """The quick way to see it leaves out nothing."""
    assert has_bytes(text) == (len(text) >= 32 and encodings._FEW_BYTES.search(text) is not None)


def test_too_deep_a_body_is_left_to_those_who_refuse_it() -> None:
    """Two hundred levels are looked at."""
    body: Any = "x"
    for _ in range(201):
        body = [body]

    assert not FirstLook(frozenset(), None).finds_nothing({"a": body})
    with pytest.raises(NotCanonicalError, match="nested deeper"):
        Redactor(KEY).apply({"a": body})
    assert FirstLook(frozenset(), None).finds_nothing({"a": [[["x"]]]})
