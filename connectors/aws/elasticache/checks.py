"""The check that caches encrypt, and ask who connects."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws.elasticache.resources import ReplicationGroup


@check(
    "aws_elasticache_redis_encrypted",
    title="The replication group encrypts at rest and on the way, and asks who connects",
    severity="medium",
    fix="Require encryption in transit with an auth token or a user group; encryption at rest takes a new group",
)
def redis_encrypted(group: ReplicationGroup) -> Verdict:
    name = group.replication_group_id
    lacking = []
    if not group.at_rest_encryption_enabled:
        lacking.append("does not encrypt at rest")
    if not group.transit_encryption_enabled:
        lacking.append("does not encrypt on the way")
    elif group.transit_encryption_mode == "preferred":
        lacking.append("takes connections without encryption too")
    if not (group.auth_token_enabled or group.user_group_ids):
        lacking.append("asks nobody who connects")
    if lacking:
        return failed(f"{name} {first_few(lacking, between=', ')}")
    if not group.auth_token_enabled:
        # AWS's own user default, which may be in any group, needs no password.
        # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
        groups = first_few(group.user_group_ids)
        return unknown(f"{name} asks by {groups}, whose users were not read: one of them may need no password")
    return passed(f"{name} encrypts at rest and on the way, and asks who connects")
