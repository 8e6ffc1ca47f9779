"""What is demanded of administrators: by policies for everybody, for roles or for groups, and of whom it is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from collector.core.checks import All
from connectors.entra.directory.tenant import Sku
from connectors.entra.directory.users import User
from connectors.entra.roles.assignments import Eligibility, RoleAssignment
from connectors.entra.roles.holders import can_be_eligible, holders
from connectors.entra.roles.privileged import role_name
from connectors.entra.sign_in.conditional_access import PolicyGroup
from connectors.entra.sign_in.coverage import Coverage, Signing, coverage
from connectors.entra.sign_in.effective import EVERYBODY, Rule, Who, leaves_somebody_out, people_concerned


@dataclass(frozen=True)
class Administrators:
    """Whoever has one of some roles, or may activate one; read only where policies for everybody do not decide."""

    roles: tuple[str, ...]
    users: All[User]
    groups: All[PolicyGroup]
    assignments: All[RoleAssignment]
    eligible: All[Eligibility]
    skus: All[Sku]

    def whoever(self) -> list[Who]:
        """Return one for each role: whoever has it over the tenant, and nothing else that a policy names."""
        return [Who(f"whoever has the role {role_name(role)}", roles=frozenset({role})) for role in self.roles]

    def coverage(self, rules: Sequence[Rule], exempt: frozenset[str], signing: Signing | None = None) -> Coverage:
        """Return for which administrators a demand holds. Raises Unread where who has which role was not read."""
        for_all = [rule for rule in rules if EVERYBODY in rule.users.include_users]
        by_role = coverage(for_all, self.whoever(), frozenset(), signing)
        if not leaves_somebody_out(rules) and not by_role.missing.number and not by_role.undecided.number:
            return by_role
        return coverage(rules, self._people(rules), exempt, signing)

    def _people(self, rules: Sequence[Rule]) -> Iterable[Who]:
        holding = holders(self.assignments, self.eligible, by_activation=can_be_eligible(self.skus))
        wanted = set(self.roles)
        for who in people_concerned(rules, self.users, self.groups, role_name):
            holder = holding.get(who.id)
            if holder is not None and holder.roles & wanted:
                yield replace(who, roles=frozenset(holder.of_tenant))
