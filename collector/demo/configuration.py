"""The configuration of the made-up company, and an environment in which nothing but it is found."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from collector.demo.aws.company import AwsCompany
    from collector.demo.github.company import GitHubCompany

DOMAIN = "acme.invalid"
"""The domain of what answers as AWS and GitHub: by RFC 2606 there is no such domain anywhere."""

TOKEN_VARIABLE = "ACME_GITHUB_TOKEN"  # noqa: S105  where it is looked for


def write_config(folder: Path, estate: AwsCompany, code: GitHubCompany) -> Path:
    """Write the configuration into a folder, and return its path."""
    path = folder / "config.toml"
    path.write_text(_config(estate, code), encoding="utf-8")
    return path


def _config(estate: AwsCompany, code: GitHubCompany) -> str:
    return f"""\
# Written by annexd demo. What endpoint_url and url name answered inside that process only: everything that reads the
# store works with this file, a new scan does not.

[store]
url = "sqlite:///annexd.db"

[sources.acme]
connector    = "aws"
role         = "{estate.role_arn}"
accounts     = "organization"
endpoint_url = "{estate.url}"
serves       = ["acme-shop"]
holds_pii    = true

[sources.code]
connector     = "github"
token         = {{ env = "{TOKEN_VARIABLE}" }}
organizations = ["{code.login}"]
url           = "{code.url}"
serves        = ["acme-shop"]

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
def apart_from_their_own() -> Iterator[None]:
    """Let nothing of the user's own reach boto3 or the GitHub of the demo, and give it back afterwards."""
    theirs = {name: value for name, value in os.environ.items() if _ours(name)}
    _replace(
        {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "no_proxy": DOMAIN,  # nothing goes out, so nobody need look for a way each time
        }
    )
    try:
        yield
    finally:
        _replace(theirs)


def _replace(values: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if _ours(name)]:
        del os.environ[name]
    os.environ.update(values)


def _ours(name: str) -> bool:
    return name.startswith("AWS_") or name == TOKEN_VARIABLE or name.lower() == "no_proxy"
