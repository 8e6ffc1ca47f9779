"""GitLab's word for what an account is."""

from __future__ import annotations

from collector.core.people import AccountBy, AccountType

BY_BOT = AccountBy("bot", {"True": AccountType.SERVICE, "False": AccountType.PERSON})
"""Accounts of tokens and services are bots, by GitLab's word; an answer that leaves it out says neither."""
