"""What this company asks of people's accounts."""

from annexd_acme.connector import User
from collector.core.checks import Verdict, check, failed, passed


@check(
    "acme_user_named_in_lower_case",
    title="Every user is named in lower case",
    severity="low",
    fix="Rename the user",
)
def named_in_lower_case(user: User, *, allowed: tuple[str, ...] = ()) -> Verdict:
    """The name of a user is in lower case, or is one of those that are allowed."""
    good = user.id.islower() or user.id in allowed
    return passed() if good else failed(f"{user.id} is not in lower case")
