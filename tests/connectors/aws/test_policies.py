"""Policy documents: what they say, and that nothing in them is taken for harmless because it was not understood."""

from __future__ import annotations

import fnmatch
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.checks import Status
from connectors.aws._policy.patterns import matches
from connectors.aws._policy.statements import read_policy
from connectors.aws.iam.checks.principals import no_full_admin
from connectors.aws.iam.checks.role_trust import external_trust_has_external_id, trust_not_public
from connectors.aws.s3.checks.policies import no_cross_account_write, tls_only
from tests.connectors.aws.builders import (
    a_bucket,
    a_policy,
    a_role,
    an_organization,
    document,
    text,
    the_accounts,
    verdict,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
WORDS = st.sampled_from(
    ["Allow", "Deny", "*", "s3:*", "AWS", "arn:aws:iam::999988887777:root", "false", "o-acmeacme00"]
)
VALUES = st.recursive(
    WORDS | JSON,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=2),
    max_leaves=6,
)
ELEMENTS = st.sampled_from(
    ["Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition", "Sid", "Odd"]
)
STATEMENTS = st.dictionaries(ELEMENTS, VALUES, max_size=6)
DOCUMENTS = JSON | st.fixed_dictionaries({"Statement": STATEMENTS | st.lists(STATEMENTS | JSON, max_size=3)})

ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@given(DOCUMENTS)
def test_no_document_breaks_the_reader(given_document: Any) -> None:
    """A policy comes from anyone who may write one."""
    policy = read_policy(given_document)

    assert policy.statements or policy.unclear or given_document == {"Statement": []}


@given(st.text())
def test_no_text_breaks_the_reader(given_text: str) -> None:
    """S3 gives a policy as text."""
    read_policy(given_text)


@given(DOCUMENTS)
def test_what_is_not_understood_never_passes(given_document: Any) -> None:
    """A check that skips what it cannot read says that the rest is all there is."""
    if not read_policy(given_document).unclear:
        return
    role = a_role(AssumeRolePolicyDocument=given_document)
    policy = a_policy(PolicyVersionList=[{"IsDefaultVersion": True, "Document": given_document}])

    verdicts = [
        verdict(trust_not_public, role),
        verdict(external_trust_has_external_id, role, an_organization(), the_accounts()),
        verdict(no_full_admin, policy),
    ]

    assert not {found.status for found in verdicts} & {Status.PASS, Status.NOT_APPLICABLE}


@given(st.text(max_size=60))
def test_a_bucket_policy_that_is_no_policy_never_passes(policy: str) -> None:
    """An answer cut off in the middle is no proof of anything."""
    bucket = a_bucket(Policy=policy)

    assert verdict(tls_only, bucket).status is not Status.PASS
    assert verdict(no_cross_account_write, bucket, an_organization(), the_accounts()).status is not Status.PASS


def test_a_policy_nested_without_end_is_unclear() -> None:
    """A document may be as deep as its author likes; the stack is not."""
    assert read_policy('{"Statement": ' + "[" * 5000 + "]" * 5000 + "}").unclear


@given(st.text("aB*?:", max_size=10), st.text("ab:", max_size=10))
def test_patterns_cover_what_the_grammar_says(pattern: str, name: str) -> None:
    """Checked against the standard library, which has the same two wildcards."""
    assert matches(pattern, name) == (re.match(fnmatch.translate(pattern.lower()), name) is not None)


def test_a_pattern_of_many_stars_takes_no_longer() -> None:
    """Whoever may write a policy must not be able to keep the collector busy."""
    assert not matches("*a" * 200 + "b", "a" * 2000)


@pytest.mark.parametrize(
    ("statement", "unclear"),
    [
        ({"Effect": "allow", "Action": "*", "Resource": "*"}, True),
        ({"Effect": "Allow", "Resource": "*"}, True),
        ({"Effect": "Allow", "Action": "*", "NotAction": "s3:*", "Resource": "*"}, True),
        ({**ALLOW_ALL, "NotResource": "x"}, True),
        ({**ALLOW_ALL, "Principal": {"Robot": "*"}}, True),
        ({**ALLOW_ALL, "Condition": {"Bool": "x"}}, True),
        ({**ALLOW_ALL, "Extra": 1}, True),
        ({**ALLOW_ALL, "Condition": {"Bool": {"aws:SecureTransport": False}}}, False),
        ({**ALLOW_ALL, "Principal": {"AWS": ["1", "2"], "Service": "ec2.amazonaws.com"}}, False),
    ],
)
def test_only_the_grammar_of_aws_is_understood(statement: dict[str, Any], *, unclear: bool) -> None:
    """AWS may add an element that turns a statement round; it must not be read past."""
    assert bool(read_policy(document(statement)).unclear) is unclear
    assert bool(read_policy(text(statement)).unclear) is unclear
