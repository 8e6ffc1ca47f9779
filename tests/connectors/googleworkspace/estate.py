"""A company at Google Workspace: two of each resource, secrets planted at every path that is redacted."""

from __future__ import annotations

from typing import Any

from tests.connectors.googleworkspace.double import CUSTOMER, Double
from tests.connectors.googleworkspace.shapes import ROOT, a_policy, a_unit, a_user

CANARIES = {
    "a phone of recovery": "+49-canary-1",
    "an address of recovery": "canary-recovery@",
    "an alias": "canary-alias@",
    "another address": "canary-mail@",
    "a phone": "+49-canary-2",
    "a street": "Canary Street",
    "a relation": "canary-relation",
    "a note": "canary-note",
    "a member": "canary-member@",
    "a condition": "canary-condition",
    "a word list": "canary-word",
    "an expression": "canary-expression",
    "a recipient": "canary-recipient@",
    "a listed address": "canary-listed@",
    "a blocked sender": "canary-blocked@",
    "an override": "canary-override@",
}


def furnish(double: Double) -> None:
    """Give the double a company."""
    double.answers |= {
        "directory.users.list": _users(),
        "directory.roles.list": [
            {"kind": "admin#directory#role", "roleId": "901", "roleName": "_SEED_ADMIN_ROLE", "isSuperAdminRole": True, "etag": "e"},
            {"kind": "admin#directory#role", "roleId": "902", "roleName": "Readers"},
        ],
        "directory.roleAssignments.list": [
            {"kind": "k", "roleAssignmentId": "11", "roleId": "901", "assignedTo": "1001", "assigneeType": "user", "etag": "e"},
            {"kind": "k", "roleAssignmentId": "12", "roleId": "902", "assignedTo": "1002", "assigneeType": "user", "etag": "e"},
        ],
        "directory.groups.list": [_group("g1", "all"), _group("g2", "sales")],
        "directory.members.list": {
            "g1": [_member("1001", "canary-member@acme.example"), _member("1002", "bob@acme.example")],
            "g2": [_member("1002", "bob@acme.example"), _member("1003", "eve@acme.example")],
        },
        "directory.orgunits.list": [a_unit("/", ROOT), a_unit("/Sales", "03sales")],
        "directory.domains.list": [
            {"kind": "admin#directory#domain", "domainName": "acme.example", "isPrimary": True, "verified": True, "etag": "e"},
            {"kind": "admin#directory#domain", "domainName": "acme.test", "isPrimary": False, "verified": True},
        ],
        "directory.domainAliases.list": [
            {
                "kind": "admin#directory#domainAlias",
                "domainAliasName": "acme.net",
                "parentDomainName": "acme.example",
                "verified": True,
            }
        ],
        "cloudidentity.policies.list": _policies(),
        "cloudidentity.inboundSamlSsoProfiles.list": [_profile("p1"), _profile("p2")],
        "cloudidentity.inboundSsoAssignments.list": [
            _assignment("a1", targetOrgUnit="orgUnits/03sales", ssoMode="SAML_SSO"),
            _assignment("a2", targetGroup="groups/g2", ssoMode="SSO_OFF", rank=1),
        ],
    }
    double.dns |= {
        "acme.example": ['"v=spf1 include:_spf.google.com ~all"', '"google-site-verification=abc"'],
        "google._domainkey.acme.example": ['"v=DKIM1; k=rsa; " "p=MIIBIjAN"'],
        "_dmarc.acme.example": ['"v=DMARC1; p=reject"'],
    }


def _users() -> list[dict[str, Any]]:
    planted = {
        "recoveryPhone": "+49-canary-1",
        "recoveryEmail": "canary-recovery@elsewhere.example",
        "aliases": ["canary-alias@acme.example"],
        "emails": [{"address": "canary-mail@acme.example"}],
        "phones": [{"value": "+49-canary-2"}],
        "addresses": [{"formatted": "1 Canary Street"}],
        "relations": [{"value": "canary-relation"}],
        "notes": {"value": "canary-note"},
    }
    return [
        a_user("ada", id="1001", isAdmin=True, **planted),
        a_user("bob", id="1002", isDelegatedAdmin=True),
        a_user("eve", id="1003", orgUnitPath="/Sales", isEnrolledIn2Sv=False),
    ]


def _group(group: str, name: str) -> dict[str, Any]:
    return {
        "kind": "admin#directory#group",
        "id": group,
        "email": f"{name}@acme.example",
        "name": name,
        "directMembersCount": "2",
        "etag": "e",
    }


def _member(user: str, email: str) -> dict[str, Any]:
    return {"kind": "admin#directory#member", "id": user, "email": email, "role": "MEMBER", "type": "USER", "etag": "e"}


def _profile(name: str) -> dict[str, Any]:
    return {
        "name": f"inboundSamlSsoProfiles/{name}",
        "customer": f"customers/{CUSTOMER}",
        "displayName": name,
        "idpConfig": {"entityId": "https://idp.example", "singleSignOnServiceUri": "https://idp.example/sso"},
    }


def _assignment(name: str, **but: Any) -> dict[str, Any]:
    return {"name": f"inboundSsoAssignments/{name}", "customer": f"customers/{CUSTOMER}", **but}


def _policies() -> list[dict[str, Any]]:
    rule = {
        "displayName": "Cards",
        "state": "ACTIVE",
        "triggers": ["google.workspace.drive.file.v1.share"],
        "condition": {"contentCondition": "all_content.contains('canary-condition')"},
        "action": {"driveAction": {"blockAccess": {}}},
    }
    alert = {
        "displayName": "Suspicious login",
        "state": "ACTIVE",
        "action": {"alertCenterAction": {"recipients": [{"email": "canary-recipient@acme.example"}]}},
    }
    return [
        a_policy("gmail.auto_forwarding", {"enableAutoForwarding": False}),
        a_policy("security.password", {"minimumLength": 14, "allowedStrength": "STRONG", "allowReuse": False}),
        a_policy("rule.dlp", rule),
        a_policy("rule.system_defined_alerts", alert),
        a_policy("detector.word_list", {"displayName": "d", "wordList": {"words": ["canary-word"]}}),
        a_policy("detector.regular_expression", {"regularExpression": {"expression": "canary-expression"}}),
        a_policy("gmail.email_address_lists", {"emailAddressList": [{"address": "canary-listed@x.example"}]}),
        a_policy("gmail.blocked_sender_lists", {"blockedSenders": [{"address": "canary-blocked@x.example"}]}),
        a_policy("gmail.spam_override_lists", {"spamOverride": [{"address": "canary-override@x.example"}]}),
    ]
