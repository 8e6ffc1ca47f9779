"""What Google publishes about its answers: keys and words of its descriptions, and of its pages about settings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from collector.core.published import Published
from connectors._google.services import description, methods
from connectors.googleworkspace._sdk.scopes import CALLS

_WORD = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
"""A word of an enumeration, which the description of settings does not have and the pages about them list."""

_WORDS_OF_SETTINGS = frozenset({
    "accessLevel", "allowedPartiesForDownloadPrintCopy", "allowedSignInFactorSet", "allowedStrength",
    "anomalousAttachmentProtectionConsequence", "attachmentWithScriptsProtectionConsequence",
    "collaborationCapability", "createGroupsAccessLevel", "defaultFileAccess", "domainNameSpoofingConsequence",
    "domainSpoofingConsequence", "employeeNameSpoofingConsequence", "encryptedAttachmentProtectionConsequence",
    "externalChatRestriction", "externalFileSharing", "externalSharingMode", "groupsSpoofingConsequence",
    "internalFileSharing", "maxAllowedExternalSharing", "multiPartyApprovalState", "region", "serviceState", "state",
    "takeoutStatus", "unauthenticatedEmailConsequence", "viewTopicsDefaultAccessLevel",
})  # fmt: skip

_PATTERNS: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(_WORDS_OF_SETTINGS, _WORD),
    "type": re.compile(r"settings/[a-z0-9_]+\.[a-z0-9_]+|[A-Z][A-Z_]*|customer|user|group"),
    "kind": re.compile(r"[a-zA-Z]+#[a-zA-Z#]+"),
    "reason": _WORD,
    "status": _WORD,
    "applicationName": re.compile(r"[a-z_]+"),
    "enrollmentGracePeriod": re.compile(r"\d+s"),
    "webSessionDuration": re.compile(r"\d+s"),
    "whoCanViewGroup": _WORD,
    "whoCanJoin": _WORD,
}


@cache
def published(call: str) -> Published:
    """Return what Google publishes of the answers to a call; of a call that it does not describe, words alone."""
    if call not in CALLS:
        return Published(patterns=_PATTERNS)
    operation, _ = CALLS[call]
    document = description(operation.api, operation.version)
    method = next(found for _, found in methods(document) if found["id"] == call)
    keys: set[str] = set()
    words: defaultdict[str, set[str]] = defaultdict(set)
    _collect(document["schemas"], document["schemas"][method["response"]["$ref"]], keys, words, frozenset())
    # Fields of a setting are in no description: every key that looks like one is taken for Google's.
    is_open = call == "cloudidentity.policies.list"
    return Published(
        keys=frozenset()
        if is_open
        else frozenset({*keys, *method.get("parameters", {}), "error", "errors", "details"}),
        constants={key: frozenset(found) for key, found in words.items()},
        patterns=_PATTERNS,
    )


def _collect(
    schemas: Mapping[str, Any],
    schema: Mapping[str, Any],
    keys: set[str],
    words: defaultdict[str, set[str]],
    above: frozenset[str],
) -> None:
    for name, found in schema.get("properties", {}).items():
        keys.add(name)
        words[name] |= set(found.get("enum", ())) | set(found.get("items", {}).get("enum", ()))
        _collect_one(schemas, found, keys, words, above)


def _collect_one(
    schemas: Mapping[str, Any],
    found: Mapping[str, Any],
    keys: set[str],
    words: defaultdict[str, set[str]],
    above: frozenset[str],
) -> None:
    for inside in (found, found.get("items", {}), found.get("additionalProperties", {})):
        reference = inside.get("$ref")
        if reference is not None and reference not in above:
            _collect(schemas, schemas[reference], keys, words, above | {reference})
        elif reference is None:
            _collect(schemas, inside, keys, words, above)
