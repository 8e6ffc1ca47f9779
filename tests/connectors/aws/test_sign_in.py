"""Which account is entered how, and that each service is asked where it is."""

from __future__ import annotations

from traceback import format_exception

import pytest

from collector.core.errors import ConnectorError, Denied
from collector.core.secrets import Secret
from connectors.aws._sdk.client import Account, connect
from connectors.aws._sdk.settings import Settings
from tests.connectors.aws.played import Played, Reply, assumed, identified, json_reply, xml_error
from tests.connectors.aws.wires import CountingWire

OWN, OTHER = "111122223333", "222233334444"
ROLE = f"arn:aws:iam::{OWN}:role/annexd"
WORD = "made-up-external-id-4711"
ORGANIZATION = json_reply({"Organization": {"Id": "o-1"}})


def describe(account: Account) -> None:
    """Any call will do."""
    account.call("organizations", "DescribeOrganization")


def test_another_account_is_entered_from_the_first_role(played: Played, wire: CountingWire) -> None:
    """Each account trusts the one role of the source, and not whatever machine annexd runs on."""
    played.plays(assumed("ASIAFIRST"), assumed("ASIASECOND"), ORGANIZATION)
    settings = Settings(role=ROLE, accounts="organization", endpoint_url=played.url)

    describe(connect(settings, (OTHER,), wire))

    first, second, last = (headers["authorization"] for _, _, headers in played.asked)
    assert [call.params.get("RoleArn") for call in wire.sent[:2]] == [ROLE, f"arn:aws:iam::{OTHER}:role/annexd"]
    assert "AKIAEXAMPLE" in first
    assert "ASIAFIRST" in second
    assert "ASIASECOND" in last


def test_one_sign_in_serves_every_scope(played: Played, wire: CountingWire) -> None:
    """Seventeen regions of an account are not seventeen roles assumed."""
    played.plays(assumed("ASIAFIRST"), assumed("ASIASECOND"), ORGANIZATION)
    settings = Settings(role=ROLE, accounts="organization", endpoint_url=played.url)
    scopes = [(OTHER,), (OTHER, "eu-west-1"), (OTHER, "eu-central-1"), (OWN,)]
    accounts = [connect(settings, scope, wire) for scope in scopes]

    for account in accounts:
        describe(account)

    assert wire.operations == ["sts:AssumeRole"] * 2 + ["organizations:DescribeOrganization"] * 4


def test_a_session_that_ends_is_renewed_on_the_way(played: Played, wire: CountingWire) -> None:
    """A long scan outlasts its first session; the renewal is made while a request is signed, and counts as itself."""
    played.plays(assumed("ASIAFIRST", until="2001-01-01T00:00:00Z"), assumed("ASIASECOND"), ORGANIZATION)
    account = connect(Settings(role=ROLE, endpoint_url=played.url), (OWN,), wire)

    describe(account)

    assert wire.operations == ["sts:AssumeRole", "sts:AssumeRole", "organizations:DescribeOrganization"]
    assert [call.operation for call, _ in wire.received] == wire.operations
    assert "ASIASECOND" in played.asked[2][2]["authorization"]


def test_the_first_account_is_not_entered_again(played: Played, wire: CountingWire) -> None:
    """A role that is already worn need not exist a second time in its own account."""
    played.plays(identified(OWN), ORGANIZATION)
    settings = Settings(role_name="annexd", accounts="organization", endpoint_url=played.url)

    describe(connect(settings, (OWN,), wire))

    assert wire.operations == ["sts:GetCallerIdentity", "organizations:DescribeOrganization"]
    assert [call.aside for call in wire.sent] == [True, False]


def test_signing_in_is_no_page_of_the_list_that_it_is_for(played: Played, wire: CountingWire) -> None:
    """The accounts of an organization would be listed in as many pages as roles were assumed."""
    played.plays(assumed("ASIAFIRST"), assumed("ASIASECOND"), identified(OTHER))
    account = connect(Settings(role=ROLE, accounts="organization", endpoint_url=played.url), (OTHER,), wire)

    account.identity()

    assert [(call.operation, call.aside) for call in wire.sent] == [
        ("sts:AssumeRole", True),
        ("sts:AssumeRole", True),
        ("sts:GetCallerIdentity", False),
    ]


def test_an_account_without_a_way_in_says_what_to_set(played: Played, wire: CountingWire) -> None:
    """The account's own credentials must not be taken for another's."""
    played.plays(identified(OWN), ORGANIZATION)
    settings = Settings(accounts=(OTHER,), endpoint_url=played.url)

    with pytest.raises(Denied, match=OTHER) as denied:
        describe(connect(settings, (OTHER,), wire))

    assert "role_name" in denied.value.mend


def test_no_credentials_at_all_is_said_at_once(
    played: Played, wire: CountingWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent that AWS could only refuse."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")

    with pytest.raises(Denied, match="no AWS credentials"):
        describe(connect(Settings(endpoint_url=played.url), (OWN,), wire))

    assert played.asked == []


def test_a_passing_fault_of_a_sign_in_is_not_kept(played: Played, wire: CountingWire) -> None:
    """A refusal is remembered; a server that was down for a minute is asked again."""
    played.plays(xml_error("ValidationError", 400), assumed("ASIAFIRST"), ORGANIZATION)
    account = connect(Settings(role=ROLE, endpoint_url=played.url), (OWN,), wire)
    with pytest.raises(Exception, match="ValidationError"):
        describe(account)

    describe(account)

    assert wire.operations[-1] == "organizations:DescribeOrganization"


@pytest.mark.parametrize(("code", "status"), [("ValidationError", 400), ("AccessDenied", 403)])
def test_an_external_id_is_not_in_what_a_refusal_says(
    played: Played, wire: CountingWire, code: str, status: int
) -> None:
    """STS quotes the value that it does not like, at whatever place in its text; half of it is too much as well."""
    quoted = "x" * 175 + f" Value '{WORD}' at 'externalId' failed; given was {WORD}"
    played.plays(xml_error(code, status, quoted))
    account = connect(
        Settings(role=ROLE, external_id=Secret("a test", lambda: WORD), endpoint_url=played.url), (OWN,), wire
    )

    for _ in range(2):
        with pytest.raises(ConnectorError, match=code) as refused:
            describe(account)

        assert WORD[:8] not in "".join(format_exception(refused.value))
        assert refused.value.__context__ is None or WORD not in str(refused.value.__context__)
    assert WORD.encode() in played.asked[0][1]
    assert WORD not in str(wire.sent) + str(wire.received)


def test_a_bucket_is_asked_about_in_its_own_region(played: Played, wire: CountingWire) -> None:
    """Each request to another region would cost a redirect."""
    played.plays(Reply(200, b"<VersioningConfiguration/>", {"Content-Type": "application/xml"}))
    account = connect(Settings(endpoint_url=played.url), (OWN,), wire)

    account.call("s3", "GetBucketVersioning", region="eu-central-1", Bucket="acme-files")

    path, _, headers = played.asked[0]
    assert path.startswith("/acme-files")
    assert "/eu-central-1/s3/" in headers["authorization"]


def test_the_account_does_not_stand_before_the_host_of_a_double(played: Played, wire: CountingWire) -> None:
    """The name 111122223333.127.0.0.1 leads nowhere; what is signed is what is sent."""
    block = b"<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>"
    played.plays(Reply(200, block, {"Content-Type": "application/xml"}))
    account = connect(Settings(endpoint_url=played.url), (OWN,), wire)

    answer = account.call("s3control", "GetPublicAccessBlock", AccountId=OWN)

    assert answer == {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
    assert played.asked[0][2]["host"].startswith("127.0.0.1")
    assert played.asked[0][2]["x-amz-account-id"] == OWN
