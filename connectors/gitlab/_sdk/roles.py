"""GitLab's scale of roles.

https://docs.gitlab.com/api/access_requests/#valid-access-levels
"""

from __future__ import annotations

NO_ACCESS = 0
GUEST = 10
REPORTER = 20
DEVELOPER = 30
MAINTAINER = 40
OWNER = 50
ADMINISTRATOR = 60

_NAMES = {
    NO_ACCESS: "no access",
    5: "Minimal Access",
    GUEST: "Guest",
    15: "Planner",
    REPORTER: "Reporter",
    DEVELOPER: "Developer",
    MAINTAINER: "Maintainer",
    OWNER: "Owner",
    ADMINISTRATOR: "administrator",
}


def role_name(level: int) -> str:
    """Return GitLab's name of a role; the number where it has none."""
    return _NAMES.get(level, f"access level {level}")
