"""Who had a part in the commits of a pull request: authors, co-authors and committers, each person once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body
from connectors.github._sdk.client import GitHub
from connectors.github.repository.change_queries import CONTRIBUTIONS

_FEW, _MOST = 25, 100
"""How many commits of a pull request are asked for at first, and of one with more."""

# GitHub's own addresses for accounts, with or without the number of the account before the login.
# https://docs.github.com/en/account-and-profile/reference/email-addresses-reference
_NOREPLY = re.compile(r"(?i)(?:\d+\+)?(?P<login>[^@+\s]+)@users\.noreply\.github\.com")
_GITHUB_ITSELF = "noreply@github.com"


class Contributor(Struct, frozen=True, kw_only=True, rename="camel"):
    """Somebody with a part in a commit. `signed_by_github`: GitHub made and signed every commit with this part."""

    login: str | None  # None: the address of the commit belongs to no account
    name: str | None
    email: str | None
    signed_by_github: bool


class Contributions(Struct, frozen=True, kw_only=True, rename="camel"):
    """The commits of a pull request: how many there are and were read, and everybody who had a part in them."""

    total_count: int
    read: int  # of these the authors are among `people`, all of them
    people: tuple[Contributor, ...]


def add_contributions(client: GitHub, ids: Iterable[str], known: dict[str, Body]) -> None:
    """Add the contributions to pull requests, by their node ids, to those that are known; each is requested once."""
    wanted = sorted(set(ids) - known.keys())
    for size in (_FEW, _MOST):
        known |= {pull["id"]: _contributions(pull["commits"]) for pull in _read(client, wanted, size)}
        wanted = [pull for pull in wanted if known[pull]["totalCount"] > size]


def _read(client: GitHub, ids: list[str], first: int) -> list[Body]:
    if not ids:
        return []
    pulls: list[Body] = client.graphql(CONTRIBUTIONS, {"ids": ids, "first": first})["nodes"]
    return pulls


def _contributions(page: Body) -> Body:
    commits = [node["commit"] for node in page["nodes"]]
    people: dict[tuple[str | None, str | None], Body] = {}
    for commit in commits:
        signature = commit["signature"] or {}
        by_github = bool(signature.get("isValid") and signature.get("wasSignedByGitHub"))
        for person in _people(commit, by_github=by_github):
            account = _account(person)
            key = (account, None if account is not None else person["email"])
            known = people.setdefault(
                key,
                {"login": account, "name": person["name"], "email": person["email"], "signedByGithub": True},
            )
            known["signedByGithub"] = known["signedByGithub"] and by_github
    whole = [commit for commit in commits if commit["authors"]["totalCount"] <= len(commit["authors"]["nodes"])]
    return {"totalCount": page["totalCount"], "read": len(whole), "people": list(people.values())}


def _people(commit: Body, *, by_github: bool) -> Iterator[Body]:
    """Yield authors, co-authors and committer; the committer of what is done on its pages is GitHub itself."""
    yield from commit["authors"]["nodes"]
    committer = commit["committer"]
    is_github = commit["committedViaWeb"] or (by_github and committer and committer["email"] == _GITHUB_ITSELF)
    if committer is not None and not is_github:
        yield committer


def _account(person: Body) -> str | None:
    """Return the login that GitHub knows a person by, or that its own addresses for accounts state."""
    if person["user"] is not None:
        login: str = person["user"]["login"]
        return login
    written: Any = _NOREPLY.fullmatch(person["email"] or "")
    return str(written["login"]) if written is not None else None
