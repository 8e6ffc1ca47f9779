"""Acme's tenant of Microsoft Entra: a second factor for everybody, but for a group that was never emptied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import httpx

from collector.demo.configuration import DOMAIN
from collector.demo.entra import documents as graph
from collector.demo.entra.documents import Body
from collector.demo.json_answers import NOT_FOUND, Document, Json, JsonAnswers, Refusal
from collector.demo.platforms import PlayedPlatform

URL, RESOLVER = f"https://graph.{DOMAIN}", f"https://dns.{DOMAIN}"
VARIABLE = "ACME_ENTRA_TOKEN"
TENANT = "5a1e0000-0000-4000-8000-00000000ac3e"
_FORBIDDEN = 403
_ANNEXD = "5a1e0000-0000-4000-8000-000000000002"
_LATER = "5a1e0000-0000-4000-8000-00000000ca7e"  # the group that is left out of the second factor

# How many days ago what happened.
_GUEST_WAS_GIVEN_A_ROLE, _RISK_WAS_SEEN, _RISK_WAS_MENDED, _KEYS_WERE_RELAXED, _JOINED = 70, 45, 40, 25, 20
_HELD_FOR = {graph.GLOBAL: 600, graph.EXCHANGE: _GUEST_WAS_GIVEN_A_ROLE}
_ROUNDS_ENDED = (190, 100, 10)
_EMERGENCY_WAS_TRIED = (175, 95, 30)


@dataclass(frozen=True)
class _Person:
    """Somebody with an account; `idle` is for how many days nobody has used it, None where it is in use."""

    number: int
    login: str
    methods: tuple[str, ...] = ("microsoftAuthenticatorPush",)
    seen: float = 1
    idle: float | None = None
    joined: float = 700
    enabled: bool = True
    partner: bool = False

    @property
    def id(self) -> str:
        return f"5a1e0000-0000-4000-8000-{self.number:012d}"

    @property
    def address(self) -> str:
        if self.partner:
            return f"{self.login}_partner.example#EXT#@acme.onmicrosoft.com"
        return f"{self.login}@{'acme.onmicrosoft.com' if self in _EMERGENCY else 'example.com'}"


_KEY = ("fido2SecurityKey", "microsoftAuthenticatorPush")
_EMERGENCY = (_Person(21, "glass1", ("fido2SecurityKey",)), _Person(22, "glass2", ("fido2SecurityKey",)))
_ANN, _BOB = _Person(0, "ann", _KEY, 0.5), _Person(11, "bob", _KEY)
_CARL, _ELIN = _Person(12, "carl", seen=2), _Person(14, "elin", ("mobilePhone",), 3)
_KAI = _Person(1, "kai", (), 4, partner=True)
_PEOPLE = (
    _ANN,
    _BOB,
    _CARL,
    _Person(13, "dora"),
    _ELIN,
    _Person(15, "nina", (), joined=_JOINED),
    _Person(16, "peter", idle=130),
    _Person(17, "olga", (), idle=220, enabled=False),
    *_EMERGENCY,
    _KAI,
    _Person(3, "rio", (), idle=200, partner=True),
)

_NAMED = f"""\
breakglass_object_ids = {[person.id for person in _EMERGENCY]}
reason                = "two accounts for emergencies, whose keys are in the safe and which are tried every quarter"
policy_ref            = "Access control policy 2.1, section 7"
""".replace("'", '"')
_CHECKS = (
    "entra_mfa_baseline_enforced",
    "entra_breakglass_excluded_and_strong",
    "entra_privileged_roles_not_permanent",
    "entra_risky_signins_controlled",
)
_TABLE = f"""\
[sources.people]
connector    = "entra"
tenant       = "{TENANT}"
access_token = {{ env = "{VARIABLE}" }}
url          = "{URL}"
dns_resolver = "{RESOLVER}/resolve"
every        = "30d"
serves       = ["acme-shop"]

""" + "\n".join(f"[checks.{name}]\n{_NAMED}" for name in _CHECKS)

_SYSTEM = f"""\
[[system]]
name          = "Directory of people"
owner         = "Bob Lind"
environment   = "production"
source        = "people"
scope         = ["{TENANT}"]
in_scope_from = {{{{-300d}}}}
"""

_PERMISSIONS = (
    "AccessReview.Read.All",
    "Application.Read.All",
    "AttackSimulation.Read.All",
    "AuditLog.Read.All",
    "ConfigurationMonitoring.Read.All",
    "DeviceManagementConfiguration.Read.All",
    "DeviceManagementManagedDevices.Read.All",
    "DeviceManagementServiceConfig.Read.All",
    "Directory.Read.All",
    "Domain.Read.All",
    "GroupMember.Read.All",
    "GroupSettings.Read.All",
    "IdentityRiskyUser.Read.All",
    "LicenseAssignment.Read.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "Policy.Read.AuthenticationMethod",
    "Policy.Read.DeviceConfiguration",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "RoleAssignmentSchedule.Read.Directory",
    "RoleEligibilitySchedule.Read.Directory",
    "RoleManagement.Read.Directory",
    "SecurityEvents.Read.All",
    "SecurityIncident.Read.All",
    "SensitivityLabels.Read.All",
    "SharePointTenantSettings.Read.All",
    "User.Read.All",
)

# Microsoft lets people alone read these, and annexd asks as an application.
_FOR_PEOPLE_ONLY = (
    "/directory/onPremisesSynchronization",
    "/identityGovernance/termsOfUse/agreements",
    "/security/labels/retentionLabels",
)

# Settings of Exchange and Teams, of which Acme has a snapshot taken every week.
_SETTINGS: Mapping[str, Body] = {
    "microsoft.exchange.OrganizationConfig": {"AuditDisabled": False, "CustomerLockboxEnabled": False},
    "microsoft.exchange.TransportConfig": {"SmtpClientAuthenticationDisabled": False},
    "microsoft.exchange.HostedOutboundSpamFilterPolicy": {"Identity": "Default", "AutoForwardingMode": "Automatic"},
    "microsoft.exchange.RemoteDomain": {"Identity": "Default", "DomainName": "*", "AutoForwardEnabled": True},
    "microsoft.exchange.TransportRule": {"Name": "Disclaimer", "State": "Enabled"},
    "microsoft.exchange.MalwareFilterPolicy": {"Identity": "Default", "EnableFileFilter": True, "ZapEnabled": True},
    "microsoft.exchange.SafeAttachmentPolicy": {
        "Identity": "Built-In Protection Policy",
        "Enable": True,
        "Action": "Block",
    },
    "microsoft.exchange.SafeLinksPolicy": {"Identity": "Built-In Protection Policy", "EnableSafeLinksForEmail": True},
    "microsoft.exchange.ATPBuiltInProtectionRule": {"ExceptIfSentTo": [], "ExceptIfSentToMemberOf": []},
    "microsoft.exchange.AdminAuditLogConfig": {"UnifiedAuditLogIngestionEnabled": True},
    "microsoft.exchange.MailboxAuditBypassAssociation": {"AuditBypassEnabled": False},
    "microsoft.exchange.ReportSubmissionPolicy": {"EnableReportToMicrosoft": True},
    "microsoft.teams.FederationConfiguration": {
        "AllowFederatedUsers": True,
        "AllowedDomains": ["partner.example"],
        "AllowTeamsConsumer": False,
    },
    "microsoft.teams.MeetingPolicy": {
        "Identity": "Global",
        "AutoAdmittedUsers": "EveryoneInCompany",
        "AllowPSTNUsersToBypassLobby": False,
    },
}

_RECORDS = {
    ("example.com", "TXT"): ['"v=spf1 include:spf.protection.outlook.com -all"'],
    ("example.com", "MX"): ["0 example-com.mail.protection.outlook.com."],
    ("_dmarc.example.com", "TXT"): ['"v=DMARC1; p=none; rua=mailto:dmarc@example.com"'],
    ("selector1._domainkey.example.com", "CNAME"): ["selector1-example-com._domainkey.acme.onmicrosoft.com."],
    ("selector1._domainkey.example.com", "TXT"): ['"v=DKIM1; k=rsa; p=MIIBIjANBgkq"'],
    ("selector2._domainkey.example.com", "CNAME"): ["selector2-example-com._domainkey.acme.onmicrosoft.com."],
}


def platform(now: Callable[[], datetime], last: datetime) -> PlayedPlatform:
    """Return Acme's Entra as of the demo's last day; what has not happened yet by `now` is not shown."""
    tenant = _Tenant(now, last)
    answers = JsonAnswers(now, _missing)
    parts = (
        tenant.directory(),
        tenant.settings(),
        tenant.conditional_access(),
        tenant.roles(),
        tenant.applications(),
        tenant.devices(),
        tenant.microsoft365(),
        dict.fromkeys(_FOR_PEOPLE_ONLY, _refused),
    )
    answers.documents.update({f"/v1.0{path}": document for part in parts for path, document in part.items()})
    answers.documents["/resolve"] = _resolved
    return PlayedPlatform(
        about=f"{len(_PEOPLE)} people at Microsoft Entra",
        table=_TABLE,
        system=_SYSTEM,
        bases=(URL, RESOLVER),
        answer=answers,
        variables={VARIABLE: graph.token(TENANT, _ANNEXD, _PERMISSIONS)},
    )


def _missing(request: httpx.Request) -> Refusal:
    message = f"Resource '{request.url.path}' does not exist or one of its queried reference-property objects are not."
    return Refusal(NOT_FOUND, graph.error("Request_ResourceNotFound", message))


def _refused(_request: httpx.Request) -> Json:
    message = "Insufficient privileges to complete the operation."
    raise Refusal(_FORBIDDEN, graph.error("Authorization_RequestDenied", message))


def _unlicensed(_request: httpx.Request) -> Json:
    raise Refusal(_FORBIDDEN, graph.error("Forbidden", "The tenant is not licensed for attack simulation training."))


def _resolved(request: httpx.Request) -> Json:
    return graph.resolved(_RECORDS, request.url.params["name"], request.url.params["type"])


def _listed(items: Iterable[Body] | Callable[[], Iterable[Body]]) -> Document:
    """Return a list as Graph gives it; `items` may be a function where they change with the days."""

    def document(request: httpx.Request) -> Json:
        found = items() if callable(items) else items
        return {"value": [graph.selected(request, item) for item in found]}

    return document


class _Tenant:
    """The answers of the tenant, by paths below the version of Graph."""

    def __init__(self, now: Callable[[], datetime], last: datetime) -> None:
        self._now = now
        self._last = last

    def _ago(self, days: float) -> str:
        """So many days before the demo's last day."""
        return _written(self._last - timedelta(days=days))

    def _lately(self, days: float) -> str:
        """So many days before now."""
        return _written(self._now() - timedelta(days=days))

    def _happened(self, days: float) -> bool:
        return self._last - timedelta(days=days) <= self._now()

    def _user(self, person: _Person) -> Body:
        made = self._ago(person.joined)
        found = graph.member(person.id, person.login, person.address, made, accountEnabled=person.enabled)
        if person in _EMERGENCY:
            tried = min(filter(self._happened, _EMERGENCY_WAS_TRIED), default=_EMERGENCY_WAS_TRIED[0])
            return found | {"mail": None, "signInActivity": graph.activity(self._ago(tried))}
        if person.partner:
            mail = f"{person.login}@partner.example"
            found |= {"userType": "Guest", "creationType": "Invitation", "externalUserState": "Accepted", "mail": mail}
        used = self._lately(person.seen) if person.idle is None else self._ago(person.idle)
        return found | {"signInActivity": graph.activity(max(used, made))}

    def _users(self) -> list[Body]:
        return [self._user(person) for person in _PEOPLE if self._happened(person.joined)]

    def _registrations(self) -> list[Body]:
        return [
            graph.registration(self._user(person), person.methods)
            for person in _PEOPLE
            if self._happened(person.joined) and person.enabled
        ]

    def directory(self) -> dict[str, Document]:
        """Return the people, and what the tenant itself is."""
        organization = {
            "id": TENANT,
            "displayName": "Acme",
            "createdDateTime": self._ago(1500),
            "onPremisesSyncEnabled": None,
            "onPremisesLastSyncDateTime": None,
        }
        licences = [
            graph.sku("SPB", "AAD_PREMIUM", "INTUNE_A", "EXCHANGE_S_STANDARD"),
            graph.sku("AAD_PREMIUM_P2", "AAD_PREMIUM_P2"),
        ]
        domains = [graph.domain("example.com"), graph.domain("acme.onmicrosoft.com", initial=True)]
        return {
            "/organization": _listed([organization]),
            "/subscribedSkus": _listed(licences),
            "/domains": _listed(domains),
            "/users": _listed(self._users),
            "/reports/authenticationMethods/userRegistrationDetails": _listed(self._registrations),
            "/identityProtection/riskyUsers": _listed(self._risky),
            "/auditLogs/directoryAudits": _listed(self._changes),
        }

    def _risky(self) -> list[Body]:
        """Return that somebody's password was stolen, and, from the day on which it was, that it was changed."""
        if not self._happened(_RISK_WAS_SEEN):
            return []
        mended = self._happened(_RISK_WAS_MENDED)
        when = self._ago(_RISK_WAS_MENDED if mended else _RISK_WAS_SEEN)
        return [graph.risky(self._user(_ELIN), "remediated" if mended else "atRisk", when)]

    def _changes(self) -> list[Body]:
        ann = self._user(_ANN)
        logged = (
            (_GUEST_WAS_GIVEN_A_ROLE, "RoleManagement", "Add member to role"),
            (_KEYS_WERE_RELAXED, "Policy", "Update conditional access policy"),
            (12, "ApplicationManagement", "Consent to application"),
        )
        return [
            graph.change(f"{days}", category, ann, what, self._ago(days))
            for days, category, what in logged
            if self._happened(days)
        ]

    def settings(self) -> dict[str, Document]:
        """Return what the tenant allows to everybody, and how people prove who they are."""
        return {
            "/policies/identitySecurityDefaultsEnforcementPolicy": {
                "id": "00000000-0000-0000-0000-000000000005",
                "displayName": "Security Defaults",
                "isEnabled": False,
            },
            "/policies/authorizationPolicy": {
                "id": "authorizationPolicy",
                "displayName": "Authorization Policy",
                "allowInvitesFrom": "everyone",
                "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
                "defaultUserRolePermissions": {
                    "allowedToCreateApps": False,
                    "allowedToCreateTenants": False,
                    "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-low"],
                },
            },
            "/policies/adminConsentRequestPolicy": {
                "isEnabled": True,
                "notifyReviewers": True,
                "remindersEnabled": True,
                "requestDurationInDays": 30,
                "version": 0,
                "reviewers": [{"query": f"/users/{_ANN.id}", "queryType": "MicrosoftGraph", "queryRoot": None}],
            },
            "/policies/authenticationMethodsPolicy": {
                "id": "authenticationMethodsPolicy",
                "displayName": "Authentication Methods Policy",
                "policyMigrationState": "migrationComplete",
                "authenticationMethodConfigurations": [
                    graph.method("Fido2", enabled=True),
                    graph.method("MicrosoftAuthenticator", enabled=True),
                    graph.method("Sms", enabled=True),
                    graph.method("Voice", enabled=False),
                    graph.method("Email", enabled=False),
                ],
            },
            "/policies/deviceRegistrationPolicy": {
                "id": "deviceRegistrationPolicy",
                "userDeviceQuota": 10,
                "multiFactorAuthConfiguration": "required",
                "azureADJoin": {
                    "isAdminConfigurable": True,
                    "allowedToJoin": {"@odata.type": "#microsoft.graph.enumeratedDeviceRegistrationMembership"},
                    "localAdmins": {"enableGlobalAdmins": False},
                },
            },
            "/policies/crossTenantAccessPolicy/default": {
                "isServiceDefault": True,
                "inboundTrust": {"isMfaAccepted": False, "isCompliantDeviceAccepted": False},
            },
            "/policies/defaultAppManagementPolicy": {
                "id": "00000000-0000-0000-0000-000000000000",
                "displayName": "Default app management tenant policy",
                "isEnabled": False,
            },
            "/policies/activityBasedTimeoutPolicies": _listed([graph.idle_timeout("00:30:00")]),
            "/groupSettings": _listed([graph.password_rules("acme", "shop")]),
        }

    def conditional_access(self) -> dict[str, Document]:
        """Return the policies, and the group that was to be empty months ago."""
        office = {
            "@odata.type": "#microsoft.graph.ipNamedLocation",
            "id": "office",
            "displayName": "Office",
            "isTrusted": True,
            "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24"}],
        }
        group = {"id": _LATER, "displayName": "Second factor later", "visibility": "Private", "membershipRule": None}
        members = [{"@odata.type": "#microsoft.graph.user", "id": person.id} for person in (_CARL, _ELIN)]
        return {
            "/identity/conditionalAccess/policies": _listed(self._policies),
            "/identity/conditionalAccess/namedLocations": _listed([office]),
            f"/groups/{_LATER}": group,
            f"/groups/{_LATER}/transitiveMembers": _listed(members),
        }

    def _policies(self) -> list[Body]:
        made = self._ago(500)
        but_some = {"excludeUsers": [person.id for person in _EMERGENCY], "excludeGroups": [_LATER]}
        administrators = {"includeUsers": [], "includeRoles": list(graph.ROLES)}
        keys = graph.policy(
            "Administrators sign in with keys",
            made,
            users=administrators,
            grantControls=graph.grant(strength=graph.phishing_resistant()),
        )
        if self._happened(_KEYS_WERE_RELAXED):
            keys |= {"state": "enabledForReportingButNotEnforced", "modifiedDateTime": self._ago(_KEYS_WERE_RELAXED)}
        return [
            graph.policy("Everybody with two factors", made, users=but_some),
            graph.policy(
                "No legacy clients",
                made,
                clientAppTypes=["exchangeActiveSync", "other"],
                grantControls=graph.grant("block"),
            ),
            keys,
            graph.policy(
                "Administrators sign in every day",
                made,
                users=administrators,
                grantControls=None,
                sessionControls=graph.short_session(8),
            ),
            graph.policy("Risky sign-ins", made, users=but_some, signInRiskLevels=["high", "medium"]),
            graph.policy(
                "Risky users",
                made,
                users=but_some,
                userRiskLevels=["high"],
                grantControls=graph.grant("mfa", "passwordChange", operator="AND"),
            ),
        ]

    def roles(self) -> dict[str, Document]:
        """Return who administers what: Ann and Bob by activation, and since a while a guest of a partner for good."""
        policies = [graph.role_policy(role, approval=False) for role in (graph.GLOBAL, graph.EXCHANGE)]
        rounds = [
            {"id": f"round-{days}", "status": "Completed", "startDateTime": self._ago(days + 14), "endDateTime": end}
            for days in _ROUNDS_ENDED
            for end in (self._ago(days),)
        ]
        review = graph.review_of(graph.GLOBAL, self._user(_ANN))
        at, governance = "/roleManagement/directory", "/identityGovernance/accessReviews/definitions"
        return {
            f"{at}/roleAssignments": _listed(
                lambda: [graph.assignment(self._user(person), role) for person, role in self._held()]
            ),
            f"{at}/roleDefinitions": _listed([graph.role_definition(role) for role in graph.ROLES]),
            f"{at}/roleEligibilityScheduleInstances": _listed(
                lambda: [graph.scheduled(self._user(person), graph.GLOBAL, self._ago(600)) for person in (_ANN, _BOB)]
            ),
            f"{at}/roleAssignmentScheduleInstances": _listed(
                lambda: [
                    graph.scheduled(self._user(person), role, self._ago(_HELD_FOR[role]), assignmentType="Assigned")
                    for person, role in self._held()
                ]
            ),
            "/policies/roleManagementPolicyAssignments": _listed(policies),
            governance: _listed([review]),
            f"{governance}/{review['id']}/instances": _listed(
                lambda: [found for found in rounds if found["endDateTime"] <= self._lately(0)]
            ),
        }

    def _held(self) -> list[tuple[_Person, str]]:
        held = [(person, graph.GLOBAL) for person in _EMERGENCY]
        return [*held, (_KAI, graph.EXCHANGE)] if self._happened(_GUEST_WAS_GIVEN_A_ROLE) else held

    def applications(self) -> dict[str, Document]:
        """Return annexd itself, the deployment of the shop, and a newsletter that may read and write all mail."""
        made = self._ago(400)
        registered = [
            graph.application(
                "annexd", made, certificates=[graph.credential("annexd", self._ago(120), self._ago(-200))]
            ),
            graph.application(
                "Shop deployment", made, secrets=[graph.credential("build", self._ago(390), self._ago(-340))]
            ),
            graph.application("Newsletter", made),
        ]
        owners = {"annexd": _ANN, "Shop deployment": _BOB}
        service = graph.graph_itself((*_PERMISSIONS, "Mail.ReadWrite"))
        signing_in = [service, *(graph.principal(found["displayName"], TENANT) for found in registered)]
        grants = [graph.granted("annexd", name, made) for name in _PERMISSIONS]
        grants.append(graph.granted("Newsletter", "Mail.ReadWrite", made))
        consent = {
            "id": "consent-newsletter",
            "clientId": "sp-Newsletter",
            "consentType": "AllPrincipals",
            "principalId": None,
            "resourceId": service["id"],
            "scope": "User.Read openid",
        }

        def principals(request: httpx.Request) -> Json:
            wanted = request.url.params.get("$filter")
            found = [item for item in signing_in if wanted is None or f"'{item['appId']}'" in wanted]
            return {"value": [graph.selected(request, item) for item in found]}

        return {
            "/applications": _listed(registered),
            **{
                f"/applications/{found['id']}/owners": _listed(
                    [{"@odata.type": "#microsoft.graph.user", "id": owners[name].id}] if name in owners else []
                )
                for found in registered
                for name in (found["displayName"],)
            },
            "/servicePrincipals": principals,
            f"/servicePrincipals/{service['id']}/appRoleAssignedTo": _listed(grants),
            "/oauth2PermissionGrants": _listed([consent]),
        }

    def devices(self) -> dict[str, Document]:
        """Return the devices, one of which was put into a drawer and never retired."""
        policies = [
            graph.compliance("windows10", "Windows", 10),
            graph.compliance("macOS", "Mac", 10),
            graph.compliance("ios", "Telephones", 5),
        ]
        settings = {
            "deviceComplianceCheckinThresholdDays": 30,
            "isScheduledActionEnabled": True,
            "secureByDefault": True,
        }
        management = {"id": "intune", "subscriptionState": "active", "intuneAccountId": "i-1", "settings": settings}
        return {
            "/deviceManagement/managedDevices": _listed(self._devices),
            "/deviceManagement/deviceCompliancePolicies": _listed(policies),
            "/deviceManagement": management,
        }

    def _devices(self) -> list[Body]:
        current = (
            ("laptop-ann", _ANN, ("macOS", "15.6.1")),
            ("laptop-bob", _BOB, ("Windows", "10.0.26100.4946")),
            ("phone-carl", _CARL, ("iOS", "18.6")),
        )
        bob = self._user(_BOB)
        return [
            *(
                graph.device(name, self._user(owner), system, self._ago(300), self._lately(0.5))
                for name, owner, system in current
            ),
            graph.device(
                "laptop-old", bob, ("Windows", "10.0.19045.5011"), self._ago(1200), self._ago(120), good=False
            ),
        ]

    def microsoft365(self) -> dict[str, Document]:
        """Return sharing, mail, labels and incidents."""
        jobs = "/admin/configurationManagement"
        labels = [
            {"id": f"label-{name}", "name": name, "isEnabled": True, "applicableTo": "email,file"}
            for name in ("Public", "Internal", "Confidential")
        ]
        return {
            f"{jobs}/configurationSnapshotJobs": _listed(self._snapshots),
            f"{jobs}/configurationSnapshots/weekly": graph.snapshot(_SETTINGS),
            "/admin/sharepoint/settings": {
                "sharingCapability": "externalUserSharingOnly",
                "sharingDomainRestrictionMode": "none",
                "isResharingByExternalUsersEnabled": False,
                "isLegacyAuthProtocolsEnabled": False,
                "isUnmanagedSyncAppForTenantRestricted": False,
            },
            "/security/dataSecurityAndGovernance/sensitivityLabels": _listed(labels),
            "/security/incidents": _listed(self._incidents),
            "/security/secureScores": _listed(self._scores),
            "/security/attackSimulation/simulations": _unlicensed,
        }

    def _snapshots(self) -> list[Body]:
        """Return the job of this week; they are counted back from the demo's last day."""
        weeks = ceil((self._last - self._now()) / timedelta(days=7))
        return [graph.snapshot_job(URL, _SETTINGS, self._ago(7 * weeks))]

    def _incidents(self) -> list[Body]:
        """Return what came of the stolen password."""
        if not self._happened(_RISK_WAS_SEEN):
            return []
        mended = self._happened(_RISK_WAS_MENDED)
        return [
            {
                "id": "1",
                "displayName": "Sign-in with a stolen password",
                "severity": "high",
                "status": "resolved" if mended else "inProgress",
                "createdDateTime": self._ago(_RISK_WAS_SEEN),
                "lastUpdateDateTime": self._ago(_RISK_WAS_MENDED if mended else _RISK_WAS_SEEN),
                "assignedTo": _ANN.address,
                "classification": "truePositive" if mended else "unknown",
                "determination": "compromisedAccount" if mended else "unknown",
                "comments": [],
            }
        ]

    def _scores(self) -> list[Body]:
        day = self._lately(0.5)
        return [{"id": f"{TENANT}_{day[:10]}", "createdDateTime": day, "currentScore": 98.5, "maxScore": 150.0}]


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
