"""Kinds of resources with a policy of their own: what may be asked of each, and what a stranger's request says.

Actions are those of the service authorization reference that a policy of such a resource can give, and all exist: what
lets one of them through lets a real request through.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.aws._policy.context import ABSENT, Choice, KeyState, Known, Option
from connectors.aws._policy.context_keys import free


@dataclass(frozen=True)
class Guarded:
    """A kind of resource.

    `prefix` is that of its actions. `is_signed`: whether the service takes no request without a signature. `inside`:
    what stands behind the ARN of such a resource where something in it is meant. `known`: what the requests of others
    say, by key. `apart`: actions, with the prefix and in lower case, that count only where they are asked for by name.
    """

    prefix: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    is_signed: bool = True
    inside: tuple[str, ...] = ()
    known: Mapping[str, KeyState] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()

    @property
    def actions(self) -> tuple[str, ...]:
        """All that may be asked, with the prefix."""
        return tuple(f"{self.prefix}:{name}" for name in (*self.reads, *self.writes))


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FREE = Choice((Option(ABSENT), Option(Known(("any0",)))), free)
_EITHER = Choice((Option(Known(("false",))), Option(Known(("true",)))))

# https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
KMS_KEY = Guarded(
    prefix="kms",
    reads=_names(
        "DescribeKey GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey ListGrants ListKeyPolicies"
        " ListKeyRotations ListResourceTags"
    ),
    writes=_names(
        "Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateDataKeyPair"
        " GenerateDataKeyPairWithoutPlaintext GenerateMac VerifyMac ReEncryptFrom ReEncryptTo Sign Verify"
        " DeriveSharedSecret CreateGrant RetireGrant RevokeGrant PutKeyPolicy ScheduleKeyDeletion CancelKeyDeletion"
        " DisableKey EnableKey DisableKeyRotation EnableKeyRotation RotateKeyOnDemand ReplicateKey UpdatePrimaryRegion"
        " ImportKeyMaterial DeleteImportedKeyMaterial TagResource UntagResource UpdateKeyDescription CreateAlias"
        " UpdateAlias DeleteAlias"
    ),
    # Whoever asks writes these into its request, or asks through a service of AWS in its own account.
    known={
        **dict.fromkeys(
            (
                "kms:encryptionalgorithm",
                "kms:granteeprincipal",
                "kms:granteeserviceprincipal",
                "kms:grantconstrainttype",
                "kms:grantoperations",
                "kms:keyagreementalgorithm",
                "kms:macalgorithm",
                "kms:messagetype",
                "kms:requestalias",
                "kms:retiringprincipal",
                "kms:signingalgorithm",
            ),
            _FREE,
        ),
        "kms:grantisforawsresource": _EITHER,
        "kms:bypasspolicylockoutsafetycheck": _EITHER,
    },
)

# https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
LAMBDA_FUNCTION = Guarded(
    prefix="lambda",
    reads=_names(
        "GetFunction GetFunctionConfiguration GetPolicy GetAlias GetFunctionCodeSigningConfig GetFunctionConcurrency"
        " GetFunctionEventInvokeConfig GetFunctionUrlConfig ListAliases ListVersionsByFunction ListTags"
        " ListFunctionUrlConfigs ListProvisionedConcurrencyConfigs"
    ),
    writes=_names(
        "InvokeFunction InvokeAsync UpdateFunctionCode UpdateFunctionConfiguration AddPermission RemovePermission"
        " DeleteFunction PublishVersion CreateAlias UpdateAlias DeleteAlias CreateFunctionUrlConfig"
        " UpdateFunctionUrlConfig DeleteFunctionUrlConfig PutFunctionConcurrency DeleteFunctionConcurrency"
        " PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig TagResource UntagResource"
    ),
    # These are requests to the API itself; those to a URL need that there is one.
    apart=frozenset({"lambda:invokefunctionurl"}),
    known={
        "lambda:functionurlauthtype": ABSENT,
        "lambda:invokedviafunctionurl": Choice((Option(ABSENT), Option(Known(("false",))))),
        # The id of an Alexa skill, which Alexa sends; that of somebody else's is another one.
        "lambda:eventsourcetoken": Choice((Option(ABSENT), Option(Known(("any0",))))),
    },
)

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-overview-of-managing-access.html
SQS_QUEUE = Guarded(
    prefix="sqs",
    reads=_names("GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListQueueTags ReceiveMessage"),
    writes=_names(
        "SendMessage DeleteMessage ChangeMessageVisibility PurgeQueue DeleteQueue SetQueueAttributes AddPermission"
        " RemovePermission TagQueue UntagQueue StartMessageMoveTask CancelMessageMoveTask"
    ),
    is_signed=False,
)

# https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
SNS_TOPIC = Guarded(
    prefix="sns",
    reads=_names("GetTopicAttributes GetDataProtectionPolicy ListSubscriptionsByTopic ListTagsForResource"),
    writes=_names(
        "Subscribe Receive Publish SetTopicAttributes DeleteTopic AddPermission RemovePermission ConfirmSubscription"
        " PutDataProtectionPolicy TagResource UntagResource"
    ),
    is_signed=False,
)

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
ECR_REPOSITORY = Guarded(
    prefix="ecr",
    reads=_names(
        "BatchCheckLayerAvailability BatchGetImage DescribeImages DescribeImageScanFindings DescribeRepositories"
        " GetDownloadUrlForLayer GetLifecyclePolicy GetRepositoryPolicy ListImages ListTagsForResource"
    ),
    writes=_names(
        "PutImage InitiateLayerUpload UploadLayerPart CompleteLayerUpload BatchDeleteImage SetRepositoryPolicy"
        " DeleteRepositoryPolicy DeleteRepository PutLifecyclePolicy DeleteLifecyclePolicy PutImageTagMutability"
        " PutImageScanningConfiguration StartImageScan ReplicateImage BatchImportUpstreamImage TagResource"
        " UntagResource"
    ),
)

# https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
SECRET = Guarded(
    prefix="secretsmanager",
    reads=_names("GetSecretValue BatchGetSecretValue DescribeSecret GetResourcePolicy ListSecretVersionIds"),
    writes=_names(
        "PutSecretValue UpdateSecret UpdateSecretVersionStage DeleteSecret RestoreSecret RotateSecret"
        " CancelRotateSecret PutResourcePolicy DeleteResourcePolicy ValidateResourcePolicy"
        " ReplicateSecretToRegions RemoveRegionsFromReplication StopReplicationToReplica TagResource"
        " UntagResource"
    ),
    known=dict.fromkeys(("secretsmanager:secretid", "secretsmanager:versionid", "secretsmanager:versionstage"), _FREE),
)

# AWS calls a policy public that lets everybody in; access through a mount target in a network of the owner is not.
# https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html
FILE_SYSTEM = Guarded(
    prefix="elasticfilesystem",
    reads=_names("ClientMount DescribeMountTargets DescribeFileSystemPolicy DescribeFileSystems"),
    writes=_names(
        "ClientWrite ClientRootAccess DeleteFileSystem PutFileSystemPolicy DeleteFileSystemPolicy UpdateFileSystem"
        " CreateMountTarget CreateAccessPoint PutBackupPolicy PutLifecycleConfiguration Backup Restore"
        " TagResource UntagResource"
    ),
    is_signed=False,
    known={
        "elasticfilesystem:accessedviamounttarget": Choice((Option(ABSENT), Option(Known(("false",))))),
        "elasticfilesystem:accesspointarn": ABSENT,
    },
)

# What is asked of a domain over HTTP, with a signature or without one.
# https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
SEARCH_DOMAIN = Guarded(
    prefix="es",
    reads=_names("ESHttpGet ESHttpHead DescribeDomain DescribeDomainConfig ListTags"),
    writes=_names("ESHttpPost ESHttpPut ESHttpDelete ESHttpPatch ESCrossClusterGet UpdateDomainConfig DeleteDomain"),
    is_signed=False,
    inside=("/any0",),
)

# One policy for the catalog of a region, with the databases and tables in it.
# https://docs.aws.amazon.com/glue/latest/dg/security_iam_resource-based-policy-examples.html
GLUE_CATALOG = Guarded(
    prefix="glue",
    reads=_names(
        "GetDatabase GetDatabases GetTable GetTables GetTableVersion GetTableVersions GetPartition GetPartitions"
        " BatchGetPartition GetUserDefinedFunction GetUserDefinedFunctions SearchTables GetCatalog GetCatalogs"
    ),
    writes=_names(
        "CreateDatabase UpdateDatabase DeleteDatabase CreateTable UpdateTable DeleteTable BatchDeleteTable"
        " CreatePartition BatchCreatePartition UpdatePartition DeletePartition BatchDeletePartition"
        " CreateUserDefinedFunction UpdateUserDefinedFunction DeleteUserDefinedFunction"
    ),
)

# Whoever calls an API; what may be called in it is for each API to say.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
REST_API = Guarded(prefix="execute-api", reads=_names("Invoke"), writes=(), is_signed=False)
