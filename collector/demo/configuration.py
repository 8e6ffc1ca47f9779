"""The configuration of the made-up company, and an environment without the user's own credentials."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from collector.demo.aws.company import AwsCompany
    from collector.demo.github.company import GitHubCompany
    from collector.demo.platforms import PlayedPlatform

DOMAIN = "acme.invalid"
"""The domain of the simulated platforms; RFC 2606 reserves it, so that it never resolves."""

_VARIABLES = "ACME_"
"""How the names of the variables begin in which the demo's credentials are."""

TOKEN_VARIABLE = "ACME_GITHUB_TOKEN"  # noqa: S105  the name of a variable


def write_config(
    folder: Path, aws: AwsCompany, github: GitHubCompany, platforms: Iterable[PlayedPlatform] = ()
) -> Path:
    """Write the configuration into a folder, and return its path."""
    path = folder / "config.toml"
    tables = "\n".join(platform.table for platform in platforms)
    path.write_text(_config(aws, github, tables), encoding="utf-8")
    return path


def _config(aws: AwsCompany, github: GitHubCompany, tables: str) -> str:
    return f"""\
# Written by annexd demo. What endpoint_url and url name answered inside that process only: everything that reads the
# store works with this file, a new scan does not.

[store]
url = "sqlite:///annexd.db"

[sources.acme]
connector    = "aws"
role         = "{aws.role_arn}"
accounts     = "organization"
endpoint_url = "{aws.url}"
serves       = ["acme-shop"]
holds_pii    = true

[sources.code]
connector     = "github"
token         = {{ env = "{TOKEN_VARIABLE}" }}
organizations = ["{github.login}"]
url           = "{github.url}"
serves        = ["acme-shop"]

{tables}
# One call at a time: nothing is waited for inside a process, and each run of the demo then does the same in one order.
[limits]
tasks = 1
parts = 1

# Limits that Acme has stated in its policies. Those of other checks are annexd's defaults, which fail no control.
[checks.aws_iam_access_key_rotated]
policy_ref = "Access control policy 2.1, section 4"

[checks.aws_iam_user_unused_credentials_disabled]
policy_ref = "Access control policy 2.1, section 6"

[checks.github_org_tokens_expire]
policy_ref = "Access control policy 2.1, section 4"

[checks.github_org_audit_log_streamed]
policy_ref = "Logging standard 1.3, section 2"

[frameworks]
use = ["iso27001:2022", "iso27001:2022-clauses", "iso27017:2015", "iso27018:2025"]

# Acme runs shops for other companies, and so processes the personal data of their customers.
[[services.provided]]
name          = "acme-shop"
model         = "saas"
pii_processor = true

[[services.used]]
provider = "Amazon Web Services"
model    = "iaas"
report   = "5.23-b"
"""


@contextmanager
def isolated_environment() -> Iterator[None]:
    """Hide the user's own variables from boto3 and the demo's GitHub, and restore them afterwards."""
    saved = {name: value for name, value in os.environ.items() if _is_replaced(name)}
    _replace(
        {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "no_proxy": DOMAIN,  # nothing is sent, so that no proxy need be looked up for each request
        }
    )
    try:
        yield
    finally:
        _replace(saved)


def _replace(values: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if _is_replaced(name)]:
        del os.environ[name]
    os.environ.update(values)


def _is_replaced(name: str) -> bool:
    return name.startswith(("AWS_", _VARIABLES)) or name.lower() == "no_proxy"
