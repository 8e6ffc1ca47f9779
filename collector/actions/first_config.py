"""A configuration to begin with, from what is found on this machine."""

from __future__ import annotations

from configparser import ConfigParser, Error
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_TOKENS = {
    "github": (
        ("GITHUB_TOKEN", "GH_TOKEN"),
        'organizations = ["your-organization"]\ncache = "cache/github"  # answers, encrypted with the token',
    ),
    "gitlab": (("GITLAB_TOKEN",), 'groups = ["your-group"]'),
}
"""The environment variables of each platform's token, and the lines that its owner has to see to."""


def found(environ: Mapping[str, str], home: Path, connectors: tuple[str, ...]) -> Iterator[str]:
    """Yield a table for each source that this machine has credentials for, and a commented one for other platforms."""
    if "aws" in connectors:
        yield from _aws(environ, home)
    for connector, (names, own) in _TOKENS.items():
        token = next((name for name in names if environ.get(name)), None)
        table = f'[sources.{connector}]\nconnector = "{connector}"\ntoken = {{ env = "{token or names[0]}" }}\n{own}\n'
        if connector not in connectors:
            continue
        if token is not None:
            yield table
        else:
            yield (
                f"# No token is in {' or '.join(names)}. Once there is one, take the # away from these lines:\n"
                + "".join(f"# {line}\n" for line in table.splitlines())
            )


def _aws(environ: Mapping[str, str], home: Path) -> Iterator[str]:
    profiles = _profiles(environ, home)
    if environ.get("AWS_ACCESS_KEY_ID"):
        yield '[sources.aws]\nconnector = "aws"  # with the access key of the environment, for its own account\n'
    elif not profiles:
        yield (
            "# No AWS profile and no access key were found. With a role of this machine, this is enough:\n"
            '# [sources.aws]\n# connector = "aws"\n'
        )
    # Only one profile is enabled: others may belong to other companies.
    live = (
        None
        if environ.get("AWS_ACCESS_KEY_ID") or not profiles
        else ("default" if "default" in profiles else profiles[0])
    )
    for profile in profiles:
        table = f'[sources."aws-{profile}"]\nconnector = "aws"\nprofile = "{profile}"\n'
        yield table if profile == live else "".join(f"# {line}\n" for line in table.splitlines())
    if profiles:
        yield (
            "# For all accounts of an organization, add to its source:\n"
            "# the role may list accounts, and one of the same name is entered in each\n"
            '# role = "arn:aws:iam::111122223333:role/annexd"\n'
            '# accounts = "organization"\n'
        )


def _profiles(environ: Mapping[str, str], home: Path) -> list[str]:
    names: dict[str, None] = {}
    for variable, default in (("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")):
        parser = ConfigParser(interpolation=None, default_section="\0")
        try:
            parser.read(environ.get(variable) or home / ".aws" / default, encoding="utf-8")
        except (Error, OSError, UnicodeDecodeError):
            continue
        for section in parser.sections():
            kind, _, name = section.partition(" ")
            profile = name.strip() if kind == "profile" else section
            # Other sections of the same file are sso-session and services; a quote would end the TOML text.
            if (kind == "profile" or not name) and '"' not in profile and "\\" not in profile and profile.isprintable():
                names.setdefault(profile)
    return list(names)
