"""How sure the answers of Okta are, call by call. A call that is not here is only described.

Tests play the examples that Okta publishes with the description of its API (tests/connectors/okta/test_examples.py),
besides answers that are made after that description. No answer of Okta's was recorded, and no run against Okta is on
record.
"""

from __future__ import annotations

from collections.abc import Mapping

from collector.core.answers import AnswerBasis
from connectors.okta._sdk.operations import (
    ACCESS_POLICIES,
    API_TOKENS,
    APP_GRANTS,
    APPS,
    AUTHENTICATOR_METHODS,
    AUTHENTICATORS,
    AUTHORIZATION_SERVER_POLICIES,
    AUTHORIZATION_SERVERS,
    CLIENT_ROLES,
    CONTACTS,
    ENROLLMENT_POLICIES,
    EVENT_HOOKS,
    FIRST_PARTY_SETTINGS,
    GROUP_ROLES,
    GROUP_RULES,
    GROUP_USERS,
    GROUPS,
    IDPS,
    LOG_STREAMS,
    LOGS,
    PASSWORD_POLICIES,
    POLICY_RULES,
    ROLE_ASSIGNEES,
    SIGN_ON_POLICIES,
    SUPPORT,
    THREATS,
    USER_FACTORS,
    USER_ROLES,
    USERS,
    ZONES,
)

_EXAMPLES = (
    ACCESS_POLICIES,
    API_TOKENS,
    APPS,
    APP_GRANTS,
    AUTHENTICATORS,
    AUTHENTICATOR_METHODS,
    AUTHORIZATION_SERVERS,
    AUTHORIZATION_SERVER_POLICIES,
    CLIENT_ROLES,
    CONTACTS,
    ENROLLMENT_POLICIES,
    EVENT_HOOKS,
    FIRST_PARTY_SETTINGS,
    GROUPS,
    GROUP_ROLES,
    GROUP_RULES,
    GROUP_USERS,
    IDPS,
    LOGS,
    LOG_STREAMS,
    PASSWORD_POLICIES,
    POLICY_RULES,
    ROLE_ASSIGNEES,
    SIGN_ON_POLICIES,
    SUPPORT,
    THREATS,
    USERS,
    USER_FACTORS,
    USER_ROLES,
    ZONES,
)

ANSWERS: Mapping[str, AnswerBasis] = dict.fromkeys(_EXAMPLES, AnswerBasis.EXAMPLE)
