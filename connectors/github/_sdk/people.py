"""GitHub's word for what an account is."""

from __future__ import annotations

from collector.core.people import AccountBy, AccountType

BY_TYPE = AccountBy("type", {"User": AccountType.PERSON, "Bot": AccountType.SERVICE})
"""An `Organization` or a `Mannequin` (the author of imported work) is neither. A machine user is a `User` as well."""
