"""The same roles for Terraform, with the AWS provider's own names.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack_set
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.aws._sdk.roll_out.cloudformation import STACK, template
from connectors.aws._sdk.roll_out.plan import Plan, Role
from connectors.aws._sdk.roll_out.policies import trust_policy

_ID, _TRUSTED = "${var.external_id}", "${var.trusted}"


def terraform(plan: Plan) -> str:
    """Return the text of a module. Who enters the first role, or the only one, and the external id are variables."""
    role = plan.first or plan.member
    blocks = [
        _variable("trusted", "The ARN of the user or role that annexd runs as"),
        *([_variable("external_id", "What annexd sends as external_id", sensitive=True)] if plan.asks_for_id else []),
        *_role(role, asks_for_id=plan.asks_for_id),
    ]
    if plan.first is not None:
        blocks += _stack_set(plan)
    return "\n\n".join(blocks)


def _variable(name: str, description: str, *, sensitive: bool = False) -> str:
    lines = [f'variable "{name}" {{', f'  description = "{description}"', "  type        = string"]
    return "\n".join([*lines, *(["  sensitive   = true"] if sensitive else []), "}"])


def _role(role: Role, *, asks_for_id: bool) -> Iterable[str]:
    trust = trust_policy(_TRUSTED, _ID if asks_for_id else None)
    yield "\n".join(
        [
            'resource "aws_iam_role" "annexd" {',
            f'  name               = "{role.name}"',
            f'  path               = "{role.path}"',
            '  description        = "Entered by annexd, which reads configuration"',
            f"  assume_role_policy = jsonencode({_value(trust)})",
            "}",
        ]
    )
    for policy in role.policies:
        name = policy.name.replace("-", "_")
        yield "\n".join(
            [
                f'resource "aws_iam_policy" "annexd_{name}" {{',
                f'  name   = "{role.name}-{policy.name}"',
                f'  path   = "{role.path}"',
                f"  policy = jsonencode({_value(policy.document)})",
                "}",
            ]
        )
        yield "\n".join(
            [
                f'resource "aws_iam_role_policy_attachment" "annexd_{name}" {{',
                "  role       = aws_iam_role.annexd.name",
                f"  policy_arn = aws_iam_policy.annexd_{name}.arn",
                "}",
            ]
        )


def _stack_set(plan: Plan) -> Iterable[str]:
    """Yield the stack set of the role of each account. Without a region its stacks are in that of the provider."""
    body = template(plan.member, asks_for_id=plan.asks_for_id)
    yield 'data "aws_organizations_organization" "this" {}'
    yield "\n".join(
        [
            'resource "aws_cloudformation_stack_set" "annexd" {',
            f'  name             = "{STACK}"',
            '  permission_model = "SERVICE_MANAGED"',
            '  capabilities     = ["CAPABILITY_NAMED_IAM"]',
            "",
            "  parameters = {",
            "    Trusted = aws_iam_role.annexd.arn",
            *(["    ExternalId = var.external_id"] if plan.asks_for_id else []),
            "  }",
            "",
            "  auto_deployment {",
            "    enabled                          = true",
            "    retain_stacks_on_account_removal = false",
            "  }",
            "",
            f"  template_body = jsonencode({_value(body)})",
            "",
            "  lifecycle {",
            "    ignore_changes = [administration_role_arn]",
            "  }",
            "}",
        ]
    )
    filtered = (
        [f'    accounts                = ["{plan.first_account}"]', '    account_filter_type     = "DIFFERENCE"']
        if plan.first_account
        else []
    )
    yield "\n".join(
        [
            'resource "aws_cloudformation_stack_set_instance" "annexd" {',
            "  stack_set_name = aws_cloudformation_stack_set.annexd.name",
            "",
            "  deployment_targets {",
            "    organizational_unit_ids = [data.aws_organizations_organization.this.roots[0].id]",
            *filtered,
            "  }",
            "}",
        ]
    )


def _value(document: Mapping[str, Any]) -> str:
    """Return a document as an expression of Terraform, which takes JSON; only the two variables are templates in it."""
    text = json.dumps(document, indent=2).replace("${", "$${").replace("%{", "%%{")
    for variable in (_ID, _TRUSTED):
        text = text.replace(f"${variable}", variable)
    return text.replace("\n", "\n  ")
