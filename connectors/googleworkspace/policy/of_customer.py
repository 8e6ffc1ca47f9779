"""The policies of a customer as checks use them."""

from __future__ import annotations

from collector.core.checks import All
from connectors.googleworkspace._policy.people import units_of
from connectors.googleworkspace._policy.reducing import Policies
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.policy.policies import Policy


def all_policies(policies: All[Policy], units: All[OrgUnit]) -> Policies:
    """Return all policies with the tree of units. Raises Unread where one of the lists is not complete."""
    return Policies(policies, units_of(units))
