"""Checks of IAM Access Analyzer: access from outside is looked for in every region, and what is found is handled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from collector.core.spans import show_span
from connectors.aws.accessanalyzer.resources import EXTERNAL, ORGANIZATION, AnalyzerRegion, Finding
from connectors.aws.account.resources import NOT_ENABLED_STATES, Region
from connectors.aws.organizations.resources import INACTIVE_STATES, Organization, OrganizationAccount

_Place = tuple[str, str]


@check(
    "aws_accessanalyzer_external_enabled",
    title="An analyzer of access from outside is active in every enabled region",
    severity="medium",
    fix="Create an analyzer of external access with the organization as zone of trust in each region",
    over="source",
)
def external_enabled(
    analyzers: All[AnalyzerRegion],
    regions: All[Region],
    organizations: All[Organization],
    accounts: All[OrganizationAccount],
    *,
    not_offered_in: tuple[str, ...] = (),
) -> Verdict:
    seen = _Seen.of(analyzers)
    wanted = list(_enabled(regions))
    open_places = [place for place in wanted if place not in seen.active]
    # Only whoever has no analyzer of its own depends on the organization's.
    membership = _Membership.of(organizations, accounts) if open_places else _Membership()
    lacking: list[str] = []
    doubts: list[str] = []
    excused: list[str] = []
    for place in open_places:
        where, doubt = "/".join(place), seen.doubts.get(place)
        if membership.share(place[0], seen.for_organization.get(place[1], ())):
            continue
        if place not in seen.looked_at:
            doubts.append(f"{where} was not looked at")
        elif doubt is not None and place[1] in not_offered_in:
            excused.append(f"{where} did not answer, and is stated to be without the service")
        elif doubt is not None or (doubt := membership.doubt(place[0], seen.accounts_in_doubt(place[1]))) is not None:
            doubts.append(f"{where}: {doubt}")
        else:
            lacking.append(where)
    if lacking:
        return failed(f"no analyzer of access from outside is active in {first_few(lacking)}")
    if doubts:
        return unknown(first_few(doubts, between="; "))
    if len(excused) == len(wanted):
        return unknown("no enabled region was looked at")
    without = f"; {first_few(excused)}" if excused else ""
    return passed(f"active for {len(wanted) - len(excused)} of {len(wanted)} enabled regions of all accounts{without}")


@check(
    "aws_accessanalyzer_no_stale_findings",
    title="No finding of access from outside has been open for longer than the limit",
    severity="medium",
    fix="Take the access away, or archive the finding with the reason why it is meant",
)
def no_stale_findings(
    place: AnalyzerRegion, findings: All[Finding], *, now: datetime, max_open: timedelta = timedelta(days=30)
) -> Verdict:
    external = [one for one in place.analyzers if one.type in EXTERNAL]
    if not external:
        return not_applicable(f"{place.region} has no analyzer of access from outside, which is judged apart")
    every = sorted(findings, key=lambda finding: (finding.created_at, finding.id))
    late = [finding for finding in every if now - finding.created_at > max_open]
    seen = f"{len(every)} open in {place.region}"
    if late:
        oldest = [f"{one.resource or one.resource_type} since {one.created_at:%Y-%m-%d}" for one in late]
        return failed(f"{len(late)} open for longer than {show_span(max_open)}: {first_few(oldest)}; {seen}")
    if not any(one.status == "ACTIVE" for one in external):
        return unknown(
            f"no analyzer of access from outside is active in {place.region}, so nothing new is found; {seen}"
        )
    return passed(f"none open for longer than {show_span(max_open)}; {seen}")


@dataclass
class _Seen:
    """The regions by what their analyzers say, each as account and name."""

    looked_at: set[_Place] = field(default_factory=set)
    active: set[_Place] = field(default_factory=set)
    doubts: dict[_Place, str] = field(default_factory=dict)
    for_organization: dict[str, list[str]] = field(default_factory=dict)  # accounts by region

    @classmethod
    def of(cls, analyzers: All[AnalyzerRegion]) -> _Seen:
        seen = cls()
        for scope, region in analyzers.scoped():
            place = (scope[0], scope[1])
            seen.looked_at.add(place)
            try:
                active = [one for one in region.analyzers if one.type in EXTERNAL and one.status == "ACTIVE"]
                waiting = [one for one in region.analyzers if one.type in EXTERNAL and one.status == "CREATING"]
            except Unread as reason:
                seen.doubts[place] = str(reason)
                continue
            if active:
                seen.active.add(place)
            elif waiting:
                seen.doubts[place] = f"the analyzer {waiting[0].name} is being created"
            if any(one.type == ORGANIZATION for one in active):
                seen.for_organization.setdefault(place[1], []).append(place[0])
        return seen

    def accounts_in_doubt(self, region: str) -> list[str]:
        """Return the accounts of which it is not known whether they have an active analyzer in a region."""
        return sorted(account for account, name in self.doubts if name == region)


@dataclass(frozen=True)
class _Membership:
    """The organization of each account, empty for none; with the accounts of one that was listed as a whole."""

    organization: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, organizations: All[Organization], accounts: All[OrganizationAccount]) -> _Membership:
        found: dict[str, str] = {}
        unread: dict[str, str] = {}
        for membership in organizations:
            try:
                found[membership.account_id] = "" if membership.organization is None else membership.organization.id
            except Unread as reason:
                unread[membership.account_id] = str(reason)
        try:
            listed = frozenset(each.id for each in accounts if (each.state or each.status) not in INACTIVE_STATES)
        except Unread:  # a source that names its accounts does not see those of the organization
            listed = frozenset()
        return cls(found, unread, listed)

    def share(self, account: str, others: list[str] | tuple[str, ...]) -> bool:
        """Whether one of the others is in the same organization."""
        own = self.organization.get(account)
        return bool(own) and any(self.organization.get(other) == own for other in others)

    def doubt(self, account: str, in_doubt: list[str]) -> str | None:
        """Return why an analyzer of another account may cover this one; None where none can."""
        if account in self.unread or account not in self.organization:
            return self.unread.get(account, "which organization it is in is not known")
        if not self.organization[account]:
            return None
        if in_doubt:
            return (
                f"it has none of its own, and whether {first_few(in_doubt)} has one for the organization is not known"
            )
        if self.listed and self.listed <= self.organization.keys():
            return None
        return "it has none of its own; its organization may have one in an account that was not looked at"


def _enabled(regions: All[Region]) -> Iterator[_Place]:
    for scope, region in regions.scoped():
        if region.state not in NOT_ENABLED_STATES:
            yield scope[0], region.region_name
