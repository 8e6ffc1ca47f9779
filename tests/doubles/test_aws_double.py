"""The AWS double keeps to AWS's wire formats, words and refusals: what is proved on it must hold on AWS."""

from __future__ import annotations

import csv
import io
import logging
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from moto.iam.models import iam_backends

from collector.demo.aws.answers import _HANDLERS
from collector.demo.aws.credential_report import RootUser
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.wire import NotInTheModel, answer, model, refusal
from collector.demo.in_process import Application, Environ, StartResponse
from tests.doubles.aws import Login, fresh_account, limited, refused_with

_TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'


def test_every_answer_of_its_own_is_one_that_the_sdk_knows() -> None:
    """A handler under a misspelt operation would never be reached, and moto's error page would come instead."""
    unknown = [
        (service, operation) for service, operation in _HANDLERS if operation not in model(service).operation_names
    ]

    assert unknown == []


@pytest.mark.parametrize(
    ("result", "complaint"),
    [
        ({"PostCode": "1"}, "has no member PostCode"),
        ({"FullName": 7}, "is a string"),
        ("Acme", "is a structure"),
    ],
)
def test_an_answer_that_aws_could_not_give_is_not_written(result: object, complaint: str) -> None:
    """A connector that reads made-up fields would pass here and fail on AWS."""
    with pytest.raises(NotInTheModel, match=complaint):
        answer("account", "GetContactInformation", {"ContactInformation": result})


def test_a_word_that_is_not_in_the_models_list_is_not_written() -> None:
    """States are compared with exact words, so the double must not make up one."""
    with pytest.raises(NotInTheModel, match="is one of"):
        answer("ec2", "GetSnapshotBlockPublicAccessState", {"State": "blocked"})


@pytest.mark.parametrize("service", ["iam", "ec2", "s3", "organizations", "account", "s3control"])
def test_an_error_says_its_code_in_every_envelope(service: str) -> None:
    """The SDK decides by the code whether to retry, so it must be found in each protocol's own place."""
    written = refusal(service, "Throttling", "a < b", status=400)

    assert b"Throttling" in written.body
    assert written.status == 400


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "member"),
    [
        ("account", "get_contact_information", {}, "ContactInformation"),
        ("config", "describe_compliance_by_config_rule", {}, "ComplianceByConfigRules"),
        ("ec2", "get_snapshot_block_public_access_state", {}, "State"),
        ("ec2", "get_image_block_public_access_state", {}, "ImageBlockPublicAccessState"),
        ("ec2", "get_serial_console_access_status", {}, "SerialConsoleAccessEnabled"),
        ("ec2", "get_allowed_images_settings", {}, "State"),
        ("ec2", "get_instance_metadata_defaults", {}, "AccountLevel"),
        ("ec2", "describe_vpc_block_public_access_options", {}, "VpcBlockPublicAccessOptions"),
        ("iam", "get_account_summary", {}, "SummaryMap"),
    ],
)
def test_what_moto_lacks_is_answered(
    aws: AwsDouble, service: str, operation: str, arguments: dict[str, str], member: str
) -> None:
    """Without these the demo would show gaps that are the double's own."""
    account = fresh_account()
    aws.world.account(account).contact = {"FullName": "Acme", "CountryCode": "DE"}

    assert member in getattr(aws.client(service, account), operation)(**arguments)


def test_only_the_regions_in_use_are_enabled(aws: AwsDouble) -> None:
    """A scan goes where the region list says, by either of the two calls that give one."""
    account = fresh_account()
    wanted = ["ENABLED", "ENABLED_BY_DEFAULT"]

    listed = aws.client("account", account).list_regions(RegionOptStatusContains=wanted)["Regions"]
    described = aws.client("ec2", account).describe_regions()["Regions"]
    pages_of_all = list(aws.client("account", account).get_paginator("list_regions").paginate())

    assert [region["RegionName"] for region in listed] == [region["RegionName"] for region in described]
    assert tuple(region["RegionName"] for region in listed) == aws.world.regions
    assert len(pages_of_all) > 1


def test_accounts_are_apart(aws: AwsDouble) -> None:
    """What one account holds must never be counted for another."""
    account, other = fresh_account(), fresh_account()
    aws.client("iam", account).create_user(UserName="alice")
    block = {"BlockPublicAcls": True}
    aws.client("s3control", account).put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=block)

    assert aws.client("iam", other).list_users()["Users"] == []
    absent = refused_with(aws.client("s3control", other).get_public_access_block, AccountId=other)
    assert absent == ("NoSuchPublicAccessBlockConfiguration", 404)


def test_a_second_life_starts_empty(aws: AwsDouble) -> None:
    """What an earlier test left would make the next one pass or fail by chance."""
    account = fresh_account()
    aws.client("iam", account).create_user(UserName="alice")
    aws.enforce()

    aws.reset()

    assert aws.client("iam", account).list_users()["Users"] == []
    assert not aws.enforced


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "action", "refused"),
    [
        ("iam", "list_users", {}, "iam:ListUsers", ("AccessDenied", 403)),
        ("ec2", "describe_vpcs", {}, "ec2:DescribeVpcs", ("UnauthorizedOperation", 403)),
        ("s3", "list_buckets", {}, "s3:ListAllMyBuckets", ("AccessDenied", 403)),
        ("s3", "get_bucket_encryption", {"Bucket": "b"}, "s3:GetEncryptionConfiguration", ("AccessDenied", 403)),
        ("s3", "get_public_access_block", {"Bucket": "b"}, "s3:GetBucketPublicAccessBlock", ("AccessDenied", 403)),
        ("organizations", "list_accounts", {}, "organizations:ListAccounts", ("AccessDeniedException", 400)),
        ("config", "describe_config_rules", {}, "config:Describe*", ("AccessDeniedException", 400)),
        ("cloudtrail", "describe_trails", {}, "cloudtrail:DescribeTrails", ("AccessDeniedException", 400)),
        ("account", "list_regions", {}, "account:ListRegions", ("AccessDeniedException", 403)),
    ],
)
def test_a_denied_action_is_refused_as_its_service_refuses(
    aws: AwsDouble, service: str, operation: str, arguments: dict[str, str], action: str, refused: tuple[str, int]
) -> None:
    """Each service has its own word for a refusal, and a connector that misses one calls a refusal something else."""
    login = limited(aws, fresh_account(), action)

    assert refused_with(getattr(login.client(service), operation), **arguments) == refused


def test_a_denied_account_setting_of_s3_isrefused_with(aws: AwsDouble) -> None:
    """S3 Control takes the account in its host name, which no loopback resolves."""
    account = fresh_account()
    login = limited(aws, account, "s3:GetAccountPublicAccessBlock")

    assert refused_with(login.client("s3control").get_public_access_block, AccountId=account) == ("AccessDenied", 403)


def test_one_denied_action_takes_nothing_else_away(aws: AwsDouble) -> None:
    """A sweep over permissions takes one away at a time, and everything else must stay as it was."""
    login = limited(aws, fresh_account(), "iam:ListUsers")

    assert login.client("iam").list_groups()["Groups"] == []
    assert login.client("ec2").describe_volumes()["Volumes"] == []


def test_a_call_that_no_policy_allows_isrefused_with(aws: AwsDouble) -> None:
    """What was never granted is as closed as what was denied."""
    account = fresh_account()
    iam = aws.client("iam", account)
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    aws.enforce()
    login = Login(aws.url, key["AccessKeyId"], key["SecretAccessKey"])

    assert refused_with(login.client("iam").list_users) == ("AccessDenied", 403)
    assert login.client("sts").get_caller_identity()["Arn"].endswith(":user/nobody")


@pytest.mark.parametrize(
    ("service", "operation", "refused"),
    [
        ("sts", "get_caller_identity", ("InvalidClientTokenId", 403)),
        ("ec2", "describe_vpcs", ("AuthFailure", 401)),
        ("s3", "list_buckets", ("InvalidAccessKeyId", 403)),
        ("config", "describe_config_rules", ("UnrecognizedClientException", 400)),
    ],
)
def test_an_unknown_key_is_told_from_a_refusal(
    aws: AwsDouble, service: str, operation: str, refused: tuple[str, int]
) -> None:
    """A wrong key is mended elsewhere than a missing permission, and AWS says which it is."""
    aws.enforce()

    assert refused_with(getattr(Login(aws.url, "AKIANOBODY", "x").client(service), operation)) == refused


@pytest.mark.parametrize(("external_id", "allowed"), [("right", True), ("wrong", False), (None, False)])
def test_a_role_with_an_external_id_opens_only_with_it(
    aws: AwsDouble, external_id: str | None, *, allowed: bool
) -> None:
    """A source may be configured with an external id, and it has to be passed on."""
    account = fresh_account()
    condition = '"Condition":{"StringEquals":{"sts:ExternalId":"right"}}'
    trust = _TRUST.replace('"Action"', f'{condition},"Action"')
    arn = aws.client("iam", account).create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    login = limited(aws, fresh_account())
    more = {} if external_id is None else {"ExternalId": external_id}

    if allowed:
        assert login.enter(arn, **more).client("sts").get_caller_identity()["Account"] == account
    else:
        assert refused_with(login.enter, role_arn=arn, **more) == ("AccessDenied", 403)


def test_a_role_that_does_not_exist_is_refused_like_one_that_does_not_trust(aws: AwsDouble) -> None:
    """AWS does not tell the two apart, so no message of ours may either."""
    login = limited(aws, fresh_account())

    assert refused_with(login.enter, role_arn=f"arn:aws:iam::{fresh_account()}:role/gone") == ("AccessDenied", 403)


def _report(double: AwsDouble, account: str) -> list[dict[str, str]]:
    iam = double.client("iam", account)
    iam.generate_credential_report()
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    return list(csv.DictReader(io.StringIO(iam.get_credential_report()["Content"].decode())))


def test_the_credential_report_has_its_root_row_and_agrees_with_the_summary(aws: AwsDouble) -> None:
    """The root user is judged from both, and moto has neither."""
    account, created = fresh_account(), datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    root = RootUser(created, mfa=True, last_used_at=created + timedelta(days=1), key_created_at=created)
    aws.world.account(account).root = root

    (row,) = _report(aws, account)
    summary = aws.client("iam", account).get_account_summary()["SummaryMap"]

    assert row["user"] == "<root_account>"
    assert row["arn"] == f"arn:aws:iam::{account}:root"
    assert row["mfa_active"] == "true"
    assert row["password_last_used"] == "2020-01-03T03:04:05+00:00"
    assert row["access_key_1_active"] == "true"
    assert (summary["AccountMFAEnabled"], summary["AccountAccessKeysPresent"]) == (1, 1)


def test_the_credential_report_says_na_where_aws_does(aws: AwsDouble) -> None:
    """A user without a password has N/A in its columns on AWS, and not_supported only the root user."""
    account = fresh_account()
    aws.client("iam", account).create_user(UserName="machine")

    (row,) = _report(aws, account)

    assert row["password_enabled"] == "false"
    assert {row["password_last_used"], row["password_last_changed"], row["access_key_1_last_rotated"]} == {"N/A"}


def test_a_report_that_nobody_asked_for_is_not_there(aws: AwsDouble) -> None:
    """A connector has to ask for the report and wait, and forgetting it must show."""
    assert refused_with(aws.client("iam", fresh_account()).get_credential_report) == ("ReportNotPresent", 410)


def test_a_simulation_follows_the_same_rules_as_the_refusals(aws: AwsDouble) -> None:
    """That annexd may only read is shown by a simulation, so it must be as true as the double's own refusals."""
    account = fresh_account()
    limited(aws, account, "s3:Get*")
    arn = f"arn:aws:iam::{account}:role/limited"
    actions = ["s3:GetObject", "s3:PutObject"]

    results = aws.client("iam", account).simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions)

    decided = {result["EvalActionName"]: result["EvalDecision"] for result in results["EvaluationResults"]}
    assert decided == {"s3:GetObject": "explicitDeny", "s3:PutObject": "allowed"}


def test_the_process_is_left_as_it_was(aws: AwsDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """The double runs inside annexd, where other code logs and reads the environment too."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "true")
    logging.getLogger("moto").setLevel(logging.WARNING)

    with AwsDouble() as double:
        inside = (os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"], logging.getLogger("moto").level)
        images = double.client("ec2", fresh_account()).describe_images()["Images"]
    aws.reset()  # the two doubles share what moto holds, and whoever built something in the first must see that

    assert inside == ("false", logging.CRITICAL + 1)
    assert images == []
    assert os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] == "true"
    assert logging.getLogger("moto").level == logging.WARNING


def test_there_is_no_address_before_it_runs() -> None:
    """An address that nobody listens at would be a timeout somewhere else."""
    with pytest.raises(RuntimeError, match="with statement"):
        _ = AwsDouble().url


def test_two_doubles_do_not_share_a_name() -> None:
    """The one would answer for the other."""
    with (
        AwsDouble(host="twice.invalid"),
        pytest.raises(RuntimeError, match="answered already"),
        AwsDouble(host="twice.invalid"),
    ):
        pass


def test_answers_and_what_is_made_are_dated_by_its_clock(aws: AwsDouble) -> None:
    """A year of history is made in a minute; nothing in it may be of today. Only credentials end by the machine's."""
    moment = datetime(2026, 2, 1, 6, tzinfo=UTC)
    account = fresh_account()
    with AwsDouble(now=lambda: moment) as double:
        iam, s3 = double.client("iam", account), double.client("s3", account)
        s3.create_bucket(Bucket="dated")
        made = [
            iam.create_user(UserName="somebody")["User"]["CreateDate"],
            s3.list_buckets()["Buckets"][0]["CreationDate"],
        ]
        date_header = iam.list_users()["ResponseMetadata"]["HTTPHeaders"]["date"]
        role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=_TRUST)["Role"]["Arn"]
        given = double.client("sts", account).assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    aws.reset()  # as above

    assert made == [moment, moment]
    assert date_header == "Sun, 01 Feb 2026 06:00:00 GMT"
    assert given["Expiration"] > datetime.now(UTC)


def test_kept_answers_are_those_of_now(aws: AwsDouble) -> None:
    """A read that is answered from memory must not outlive what it tells of, nor be given to another identity."""
    account, other = fresh_account(), fresh_account()
    with AwsDouble(keeps_answers=True) as double:
        login, stranger = limited(double, account), limited(double, other)
        asked: list[str] = []

        def counting(moto: Application) -> Application:
            def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
                asked.append(environ["PATH_INFO"])
                return moto(environ, start_response)

            return answer

        def users(of: Login) -> list[str]:
            return [user["UserName"] for user in of.client("iam").list_users()["Users"]]

        with double.wrapped(counting):
            twice = (users(login), users(login), len(asked))
            double.client("iam", account).create_user(UserName="somebody")
            written = (users(login), users(stranger))
            iam_backends[account]["aws"].users.clear()
            past = users(login)
            double.forget_answers("iam")
            forgotten = users(login)
    aws.reset()  # as above

    assert twice == ([], [], 1)
    assert written == (["somebody"], [])
    assert (past, forgotten) == (["somebody"], [])
