"""Detectors: a canary planted anywhere, in any disguise, is found; what is harmless stays as it is."""

from __future__ import annotations

import base64
import json
import random
import re
import string
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.canonical import encode
from collector.core.detectors import NOT_LOOKED_AT, find_secrets, suspect
from collector.core.redaction import Redactor
from tests.core.tokens import CORES, DISGUISES, KEY, TOKENS, written


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("token", TOKENS)
def test_a_token_is_found_in_any_disguise(token: str, disguise: str) -> None:
    """A field that nobody declared, in a shape that somebody knows."""
    hidden = DISGUISES[disguise](TOKENS[token])
    kept = written({"Description": hidden, "list": ["x", {"deep": hidden}]})

    assert CORES[token] not in kept
    assert DISGUISES[disguise](CORES[token]) not in kept
    assert "[redacted " in kept
    for run in re.findall(r"[A-Za-z0-9+/_-]{24,}={0,2}", kept):
        assert CORES[token].encode() not in base64.urlsafe_b64decode(run.rstrip("=") + "==" * 2)


@pytest.mark.parametrize("disguise", ["url-encoded", "base64"])
def test_one_secret_that_is_seen_does_not_hide_another(disguise: str) -> None:
    """A text with a plain key and an encoded password loses both."""
    both = f"{TOKENS['aws access key']} {DISGUISES[disguise](TOKENS['assignment'])}"
    kept = written({"note": both, "json": json.dumps([TOKENS["aws access key"], "line\n" + TOKENS["assignment"]])})

    assert "tr0ub4dor" not in kept
    assert TOKENS["aws access key"] not in kept


HARMLESS = [
    "arn:aws:iam::111122223333:role/aws-service-role/access-analyzer.amazonaws.com/AWSServiceRoleForAccessAnalyzer",
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf",
    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "AROAIOSFODNN7EXAMPLEX",
    "AIDAIOSFODNN7EXAMPLEX",
    "i-0123456789abcdef0",
    "123e4567-e89b-12d3-a456-426614174000",
    "/subscriptions/123e4567-e89b-12d3-a456-426614174000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v",
    "projects/acme/serviceAccounts/annexd@acme.iam.gserviceaccount.com",
    "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
    "secretsmanager:GetSecretValue",
    "The password must be changed every 90 days",
    "Require a token for metadata",
    "aws:SecureTransport",
    "dGhpcyBpcyBvbmx5IGEgc2VudGVuY2UgYW5kIG5vdGhpbmcgZWxzZQ==",
    "100% of 5%20discount",
    json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["iam:PassRole", "secretsmanager:GetSecretValue", "sts:AssumeRole"],
                    "Resource": "arn:aws:secretsmanager:*:*:secret:*",
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true", "kms:ViaService": "s3.*"}},
                }
            ],
        }
    ),
]


@pytest.mark.parametrize("text", HARMLESS, ids=range(len(HARMLESS)))
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    """Evidence that is blacked out proves nothing: policies, names and digests are what checks read."""
    assert written({"Arn": text, "note": [text]}) == encode({"Arn": text, "note": [text]}).decode()


@given(st.text())
def test_a_text_is_never_too_odd_to_be_looked_at(text: str) -> None:
    """Neither for the detectors nor for the record."""
    cleaned = Redactor(KEY).text(text)

    assert cleaned.encode().decode() == cleaned
    assert Redactor(KEY).text(cleaned) == cleaned


@given(st.sampled_from(sorted(TOKENS)), st.sampled_from(sorted(DISGUISES)), st.text(" .,;", max_size=4))
def test_looking_twice_finds_nothing_new(token: str, disguise: str, around: str) -> None:
    """A message passes more than one place that cleans it."""
    once = Redactor(KEY).text(around + DISGUISES[disguise](TOKENS[token]) + around)

    assert Redactor(KEY).text(once) == once


@given(st.text(string.printable, max_size=60))
def test_what_the_quick_look_passes_holds_no_secret(text: str) -> None:
    """The quick look is for speed; it must not decide."""
    if find_secrets(text):
        assert suspect(text)


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("disguise", DISGUISES)
def test_the_quick_look_passes_no_secret(token: str, disguise: str) -> None:
    """The same, for what is certainly one."""
    assert suspect(DISGUISES[disguise](TOKENS[token]))


def test_stretches_are_in_order_and_apart() -> None:
    """They are cut out one after the other."""
    text = f"{TOKENS['github']} x {TOKENS['url']} y {DISGUISES['base64'](TOKENS['assignment'])} {TOKENS['slack']}"
    found = find_secrets(text)

    assert [span.kind for span in found] == ["github-token", "url-password", "encoded", "slack-token"]
    assert all(span.end <= next_span.start for span, next_span in pairwise(found))


HOSTILE = {
    "underscores": "_" * 200_000,
    "letters": "a" * 200_000,
    "beginnings of tokens": "eyJaaaaaaaa-" * 20_000,
    "beginnings of keys": "-----BEGIN " * 20_000,
    "quotes": "\"'" * 100_000,
    "brackets": "[" * 200_000,
    "percent signs": "%25" * 60_000,
    "addresses": "://a:" * 40_000,
    "assignments": "password=" * 20_000,
    "backslashes": "{" + "\\" * 200_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_text_made_to_hang_us_does_not(text: str) -> None:
    """Whoever may write a description must not be able to stop the collection; a hang is stopped by the test runner."""
    assert Redactor(KEY).text(text) is not None


def test_a_bomb_is_unpacked_no_further_than_it_must() -> None:
    """A kilobyte that unpacks to a gigabyte stays a kilobyte."""
    secret = TOKENS["assignment"].encode()
    near, far = (base64.b64encode(zlib.compress(b"a " * length + secret)).decode() for length in (50_000, 5_000_000))

    assert [span.kind for span in find_secrets(near)] == ["encoded"]
    # Past the bound nobody looks, and what nobody looked at is not passed through.
    assert find_secrets(far) == [(0, len(far), NOT_LOOKED_AT)]


def test_random_bytes_are_no_secret() -> None:
    """Digests and ids are everywhere in evidence, and most of them are long."""
    source = random.Random(7)
    runs = [base64.b64encode(source.randbytes(48)).decode() for _ in range(2_000)]

    assert [run for run in runs if find_secrets(run)] == []
