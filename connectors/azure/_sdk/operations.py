"""Operations of Resource Manager with the version of the API that each is asked in, and the places in a resource's id.

The version is a parameter of each request and is recorded with it; in the name of an operation it would only be read
by people, who look for the permission.
"""

from __future__ import annotations

from collections.abc import Mapping

from collector.core.errors import Unexpected

_VERSIONS: dict[str, str] = {}


def operation(call: str, version: str) -> str:
    """Declare an operation with the version of its API, and return it. Raises TypeError on a second version."""
    if _VERSIONS.setdefault(call, version) != version:
        message = f"{call} has two versions, {_VERSIONS[call]} and {version}"
        raise TypeError(message)
    return call


def version_of(call: str) -> str:
    """Return the version that an operation was declared with. Raises KeyError for one that was not."""
    return _VERSIONS[call]


def versions() -> Mapping[str, str]:
    """Return every declared operation with its version."""
    return dict(_VERSIONS)


def places_of(id_: str, *names: str) -> dict[str, str]:
    """Return the parts of a resource's id for the placeholders of an operation: its group, and by name what is in it.

    `names` are for the names of the resource and of those that it lies in, from the outermost: ("server", "database").
    Raises Unexpected for an id that has no such form. Words of an id may be written in any case.
    """
    parts = id_.strip("/").split("/")
    below = parts[_parts_before(parts) :] if len(parts) % 2 == 0 else []
    if len(below) != 2 * len(names) or len(names) == 0:
        raise Unexpected(f"the id {id_[:120]!r} is not that of a {names[-1] if names else 'resource'} in a group")
    return {"group": parts[3], **{name: below[2 * place + 1] for place, name in enumerate(names)}}


def _parts_before(parts: list[str]) -> int:
    """Return how many words of an id come before the type of the resource; all, where it is not in a group."""
    words = [part.lower() for part in parts]
    is_in_group = len(words) > 6 and words[0] == "subscriptions" and words[2] == "resourcegroups"  # noqa: PLR2004  up to the provider's name
    return 6 if is_in_group and words[4] == "providers" else len(parts)
