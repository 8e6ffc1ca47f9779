"""A configuration to begin with, from what is found on this machine."""

from __future__ import annotations

import re
from configparser import ConfigParser, Error
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


_GITHUB = (
    ("GITHUB_TOKEN", "GH_TOKEN"),
    'organizations = ["your-organization"]\ncache = "cache/github"  # answers, encrypted with the token\n',
)
_GITLAB = (("GITLAB_TOKEN",), 'groups = ["your-group"]\n')
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+/?")
_GCLOUD = Path(".config/gcloud/application_default_credentials.json")


def found(environ: Mapping[str, str], home: Path, connectors: tuple[str, ...]) -> Iterator[str]:
    """Yield a table for each source that this machine has credentials for, and a commented one for other platforms."""
    tables: Mapping[str, Callable[[], Iterator[str]]] = {
        "aws": lambda: _aws(environ, home),
        "github": lambda: _with_token("github", *_GITHUB, environ),
        "gitlab": lambda: _with_token("gitlab", *_GITLAB, environ),
        "entra": lambda: _microsoft("entra", environ),
        "azure": lambda: _microsoft("azure", environ),
        "gcp": lambda: _google_cloud(environ, home),
        "googleworkspace": _google_workspace,
        "okta": lambda: _okta(environ),
    }
    for connector, lines in tables.items():
        if connector in connectors:
            yield from lines()


def _commented(why: str, table: str) -> str:
    return f"# {why}\n" + "".join(f"# {line}\n" for line in table.splitlines())


def _with_token(connector: str, names: tuple[str, ...], own: str, environ: Mapping[str, str]) -> Iterator[str]:
    token = next((name for name in names if environ.get(name)), None)
    table = f'[sources.{connector}]\nconnector = "{connector}"\ntoken = {{ env = "{token or names[0]}" }}\n{own}'
    why = f"No token is in {' or '.join(names)}. Once there is one, take the # away from these lines:"
    yield table if token is not None else _commented(why, table)


def _microsoft(connector: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Read the variables of Microsoft's own libraries: which application signs in, in which tenant, and with what."""
    tenant, client = environ.get("AZURE_TENANT_ID", ""), environ.get("AZURE_CLIENT_ID", "")
    files = {"certificate": "AZURE_CLIENT_CERTIFICATE_PATH", "federated_token": "AZURE_FEDERATED_TOKEN_FILE"}
    by_variable = 'client_secret = { env = "AZURE_CLIENT_SECRET" }'
    way = by_variable if environ.get("AZURE_CLIENT_SECRET") else None
    for setting, name in files.items():
        path = environ.get(name, "")
        if way is None and path and path.isprintable() and not {'"', "\\"} & {*path}:
            way = f'{setting} = {{ file = "{path}" }}'
    if way is not None and _ID.fullmatch(tenant) and _ID.fullmatch(client):
        yield f'[sources.{connector}]\nconnector = "{connector}"\ntenant = "{tenant}"\nclient_id = "{client}"\n{way}\n'
        return
    why = "AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret, certificate or federated token are not all there:"
    example = f'tenant = "acme.example"\nclient_id = "00000000-0000-0000-0000-000000000000"\n{by_variable}\n'
    yield _commented(why, f'[sources.{connector}]\nconnector = "{connector}"\n{example}')


def _google_cloud(environ: Mapping[str, str], home: Path) -> Iterator[str]:
    own = 'organization = "000000000000"  # `gcloud organizations list` prints it; or projects = ["your-project"]\n'
    table = f'[sources.gcp]\nconnector = "gcp"  # with the credentials that Google\'s own libraries find\n{own}'
    if environ.get("GOOGLE_APPLICATION_CREDENTIALS") or (home / _GCLOUD).is_file():
        yield table
    else:
        yield _commented(
            "No credentials of Google were found. With a service account of this machine, enough is:", table
        )


def _google_workspace() -> Iterator[str]:
    why = "Google Workspace needs a service account with delegation; `annexd permissions googleworkspace` says how:"
    own = 'customer = "C01abc234"\nadmin = "auditor@acme.example"\ncredentials = { file = "keys/workspace.json" }\n'
    yield _commented(why, f'[sources.googleworkspace]\nconnector = "googleworkspace"\n{own}')


def _okta(environ: Mapping[str, str]) -> Iterator[str]:
    """Read the variables of Okta's own SDKs."""
    url, client = environ.get("OKTA_CLIENT_ORGURL", ""), environ.get("OKTA_CLIENT_CLIENTID", "")
    head = '[sources.okta]\nconnector = "okta"\n'
    if _ADDRESS.fullmatch(url) and _ID.fullmatch(client) and environ.get("OKTA_CLIENT_PRIVATEKEY"):
        key = 'private_key = { env = "OKTA_CLIENT_PRIVATEKEY" }'
        yield f'{head}url = "{url.rstrip("/")}"\nclient_id = "{client}"\n{key}\n'
    elif _ADDRESS.fullmatch(url) and environ.get("OKTA_CLIENT_TOKEN"):
        yield f'{head}url = "{url.rstrip("/")}"\ntoken = {{ env = "OKTA_CLIENT_TOKEN" }}  # can do what its owner can\n'
    else:
        key = 'private_key = { file = "keys/okta.pem" }\nkey_id = "..."\n'
        own = f'url = "https://acme.okta.com"\nclient_id = "0oa..."\n{key}'
        yield _commented("No API service app is in OKTA_CLIENT_ORGURL and the variables beside it:", f"{head}{own}")


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
