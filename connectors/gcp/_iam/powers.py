"""Permissions that matter by themselves: those that let somebody take more, and those that a reader must not have."""

from __future__ import annotations

_TAKING_MORE = frozenset(
    {
        "iam.roles.create",
        "iam.roles.update",
        "iam.serviceAccountKeys.create",
        "iam.serviceAccounts.actAs",
        "iam.serviceAccounts.getAccessToken",
        "iam.serviceAccounts.getOpenIdToken",
        "iam.serviceAccounts.implicitDelegation",
        "iam.serviceAccounts.signBlob",
        "iam.serviceAccounts.signJwt",
        "orgpolicy.policy.set",
    }
)


def takes_more(permission: str) -> bool:
    """Whether a permission lets its holder take more than the role says: change a policy, a role, or act as another."""
    return permission in _TAKING_MORE or permission.endswith(".setIamPolicy")


ACTS_AS = frozenset(
    {
        "iam.serviceAccounts.actAs",
        "iam.serviceAccounts.getAccessToken",
        "iam.serviceAccounts.getOpenIdToken",
        "iam.serviceAccounts.implicitDelegation",
        "iam.serviceAccounts.signBlob",
        "iam.serviceAccounts.signJwt",
    }
)
"""Permissions to be a service account."""

MANAGES_ACCOUNTS = frozenset({"iam.serviceAccounts.setIamPolicy", "iam.serviceAccountKeys.create"})
"""Permissions to say who may be a service account."""

MANAGES_KEYS = frozenset({"cloudkms.cryptoKeys.setIamPolicy", "cloudkms.cryptoKeyVersions.destroy"})
"""Permissions to say who may use a key, and to destroy it."""

DECRYPTS = frozenset({"cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt"})
"""Permissions to use a key."""


def is_kept(permission: str) -> bool:
    """Whether a permission of Google's own roles is kept: a check asks for it."""
    return takes_more(permission) or permission in ACTS_AS | MANAGES_ACCOUNTS | MANAGES_KEYS | DECRYPTS


READ_ENTRIES = "logging.logEntries.list"
"""The permission to read every entry of every log, which annexd has only where its settings ask for changes."""

WRITING = (
    "bigquery.tables.getData",
    "cloudkms.cryptoKeyVersions.useToDecrypt",
    "cloudsql.instances.connect",
    "cloudsql.instances.delete",
    "compute.firewalls.update",
    "compute.instances.delete",
    "compute.instances.setMetadata",
    "iam.serviceAccountKeys.create",
    "iam.serviceAccounts.actAs",
    "iam.serviceAccounts.getAccessToken",
    READ_ENTRIES,
    "logging.sinks.update",
    "pubsub.subscriptions.consume",
    "resourcemanager.projects.delete",
    "resourcemanager.projects.setIamPolicy",
    "run.services.update",
    "secretmanager.versions.access",
    "serviceusage.services.enable",
    "storage.buckets.delete",
    "storage.buckets.setIamPolicy",
    "storage.objects.delete",
    "storage.objects.get",
    "storage.objects.list",
)
"""Permissions that annexd must not have: one to write, or to read content, for each service that it looks at."""
