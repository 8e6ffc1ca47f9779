"""The role in the forms in which AWS takes it: within IAM's limits, with nothing left out and no secret in it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import create_loader
from botocore.model import ServiceModel

from collector.core.errors import ConfigError
from collector.core.roll_out import RollOut
from collector.core.secrets import Secret
from collector.demo.aws.double import AwsDouble
from collector.setup.loading import connector
from connectors.aws._sdk.roll_out.cloudformation import MAX_TEMPLATE_BYTES
from connectors.aws._sdk.roll_out.forms import forms
from connectors.aws._sdk.roll_out.policies import MAX_POLICIES, length, role_policies
from connectors.aws._sdk.settings import Settings
from connectors.aws.permissions import DATA_ACTIONS, MAX_POLICY_LENGTH
from tests.doubles.aws import fresh_account

ROLE = "arn:aws:iam::111122223333:role/audit/annexd"
READS = ("iam:ListUsers", "s3:ListBuckets")
LISTS = ("organizations:ListAccounts",)


def the(settings: Settings | None = None, *, organization: bool = True, everywhere: Iterable[str] = READS) -> Any:
    """Return the forms for some settings."""
    wanted = RollOut(settings=settings, everywhere=tuple(everywhere), at_source=LISTS, organization=organization)
    return forms(wanted)


def settings(**but: Any) -> Settings:
    """A source with an external id, of an organization."""
    usual = {"role": ROLE, "accounts": "organization", "external_id": Secret("ID", lambda: "the-secret-id")}
    return Settings(**{**usual, **but})


def allowed(role: Mapping[str, Any]) -> dict[str, Any]:
    """What the policies of a role allow, by action."""
    found: dict[str, Any] = {}
    for policy in role["ManagedPolicies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            found |= {action: statement["Resource"] for action in actions if statement["Effect"] == "Allow"}
    return found


@pytest.mark.parametrize("number", [0, 1, 2, 150, 400, 1000])
def test_policies_are_as_long_as_iam_takes_them(number: int) -> None:
    """None may be lost at the seam between two, and data stays denied however many there are."""
    actions = [f"service{item:04}:DescribeSomethingLong" for item in range(number)]

    policies = role_policies(actions)
    reads = [policy for policy in policies if policy.name.startswith("reads-")]

    listed = [action for policy in reads for action in policy.document["Statement"][0]["Action"]]
    assert listed == actions
    assert all(length(policy.document) <= MAX_POLICY_LENGTH for policy in policies)
    assert policies[-1].document["Statement"][0]["Effect"] == "Deny"
    assert policies[-1].document["Statement"][0]["Action"] == list(DATA_ACTIONS)
    assert len({policy.name for policy in policies}) == len(policies)
    # As few as they can be: two neighbours together would be too long.
    for one, other in pairwise(reads):
        first = other.document["Statement"][0]["Action"][0]
        grown = json.loads(json.dumps(one.document))
        grown["Statement"][0]["Action"].append(first)
        assert length(grown) > MAX_POLICY_LENGTH


def test_more_policies_than_a_role_takes_are_refused_and_not_cut() -> None:
    """The last ones would be refused by IAM, after the role was made."""
    many = [f"service{item:05}:DescribeSomethingLong" for item in range(3000)]

    with pytest.raises(ConfigError, match=str(MAX_POLICIES)):
        role_policies(many)


def test_the_first_role_enters_the_others_and_only_it_lists_the_organization() -> None:
    """What is asked of the organization is asked once; a right to it in each account is one too many."""
    made = the(settings(role_name="reader"))
    first, member = json.loads(made["first-role"]), json.loads(made["role"])

    assert allowed(first) == {
        **dict.fromkeys((*READS, *LISTS), "*"),
        "sts:AssumeRole": "arn:aws:iam::*:role/reader",
    }
    assert allowed(member) == dict.fromkeys(READS, "*")
    assert (first["Path"], first["RoleName"]) == ("/audit/", "annexd")
    assert (member["Path"], member["RoleName"]) == ("/", "reader")
    assert member["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": ROLE}


@pytest.mark.parametrize(("source", "asks"), [(None, True), (settings(), True), (settings(external_id=None), False)])
def test_the_trust_asks_for_an_external_id_where_the_source_sends_one(source: Settings | None, asks: bool) -> None:
    """A role that asks for what is not sent keeps annexd out."""
    for organization in (True, False):
        made = the(source, organization=organization)
        (statement,) = json.loads(made["role"])["AssumeRolePolicyDocument"]["Statement"]

        assert ("Condition" in statement) is asks
        assert ("ExternalId" in json.loads(made["cloudformation"])["Parameters"]) is asks
        assert ("external_id" in made["terraform"]) is asks
        assert ("ExternalId" in made["commands"]) is asks


def test_the_external_id_itself_is_nowhere() -> None:
    """What is printed is pasted into tickets and repositories."""
    assert not [name for name, text in the(settings()).items() if "the-secret-id" in text]


def test_one_account_has_no_stack_set() -> None:
    """There is one role then, with all that is read, and nobody is entered from it."""
    made = the(settings(accounts=None), organization=False)

    assert list(made) == ["role", "cloudformation", "commands", "terraform"]
    assert allowed(json.loads(made["role"])) == dict.fromkeys((*READS, *LISTS), "*")
    assert "stack-set" not in made["commands"]
    assert "stack_set" not in made["terraform"]


def everything() -> tuple[str, ...]:
    """All permissions that the connector declares."""
    aws = connector("aws").connector
    declared = [collection.permissions for collection in aws.collections.values()]
    declared += [part.permissions for parts in aws.parts.values() for part in parts]
    return tuple(sorted({permission for permissions in declared for permission in permissions}))


@pytest.mark.parametrize("name", ["cloudformation", "first-cloudformation"])
def test_a_template_is_whole(name: str) -> None:
    """Each reference is to something in it, each policy is attached, and a command takes it without a bucket."""
    text = the(settings(), everywhere=everything())[name]
    template = json.loads(text)
    resources = template["Resources"]
    role = resources["Role"]["Properties"]
    references = set(re.findall(r'"Ref": "(\w+)"', json.dumps(template)))

    assert len(text.encode()) <= MAX_TEMPLATE_BYTES
    assert references == {*template["Parameters"], *resources} - {"Role"}
    assert {one["Ref"] for one in role["ManagedPolicyArns"]} == set(resources) - {"Role"}
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,255}", one) for one in resources)
    assert {one["Type"] for one in resources.values()} == {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}
    assert template["Parameters"]["ExternalId"]["NoEcho"] is True
    assert len(role["ManagedPolicyArns"]) <= MAX_POLICIES
    documents = [resources[one]["Properties"]["PolicyDocument"] for one in resources if one != "Role"]
    assert all(length(document) <= MAX_POLICY_LENGTH for document in documents)


def test_iam_takes_the_role(aws: AwsDouble) -> None:
    """As moto checks policies: a role that cannot be made is found before somebody tries."""
    account = fresh_account()
    iam = aws.client("iam", account)
    role = json.loads(the(None, everywhere=everything())["role"].replace("ARN-OF-WHAT-ANNEXD-RUNS-AS", ROLE))

    iam.create_role(
        RoleName=role["RoleName"],
        Path=role["Path"],
        AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"]),
    )
    for policy in role["ManagedPolicies"]:
        made = iam.create_policy(PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(policy["PolicyDocument"]))
        iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=made["Policy"]["Arn"])

    attached = iam.list_attached_role_policies(RoleName="annexd")["AttachedPolicies"]
    assert len(attached) == len(role["ManagedPolicies"])


COMMANDS = sorted(
    {
        line.partition("=$(")[2].removesuffix(")") or line
        for made in (the(settings()), the(None), the(settings(accounts=None), organization=False))
        for line in made["commands"].splitlines()
        if "aws " in line and not line.startswith(("#", "annexd"))
    }
)


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_is_one_that_there_is(line: str) -> None:
    """By the models that the AWS CLI is made of; `deploy` is the CLI's own, and makes and executes a change set."""
    _, service, command, *words = shlex.split(line)
    model = ServiceModel(create_loader().load_service_model(service, "service-2"), service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    options = {word.removeprefix("--") for word in words if word.startswith("--")} - {"region", "query", "output"}
    if command == "deploy":
        own = {"stack-name", "template-file", "capabilities", "parameter-overrides"}
        assert options == own
        return
    shape = model.operation_model(operations[command]).input_shape
    members = {} if shape is None else {xform_name(name, "-"): name for name in shape.members}
    required = set() if shape is None else {xform_name(name, "-") for name in shape.required_members}

    assert options <= set(members)
    assert required <= options


def test_the_stack_set_reaches_accounts_to_come_and_leaves_the_first_role_alone() -> None:
    """A role of the same name is in that account already, and the stack would fail there each time."""
    commands = the(settings())["commands"]
    terraform = the(settings())["terraform"]

    assert "--permission-model SERVICE_MANAGED" in commands
    assert "--auto-deployment Enabled=true" in commands
    assert "Accounts=111122223333,AccountFilterType=DIFFERENCE" in commands
    assert 'permission_model = "SERVICE_MANAGED"' in terraform
    assert re.search(r"auto_deployment \{\s+enabled +=\s+true", terraform)
    assert re.search(r'accounts += \["111122223333"\]\s+account_filter_type += "DIFFERENCE"', terraform)


def test_terraform_makes_the_same_policies() -> None:
    """Each document is JSON, which Terraform's expressions include; nothing but the variables is filled in."""
    made = the(settings(), everywhere=everything())
    found = re.findall(r"jsonencode\((\{.*?\n  \})\)", made["terraform"], re.DOTALL)
    documents = [json.loads(text) for text in found]
    first = json.loads(made["first-role"])

    assert documents[1:-1] == [policy["PolicyDocument"] for policy in first["ManagedPolicies"]]
    assert documents[-1] == json.loads(made["cloudformation"])
    assert set(re.findall(r"\$\{.*?\}", made["terraform"])) == {"${var.external_id}", "${var.trusted}"}
    names = re.findall(r'^resource "aws_iam_policy" "(\w+)"', made["terraform"], re.MULTILINE)
    assert re.findall(r"policy_arn = aws_iam_policy\.(\w+)\.arn", made["terraform"]) == names
    assert len(names) == len(first["ManagedPolicies"])
