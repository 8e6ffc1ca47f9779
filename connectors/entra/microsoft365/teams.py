"""Checks of the settings of Teams."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.entra.microsoft365.snapshots import TeamsSettings

_FEDERATION = "microsoft.teams.federationconfiguration"
_MEETINGS = "microsoft.teams.meetingpolicy"

# Who comes in without waiting. https://learn.microsoft.com/powershell/module/teams/set-csteamsmeetingpolicy
_WAITING = frozenset(
    {
        "everyoneincompany",
        "everyoneincompanyexcludingguests",
        "everyoneinsameandfederatedcompany",
        "organizeronly",
        "invitedusers",
    }
)


@check(
    "m365_teams_external_access_restricted",
    title="Teams external access and anonymous join are restricted",
    severity="medium",
    fix="Allow external access for named domains or not at all, close it for private accounts of Teams, and have "
    "anonymous people wait in the lobby",
)
def external_access(
    settings: TeamsSettings, *, now: datetime, oldest_snapshot: timedelta = timedelta(days=7)
) -> Verdict:
    lacking = settings.lacking((_FEDERATION, _MEETINGS), now, oldest_snapshot)
    if lacking is not None:
        return lacking
    wrong, unsaid = _federation(settings)
    for policy in settings.of(_MEETINGS):
        # Whoever calls by telephone gives no name, and is let in or not by a setting of its own.
        callers = policy.is_on("AllowPSTNUsersToBypassLobby")
        if callers:
            wrong.append(f"the policy {policy.name} lets callers by telephone into meetings without waiting")
        elif callers is None:
            unsaid.append(f"AllowPSTNUsersToBypassLobby of {policy.name}")
        admitted = str(policy.properties.get("AutoAdmittedUsers") or "").lower()
        if policy.is_on("AllowAnonymousUsersToJoinMeeting") is False:
            continue
        if not admitted:
            unsaid.append(f"AutoAdmittedUsers of {policy.name}")
        elif admitted not in _WAITING:
            wrong.append(f"the policy {policy.name} lets {admitted} into meetings without waiting")
    if wrong:
        return failed("; ".join(wrong))
    if unsaid or not settings.of(_FEDERATION) or not settings.of(_MEETINGS):
        return unknown(f"the snapshot does not say {', '.join(unsaid) or 'what the settings are'}")
    return passed("only named domains can talk to members, and anonymous people wait in the lobby")


def _federation(settings: TeamsSettings) -> tuple[list[str], list[str]]:
    """Return what is too open about other tenants and private accounts, and what is not said."""
    wrong: list[str] = []
    unsaid: list[str] = []
    for item in settings.of(_FEDERATION):
        federated = item.is_on("AllowFederatedUsers")
        named = item.properties.get("AllowedDomains")
        if federated is None:
            unsaid.append("AllowFederatedUsers")
        elif federated and not (isinstance(named, list) and named):
            wrong.append("people of every domain can talk to members")
        private = item.is_on("AllowTeamsConsumer")
        if private is None:
            unsaid.append("AllowTeamsConsumer")
        elif private:
            wrong.append("private accounts of Teams can be talked to")
    return wrong, unsaid
