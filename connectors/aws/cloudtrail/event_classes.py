"""Classes of security events by the CIS AWS Foundations Benchmark, with what CloudTrail writes of each event.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html and
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.aws.logs.filter_patterns import ANY_ADDRESS

_CHANGES: Mapping[str, tuple[str, str]] = {
    "iam_change": (
        "iam",
        (
            "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy"
            " CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy"
            " AttachUserPolicy DetachUserPolicy AttachGroupPolicy DetachGroupPolicy"
        ),
    ),
    "trail_change": ("cloudtrail", "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"),
    "sg_change": (
        "ec2",
        (
            "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress"
            " RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup"
        ),
    ),
    "kms_disable": ("kms", "DisableKey ScheduleKeyDeletion"),
    "org_change": (
        "organizations",
        (
            "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake"
            " DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType"
            " InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy"
            " UpdateOrganizationalUnit"
        ),
    ),
    "config_change": (
        "config",
        "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder",
    ),
    "bucket_policy_change": (
        "s3",
        (
            "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy"
            " DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication"
        ),
    ),
    "nacl_change": (
        "ec2",
        (
            "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry"
            " ReplaceNetworkAclAssociation"
        ),
    ),
    "gateway_change": (
        "ec2",
        (
            "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway"
            " DeleteInternetGateway DetachInternetGateway"
        ),
    ),
    "route_change": (
        "ec2",
        (
            "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute"
            " DisassociateRouteTable"
        ),
    ),
    "vpc_change": (
        "ec2",
        (
            "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection"
            " DeleteVpcPeeringConnection RejectVpcPeeringConnection"
        ),
    ),
}
_REFUSED = (
    ("ec2", "RunInstances", "Client.UnauthorizedOperation", False),
    ("iam", "CreateUser", "AccessDenied", False),
    ("iam", "ListUsers", "AccessDenied", True),
    ("kms", "DisableKey", "AccessDeniedException", False),
)
_SIGN_IN = {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn"}
_BY_ROOT = {"userIdentity.type": "Root", "userIdentity.invokedBy": None, "errorCode": None}
# A filter that takes only what some of them do leaves out the others.
_WHO = ({"userIdentity.type": "AssumedRole"}, {"userIdentity.type": "Root"})
_API = "AWS API Call via CloudTrail"
_CONSOLE = "AWS Console Sign In via CloudTrail"

CLASSES = ("root_use", "console_no_mfa", "unauthorised_calls", "console_failure", *_CHANGES)
"""The names of the classes."""


@dataclass(frozen=True)
class SecurityEvent:
    """An event of a class: the fields of its record that decide, None for those that it does not have."""

    fields: Mapping[str, str | None]
    is_read: bool = False

    @property
    def source(self) -> str:
        """The service that it is of, such as `iam.amazonaws.com`."""
        return str(self.fields["eventSource"])

    @property
    def name(self) -> str:
        """What was called."""
        return str(self.fields["eventName"])

    @property
    def on_the_bus(self) -> Mapping[str, str]:
        """What EventBridge gets of it, by dotted path."""
        is_sign_in = self.fields["eventType"] == _SIGN_IN["eventType"]
        details = {f"detail.{path}": value for path, value in self.fields.items() if value not in (None, ANY_ADDRESS)}
        source = f"aws.{self.source.partition('.')[0]}"
        return {"source": source, "detail-type": _CONSOLE if is_sign_in else _API, **details}


def events_of(event_class: str) -> Iterator[SecurityEvent]:
    """Yield events of a class; an alarm for the class is one that each of them sets off."""
    match event_class:
        case "root_use":
            yield SecurityEvent(
                {
                    **_SIGN_IN,
                    **_BY_ROOT,
                    "responseElements.ConsoleLogin": "Success",
                    "additionalEventData.MFAUsed": "Yes",
                }
            )
            yield SecurityEvent({**_call("iam", "CreateAccessKey"), **_BY_ROOT})
            yield SecurityEvent({**_call("s3", "ListBuckets"), **_BY_ROOT}, is_read=True)
        case "console_no_mfa":
            fields = {"userIdentity.type": "IAMUser", "additionalEventData.MFAUsed": "No", "errorMessage": None}
            yield SecurityEvent({**_SIGN_IN, **fields, "responseElements.ConsoleLogin": "Success"})
        case "console_failure":
            fields = {"userIdentity.type": "IAMUser", "errorMessage": "Failed authentication"}
            yield SecurityEvent({**_SIGN_IN, **fields, "responseElements.ConsoleLogin": "Failure"})
        case "unauthorised_calls":
            for service, name, code, is_read in _REFUSED:
                fields = {"errorCode": code, "sourceIPAddress": ANY_ADDRESS}
                for who in _WHO:
                    yield SecurityEvent({**_call(service, name), **who, **fields}, is_read=is_read)
        case _:
            service, names = _CHANGES[event_class]
            for name in names.split():
                for who in _WHO:
                    yield SecurityEvent({**_call(service, name), **who, "errorCode": None, "errorMessage": None})


def _call(service: str, name: str) -> dict[str, str | None]:
    return {"eventSource": f"{service}.amazonaws.com", "eventName": name, "eventType": "AwsApiCall"}
