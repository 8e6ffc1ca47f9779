"""A role as a CloudFormation template, and the commands that make a stack set of it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html
"""

from __future__ import annotations

import json
from typing import Any

from connectors.aws._sdk.roll_out.plan import Plan, Role
from connectors.aws._sdk.roll_out.policies import trust_policy

MAX_TEMPLATE_BYTES = 51_200
"""Bytes of a template that a command takes as they are; a larger one has to be in S3.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

STACK = "annexd"
MEMBER_FILE, FIRST_FILE = "annexd-role.json", "annexd-first-role.json"

_TRUSTED = {
    "Type": "String",
    "Description": "The ARN of the user or role that enters this role",
    "AllowedPattern": "arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:.+",
}
_EXTERNAL_ID = {
    "Type": "String",
    "Description": "The external id that annexd sends, external_id in its configuration",
    "NoEcho": True,
    "MinLength": 2,
    "MaxLength": 1224,
}


def template(role: Role, *, asks_for_id: bool) -> dict[str, Any]:
    """Return the template of a role with its policies. Who enters it and the external id are parameters."""
    trusted = _TRUSTED if role.trusted is None else {**_TRUSTED, "Default": role.trusted}
    policies = {_logical_id(policy.name): policy for policy in role.policies}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "annexd reads the configuration of this account, and no data",
        "Parameters": {"Trusted": trusted, **({"ExternalId": _EXTERNAL_ID} if asks_for_id else {})},
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": role.name,
                    "Path": role.path,
                    "Description": "Entered by annexd, which reads configuration",
                    "AssumeRolePolicyDocument": trust_policy(
                        {"Ref": "Trusted"}, {"Ref": "ExternalId"} if asks_for_id else None
                    ),
                    "ManagedPolicyArns": [{"Ref": name} for name in policies],
                },
            },
            **{
                name: {
                    "Type": "AWS::IAM::ManagedPolicy",
                    "Properties": {
                        "ManagedPolicyName": f"{role.name}-{policy.name}",
                        "Path": role.path,
                        "PolicyDocument": policy.document,
                    },
                }
                for name, policy in policies.items()
            },
        },
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }


def template_text(role: Role, *, asks_for_id: bool) -> str:
    """Return the template as JSON, indented as far as a command still takes it."""
    body = template(role, asks_for_id=asks_for_id)
    indented = json.dumps(body, indent=2)
    return indented if len(indented.encode()) <= MAX_TEMPLATE_BYTES else json.dumps(body)


def commands(plan: Plan) -> str:
    """Return the commands of the AWS CLI that make the role of one account, or the roles of an organization."""
    write = "annexd permissions aws --form cloudformation"
    if plan.first is None:
        about = "# In the account. TRUSTED is the ARN of what annexd runs as."
        return "\n".join([about, f"{write} > {MEMBER_FILE}", _deploy(plan, MEMBER_FILE)])
    where = plan.first_account or "the account that annexd signs in to"
    first_role = plan.member.trusted or f"arn:{plan.partition}:iam::ACCOUNT:role{plan.first.path}{plan.first.name}"
    lines = [
        f"# 1. In {where}: the role that lists the organization and enters all others.",
        "# TRUSTED is the ARN of what annexd runs as.",
        f"annexd permissions aws --organization --form first-cloudformation > {FIRST_FILE}",
        _deploy(plan, FIRST_FILE),
        "",
        "# 2. In the management account: a stack set that makes the role in each account, and in each to come.",
        f"annexd permissions aws --organization --form cloudformation > {MEMBER_FILE}",
        "aws cloudformation activate-organizations-access",
        _create_stack_set(plan, first_role),
        root_id(),
        create_instances(
            plan.region, f"Accounts={plan.first_account},AccountFilterType=DIFFERENCE" if plan.first_account else ""
        ),
        "",
        "# 3. A stack set leaves out the management account. In it, unless the first role is there already:",
        f"# TRUSTED is {first_role}.",
        _deploy(plan, MEMBER_FILE),
    ]
    return "\n".join(lines)


def root_id() -> str:
    """Return the command that looks up the root of the organization, below which all accounts are."""
    return "ROOT=$(aws organizations list-roots --query 'Roots[0].Id' --output text)"


def create_instances(region: str, accounts: str) -> str:
    """Return the command that puts the stack into all accounts below the root, or those that a filter leaves."""
    filtered = f",{accounts}" if accounts else ""
    return (
        f"aws cloudformation create-stack-instances --stack-set-name {STACK}"
        f' --deployment-targets OrganizationalUnitIds="$ROOT"{filtered} --regions {region}'
        f" --operation-preferences FailureTolerancePercentage=100,MaxConcurrentPercentage=100 --region {region}"
    )


def update_stack_set(region: str, *, asks_for_id: bool) -> str:
    """Return the command that brings the permissions of today into all accounts of the stack set."""
    names = ("Trusted", "ExternalId") if asks_for_id else ("Trusted",)
    kept = " ".join(f"ParameterKey={name},UsePreviousValue=true" for name in names)
    return (
        f"aws cloudformation update-stack-set --stack-set-name {STACK} --template-body file://{MEMBER_FILE}"
        f" --capabilities CAPABILITY_NAMED_IAM --parameters {kept} --region {region}"
    )


def _create_stack_set(plan: Plan, first_role: str) -> str:
    external_id = ' ParameterKey=ExternalId,ParameterValue="$EXTERNAL_ID"' if plan.asks_for_id else ""
    return (
        f"aws cloudformation create-stack-set --stack-set-name {STACK} --template-body file://{MEMBER_FILE}"
        " --permission-model SERVICE_MANAGED --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false"
        " --capabilities CAPABILITY_NAMED_IAM"
        f" --parameters ParameterKey=Trusted,ParameterValue={first_role}{external_id} --region {plan.region}"
    )


def _deploy(plan: Plan, file: str) -> str:
    overrides = 'Trusted="$TRUSTED"' + (' ExternalId="$EXTERNAL_ID"' if plan.asks_for_id else "")
    return (
        f"aws cloudformation deploy --stack-name {STACK if file == MEMBER_FILE else f'{STACK}-first'}"
        f" --template-file {file} --capabilities CAPABILITY_NAMED_IAM --parameter-overrides {overrides}"
        f" --region {plan.region}"
    )


def _logical_id(name: str) -> str:
    """Return the name of a policy as that of a resource in a template: letters and digits."""
    return "".join(part.capitalize() for part in name.split("-"))
