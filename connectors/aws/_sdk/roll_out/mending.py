"""What to run where accounts cannot be entered, or their role lacks a permission."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.aws._sdk.roll_out.cloudformation import MEMBER_FILE, create_instances, root_id, update_stack_set
from connectors.aws._sdk.settings import HOME_REGION, Settings

_NAMED = 20
"""Accounts that a command names; where there are more, the stack set is put into all."""


def mend(settings: Settings, accounts: Sequence[str], permissions: Sequence[str]) -> str:
    """Return the commands for accounts whose role lacks these permissions, or with none, that cannot be entered.

    AWS gives one answer for a role that is not there, that does not trust the caller, or that asks for another external
    id: which one it is, the account's own administrators see.
    """
    region = HOME_REGION[settings.partition]
    if settings.accounts != "organization":
        return "make the role, or make it again: annexd permissions aws --form commands"
    if permissions:
        write = f"annexd permissions aws --organization --form cloudformation > {MEMBER_FILE}"
        return f"{write} && {update_stack_set(region, asks_for_id=settings.external_id is not None)}"
    named = f"Accounts={','.join(accounts)},AccountFilterType=INTERSECTION" if len(accounts) <= _NAMED else ""
    look = f"aws iam get-role --role-name {settings.member_role} --query Role.AssumeRolePolicyDocument"
    return (
        f"in the management account: {root_id()}; {create_instances(region, named)}"
        f" (or where the role is there, see in the account whom it trusts and with which external id: {look})"
    )
