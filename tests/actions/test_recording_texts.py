"""Texts of a recording: the format stays, the same becomes the same, and nothing real is left."""

from __future__ import annotations

import base64
import json
import re
from random import Random
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.actions.recording.bodies import Cleaner
from collector.actions.recording.inventions import INVENTED, Inventions
from collector.actions.recording.texts import Texts
from collector.setup.loading import connector

WORD = r"(?:[a-z]{2}){3,5}x"


def cleaner(operation: str = "iam:ListUsers", platform: str = "aws", rules: frozenset[str] = frozenset()) -> Cleaner:
    """Return a cleaner of a new recording."""
    inventions = Inventions(Random(7))
    published = connector(platform).connector.published(operation)
    return Cleaner(Texts(inventions, frozenset()), inventions, published, rules)


@pytest.mark.parametrize(
    ("text", "key", "becomes"),
    [
        ("acme-logs", "UserName", rf"{WORD}-{WORD}"),
        ("anna.meier@acme.example", "UserName", rf"{WORD}\.{WORD}@{WORD}\.{WORD}"),
        ("111122223333", "Account", r"[1-9]\d{11}"),
        ("arn:aws:iam::111122223333:user/anna", "Arn", rf"arn:aws:iam::[1-9]\d{{11}}:user/{WORD}"),
        ("arn:aws:s3:::acme/*", "Resource", rf"arn:aws:s3:::{WORD}/\*"),
        ("arn:aws:iam::aws:policy/AdministratorAccess", "Arn", "arn:aws:iam::aws:policy/AdministratorAccess"),
        ("2f1c9a52-0d3e-4f6b-9d1e-111122223333", "Id", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("10.1.2.3", "Ip", r"(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+"),
        ("10.1.0.0/16", "Ip", r"\d+\.\d+\.0\.0/16"),
        ("0.0.0.0/0", "CidrIp", "0.0.0.0/0"),
        ("2a02:8108::17", "Ip", r"2001:db8:.*"),
        ("2026-03-01T10:00:00Z", "CreateDate", "2026-03-01T10:00:00Z"),
        ("443", "Port", "443"),
        ("ec2.amazonaws.com", "Service", r"ec2\.amazonaws\.com"),
        ("s3:GetObject", "Action", "s3:GetObject"),
        ("acme:DoIt", "Action", rf"{WORD}:{WORD.replace('[a-z]{2}', '[A-Za-z]{2}')}"),
        ("hunter2", "Password", rf"secret-{WORD}"),
        ("AKIA" + "IOSFODNN7EXAMPLE", "Note", rf"secret-{WORD}"),
        ("Allow", "Effect", "Allow"),
        ("Allow", "UserName", "[A-Z][a-z]+x"),
    ],
)
def test_a_text_keeps_its_format(text: str, key: str, becomes: str) -> None:
    """A connector has to be able to read it, and a constant is one only where the platform says so."""
    cleaned = cleaner().text(text, key)

    assert re.fullmatch(becomes, cleaned), cleaned
    assert (cleaned == text) == (becomes.replace("\\", "") == text)


def test_the_same_name_becomes_the_same_wherever_it_stands() -> None:
    """Otherwise a policy would name no bucket of the recording."""
    clean = cleaner()
    name = clean.text("acme-logs", "Name")
    policy = {"Statement": [{"Effect": "Allow", "Resource": "arn:aws:s3:::acme-logs/*"}]}
    made = unquote(clean.text(quote(json.dumps(policy)), "PolicyDocument"))
    inside = base64.b64decode(clean.text(base64.b64encode(b"for acme-logs and more").decode(), "Content")).decode()

    assert json.loads(made)["Statement"][0] == {"Effect": "Allow", "Resource": f"arn:aws:s3:::{name}/*"}
    assert name in inside


def test_what_a_connector_declares_keeps_nothing() -> None:
    """Not even what would be the platform's word elsewhere, or a short number."""
    declared: Any = cleaner(rules=frozenset({"Effect"})).json({"Effect": ["Allow", "2026-03-01", 12345, True]})

    assert declared["Effect"][0] != "Allow"
    assert "2026" not in declared["Effect"][1]
    assert declared["Effect"][2:] == [0, True]


def test_the_value_of_a_tag_keeps_nothing_and_a_secret_one_becomes_one_word() -> None:
    """A cost centre is a short number, and a tag may be called as a secret is."""
    made: Any = cleaner().json({"Tags": [{"Key": "cost", "Value": "4711"}, {"Key": "db_password", "Value": "a b"}]})

    assert made["Tags"][0]["Value"] != "4711"
    assert re.fullmatch(rf"secret-{WORD}", made["Tags"][1]["Value"])


@given(st.text(min_size=1, max_size=40))
def test_of_any_word_nothing_is_left(text: str) -> None:
    """Each run of letters of two or more is an invented word afterwards."""
    cleaned = cleaner().text(f"x {text} y", "Description")

    left = [
        word for word in re.findall(r"[^\W_]{2,}", cleaned) if not INVENTED.fullmatch(word) and not word.isdecimal()
    ]
    assert [word for word in left if not re.fullmatch(r"[0-9a-fA-F]{8,}", word)] == []
