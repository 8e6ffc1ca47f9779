"""Which permissions annexd lacks in each account of an organization, and what mends it."""

from __future__ import annotations

import shlex

import pytest

from collector.actions.entering import Entering, enter
from collector.core.connectors import Lacking
from collector.core.secrets import Secret
from collector.demo.aws.company import PRODUCTION, SANDBOX, STAGING
from collector.engine.clock import SystemClock
from collector.engine.run import Limits
from collector.engine.sources import Source
from collector.setup.loading import connector
from connectors.aws._sdk.roll_out.mending import mend
from connectors.aws._sdk.settings import Settings
from connectors.aws.iam.resources.simulation import as_lacking
from tests.doubles.aws import Acme

ASKED = ("config:DescribeConfigurationRecorders", "iam:GetAccountAuthorizationDetails", "s3:GetBucketPolicyStatus")


@pytest.fixture
def entered(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> Entering:
    """Return what came of entering every account of Acme."""
    company = acme.company
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", company.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", company.secret_access_key)
    settings = Settings(  # a sign-in of its own: one of equal settings may still be there, with keys of another test
        role=company.role_arn, accounts="organization", endpoint_url=company.url, session_name="probe"
    )
    source = Source("production", connector("aws").connector, settings)
    entering = enter(source, ASKED, SystemClock(), Limits())
    assert entering is not None
    return entering


def test_acme_is_told_account_by_account(acme: Acme, entered: Entering) -> None:
    """One account does not let annexd in, in another two permissions are denied, in the others none is lacking."""
    by_account = {one.scope[0]: one for one in entered.scopes}

    assert entered.unlisted == ()
    assert set(by_account) == set(acme.company.accounts)
    assert [account for account, one in by_account.items() if one.closed] == [SANDBOX]
    assert "sts:AssumeRole" in by_account[SANDBOX].why
    assert by_account[PRODUCTION].lacking == ()
    assert {one.permission for one in by_account[STAGING].lacking} == {
        "config:DescribeConfigurationRecorders",
        "s3:GetBucketPolicyStatus",
    }


@pytest.mark.parametrize(
    ("result", "lacking"),
    [
        ({"EvalDecision": "implicitDeny"}, Lacking("a:B", "no policy allows it")),
        ({"EvalDecision": "explicitDeny"}, Lacking("a:B", "a policy denies it")),
        (
            {"EvalDecision": "implicitDeny", "MissingContextValues": ["aws:RequestedRegion"]},
            Lacking("a:B", "whether it is allowed depends on aws:RequestedRegion", certain=False),
        ),
        (
            {"EvalDecision": "implicitDeny", "OrganizationsDecisionDetail": {"AllowedByOrganizations": False}},
            Lacking("a:B", "the organization's policies do not allow it"),
        ),
        (
            {
                "EvalDecision": "implicitDeny",
                "OrganizationsDecisionDetail": {"AllowedByOrganizations": True},
                "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False},
            },
            Lacking("a:B", "the permissions boundary of the role does not allow it"),
        ),
    ],
)
def test_the_simulator_says_why(result: dict[str, object], lacking: Lacking) -> None:
    """A policy of the role mends nothing that the organization denies."""
    assert as_lacking({"EvalActionName": "a:B", **result}) == lacking


def organization(**but: object) -> Settings:
    """A source of an organization."""
    usual = {"role": "arn:aws:iam::111122223333:role/annexd", "accounts": "organization"}
    return Settings(**{**usual, **but})  # type: ignore[arg-type]


def test_accounts_that_cannot_be_entered_get_the_stack() -> None:
    """A few are named; of many the stack set finds out itself where it is not yet."""
    few = shlex.split(mend(organization(), ["222233334444", "333344445555"], ()).replace("(", "").replace(")", ""))
    many = mend(organization(), [f"{number:012}" for number in range(1300)], ())

    assert "OrganizationalUnitIds=$ROOT,Accounts=222233334444,333344445555,AccountFilterType=INTERSECTION" in few
    assert "Accounts=" not in many
    assert "create-stack-instances" in many
    assert len(many) < 700


@pytest.mark.parametrize("external_id", [None, Secret("ID", lambda: "x")])
def test_a_permission_that_is_lacking_is_brought_by_the_template_of_today(external_id: Secret | None) -> None:
    """The parameters keep their values, so that nobody has to look the external id up."""
    text = mend(organization(external_id=external_id), ["222233334444"], ASKED)

    assert "aws cloudformation update-stack-set" in text
    assert ("ParameterKey=ExternalId,UsePreviousValue=true" in text) is (external_id is not None)
    assert "ParameterKey=Trusted,UsePreviousValue=true" in text


def test_without_an_organization_there_is_no_stack_set() -> None:
    """Its administrators may not have one."""
    text = mend(Settings(role="arn:aws:iam::111122223333:role/annexd"), ["111122223333"], ASKED)

    assert "stack-set" not in text
    assert "annexd permissions aws" in text
