"""Files that say who looks after a repository: code owners and security policy, found by name in its folders."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.checks import The, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import ConnectorError, Unexpected
from collector.core.resources import Body, resource
from connectors.github._sdk.client import NO_CALL, REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github.repository.git_tree import (
    CONTENTS,
    EMPTY,
    TREE,
    entry_named,
    read_tree,
    root_folder,
    root_subfolder,
)

_ERRORS = "GET /repos/{owner}/{repo}/codeowners/errors"
_BLOB = "GET /repos/{owner}/{repo}/git/blobs/{file_sha}"
_NOT_PUBLIC = "the repository is not public"
_NO_OWNERS = "there is no file of code owners"
_TOO_LARGE = 3 * 1024 * 1024
"""GitHub documents that CODEOWNERS has to be under 3 MB, or its owners are neither shown nor asked."""
_EVERY_FILE = frozenset({"*", "**", "/**", "**/*", "/**/*"})
_MAX_NAMED = 5
_FILE_NAMES = ("codeowners", "security.md")
_FOLDERS = (".github", "docs")


class CommunityFile(Struct, frozen=True, kw_only=True):
    """A file of the default branch."""

    path: str
    sha: str
    size: int | None = None  # bytes; earlier versions left it out


class CodeOwnersError(Struct, frozen=True, kw_only=True):
    """A line of CODEOWNERS that GitHub cannot use, and so leaves out."""

    line_number: int = field(name="line")
    kind: str


class CodeOwners(Struct, frozen=True, kw_only=True):
    """What GitHub makes of the CODEOWNERS file: the lines that name an owner, and those it has an error for."""

    path: str
    lines_with_owner: int
    errors: tuple[CodeOwnersError, ...]
    # Whether a line gives every file to somebody, and none after it takes a file away; None: evidence without it
    owns_every_file: bool | None = None


class PrivateReporting(Struct, frozen=True, kw_only=True):
    """Whether private vulnerability reporting is enabled."""

    enabled: bool


@resource("github.repo.community_file")
class CommunityFiles(Struct, frozen=True, kw_only=True):
    """CODEOWNERS and SECURITY.md of a repository, in any folder that GitHub reads them from."""

    full_name: str
    private: bool
    archived: bool
    files: tuple[CommunityFile, ...] | None  # None: GitHub says that the repository is empty
    private_vulnerability_reporting: PrivateReporting | None  # None: the repository is not public
    code_owners: CodeOwners | None = None  # None: there is no such file, or an earlier version did not look

    def at(self, name: str) -> str | None:
        """Return the path of a file by its name, in any case; None where there is none."""
        return next(
            (file.path for file in self.files or () if file.path.rpartition("/")[2].lower() == name.lower()), None
        )

    def without_code_owners(self) -> Verdict | None:
        """Return why the repository's code has no owners, or why that is not known; None where it has."""
        file = _code_owners_file([{"path": file.path, "sha": file.sha, "size": file.size} for file in self.files or ()])
        if file is None:
            return failed(f"{self.full_name} has no CODEOWNERS file")
        path, size = file["path"], file["size"]
        if size == 0:
            return failed(f"{path} of {self.full_name} is empty")
        if size is not None and size >= _TOO_LARGE:
            return failed(
                f"{path} of {self.full_name} has {size:,} bytes, and GitHub reads none of {_TOO_LARGE:,} or more"
            )
        if self.code_owners is None:
            return unknown(
                f"what GitHub makes of {path} of {self.full_name} was not read by the version that listed it"
            )
        if self.code_owners.errors:
            return failed(f"GitHub has errors for {path} of {self.full_name}: {_listed(self.code_owners.errors)}")
        if self.code_owners.lines_with_owner == 0:
            return failed(f"{path} of {self.full_name} names no owner")
        return None

    def with_files_of_nobody(self) -> Verdict | None:
        """Return that some of the code may have no owner; None where each file has one."""
        owned = self.code_owners.owns_every_file if self.code_owners is not None else None
        if owned:
            return None
        why = "was not read by the version that listed it" if owned is None else "depends on files that are not read"
        return unknown(
            f"code owners of {self.full_name} must review; whether every file has one {why}: a line for * would give "
            "each to somebody"
        )


@resource("github.org.community_file")
class OrganizationFiles(Struct, frozen=True, kw_only=True):
    """Files in the organization's repository `.github`, which apply to repositories without their own."""

    login: str
    files: tuple[CommunityFile, ...] | None  # None: the organization has no public repository called .github


def _listed(errors: tuple[CodeOwnersError, ...]) -> str:
    shown = ", ".join(f"{error.kind} in line {error.line_number}" for error in errors[:_MAX_NAMED])
    return shown + (f" and {len(errors) - _MAX_NAMED:,} more" if len(errors) > _MAX_NAMED else "")


def _code_owners_file(files: list[Body]) -> Body | None:
    """Return the CODEOWNERS file that GitHub takes: it looks in .github, the root and docs, and stops at the first."""
    by_folder = {
        folder: file
        for file in files
        for folder, _, name in [file["path"].rpartition("/")]
        if name.lower() == "codeowners"
    }
    return next((by_folder[folder] for folder in (".github", "", "docs") if folder in by_folder), None)


def _community_files_in(entries: list[Body], prefix: str) -> list[Body]:
    return [
        {"path": f"{prefix}{entry['path']}", "sha": entry["sha"], "size": entry.get("size")}
        for entry in entries
        if entry["type"] == "blob" and entry["path"].lower() in _FILE_NAMES
    ]


@github.collects(CommunityFiles, at="repository", call=REPOSITORY, permissions="Repository Metadata: read")
def community_files(client: GitHub) -> Iterator[Body]:
    repository = client.repository_details()
    yield {"full_name": repository["full_name"], "private": repository["private"], "archived": repository["archived"]}


@github.part(CommunityFiles, "files", call=TREE, permissions=CONTENTS, absent=EMPTY)
def files(client: GitHub, _body: Body) -> Any:
    return _files(client)


def _files(client: GitHub) -> list[Body]:
    matches = _community_files_in(root_folder(client), "")
    for name in _FOLDERS:
        matches += _community_files_in(root_subfolder(client, name), f"{name}/")
    return matches


@github.part(
    CommunityFiles, "code_owners", call=(_ERRORS, _BLOB, TREE), permissions=CONTENTS, absent=(EMPTY, _NO_OWNERS)
)
def code_owners(client: GitHub, _body: Body) -> Any:
    file = _code_owners_file(_files(client))
    if file is None or file["size"] == 0:
        raise ConnectorError("there is no CODEOWNERS file with anything in it", code=_NO_OWNERS)
    blob = client.request(_BLOB, placeholders={"file_sha": file["sha"]})
    if blob["encoding"] != "base64":
        raise Unexpected(f"{_BLOB}: the encoding is {blob['encoding']}")
    text = base64.b64decode(blob["content"]).decode("utf-8", "replace")
    errors = client.request(_ERRORS)["errors"]
    # Only counts and places: the lines themselves may have mail addresses of people.
    return {
        "path": file["path"],
        "lines_with_owner": _lines_with_owner(text),
        "owns_every_file": _owns_every_file(text),
        "errors": [{"line": error["line"], "kind": error["kind"]} for error in errors],
    }


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the pattern of each line, and whether it names a user, team or mail address."""
    for line in text.splitlines():
        pattern, *owners = line.partition("#")[0].split() or ("",)
        if pattern:
            yield pattern, any("@" in owner for owner in owners)


def _owns_every_file(text: str) -> bool:
    """Return whether a line gives every file to somebody, and none behind it leaves one to nobody."""
    owned = False
    for pattern, has_owner in _lines(text):
        owned = has_owner and (owned or pattern in _EVERY_FILE)
    return owned


def _lines_with_owner(text: str) -> int:
    """Return how many lines give files to somebody: a pattern, and a user, team or mail address.

    The last line that matches a file decides, and one without an owner takes the file from those before; so only the
    lines behind the last one that leaves every file to nobody count.
    https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
    """
    count = 0
    for pattern, has_owner in _lines(text):
        if has_owner:
            count += 1
        elif pattern in _EVERY_FILE:
            count = 0
    return count


@github.part(
    CommunityFiles,
    "private_vulnerability_reporting",
    call="GET /repos/{owner}/{repo}/private-vulnerability-reporting",
    permissions="Repository Administration: read",
    absent=_NOT_PUBLIC,
)
def reporting(client: GitHub, body: Body) -> Any:
    if body["private"]:
        raise ConnectorError("only public repositories take reports in private", code=_NOT_PUBLIC)
    return client.request("GET /repos/{owner}/{repo}/private-vulnerability-reporting", having="enabled")


@github.collects(OrganizationFiles, at="organization", call=NO_CALL)
def organization_files(client: GitHub) -> Iterator[Body]:
    yield {"login": client.organization}


# Only a public repository called .github applies to others, and every credential can read what is public: a 404 means
# that there is none. https://docs.github.com/en/communities/setting-up-your-project-for-healthy-contributions
@github.part(
    OrganizationFiles,
    "files",
    call="GET /repos/{org}/.github/git/trees/{tree_sha}",
    permissions="none: it is public",
    absent=("404 Not Found", EMPTY),
)
def default_files(client: GitHub, _body: Body) -> Any:
    call = "GET /repos/{org}/.github/git/trees/{tree_sha}"
    top = read_tree(client, "HEAD", call)
    matches = _community_files_in(top, "")
    for name in _FOLDERS:
        directory = entry_named(top, name)
        if directory is not None and directory["type"] == "tree":
            matches += _community_files_in(read_tree(client, directory["sha"], call), f"{name}/")
    return matches


@check(
    "github_repo_security_policy_present",
    title="It is said how a vulnerability is to be reported",
    severity="low",
    fix="Add a SECURITY.md to the repository or to the organization's .github repository, or turn on private reporting",
)
def security_policy(files: CommunityFiles, defaults: The[OrganizationFiles]) -> Verdict:
    if files.private:
        return not_applicable(f"{files.full_name} is not public: nobody outside can see it, or a policy in it")
    if (path := files.at("SECURITY.md")) is not None:
        return passed(f"{files.full_name} has {path}")
    if files.private_vulnerability_reporting is not None and files.private_vulnerability_reporting.enabled:
        return passed(f"{files.full_name} takes private reports")
    for file in defaults.files or ():
        if file.path.lower().endswith("security.md"):
            return passed(f"{defaults.login} has {file.path} for all its repositories")
    return failed(f"neither {files.full_name} nor its organization has a SECURITY.md")
