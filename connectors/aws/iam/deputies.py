"""Services that assume roles, by whether AWS documents that they say for whom they do.

A trust policy can demand aws:SourceAccount or aws:SourceArn only of a service that sends them; of another one the
condition would shut the service out. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

SAYING_FOR_WHOM = frozenset(
    {
        # https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-iam-role.html
        "bedrock.amazonaws.com",
        # https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
        "codebuild.amazonaws.com",
        # https://docs.aws.amazon.com/comprehend/latest/dg/cross-service-confused-deputy-prevention.html
        "comprehend.amazonaws.com",
        # https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html
        "config.amazonaws.com",
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
        "ecs-tasks.amazonaws.com",
        # https://docs.aws.amazon.com/frauddetector/latest/ug/confused-deputy-prevention.html
        "frauddetector.amazonaws.com",
        # https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html
        "lambda.amazonaws.com",
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
        "logs.amazonaws.com",
        # https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html
        "personalize.amazonaws.com",
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html
        "pipes.amazonaws.com",
        # https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
        "sagemaker.amazonaws.com",
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        "scheduler.amazonaws.com",
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/cross-service-confused-deputy-prevention.html
        "ssm.amazonaws.com",
        # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
        "states.amazonaws.com",
        # https://docs.aws.amazon.com/transcribe/latest/dg/confused-deputy.html
        "transcribe.amazonaws.com",
        # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
        "vpc-flow-logs.amazonaws.com",
    }
)
"""Services of whose roles AWS documents a trust policy with these keys."""

ACTING_FOR_THEIR_OWN_ACCOUNT = frozenset(
    {
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
        "ec2.amazonaws.com",
    }
)
"""Services that give a role to what runs in the role's own account, of whose roles AWS documents none of the keys."""
