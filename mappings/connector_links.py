"""The links that come with connectors: one file for each, from its checks to controls of shipped framework versions.

`links/aws.toml` has a table for each control that a check of AWS is linked to, called as in `[[links]]` of the
configuration: `["iso27001:2022/8.5"]`. A framework in a folder of somebody's own has its links in its own file.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FOLDER = Path(__file__).parent / "links"


@cache
def connector_links(folder: Path = FOLDER) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Return the links of all files by framework, control and check, as they are written.

    Raises ConfigError where a file is not TOML, a table names no control, or two files link one check to one control.
    """
    links: dict[str, dict[str, dict[str, Any]]] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"links/{file.name}: {error}", mend="correct the file at that place") from error
        for place, by_check in tables.items():
            framework, _, control = place.partition("/")
            if not control or not isinstance(by_check, dict):
                raise ConfigError(
                    f"links/{file.name}: {place} is no table of a control",
                    mend='write the links of a control below its framework and id: ["iso27001:2022/8.5"]',
                )
            linked = links.setdefault(framework, {}).setdefault(control, {})
            for check, link in by_check.items():
                if check in linked:
                    raise ConfigError(
                        f"links/{file.name}: {place}: {check} is linked to it in another file too",
                        so="one of the two would hide the other",
                        mend="keep the link in the file of the check's connector",
                    )
                linked[check] = link
    return links


def with_connector_links(file: str, framework: str, entries: Collection[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the controls of a shipped framework file, as they are written, with the links of all connectors.

    Raises ConfigError where a link is to a control that the file does not have or takes from another one, and where the
    file has the same link itself.
    """
    links = connector_links().get(framework, {})
    own = {entry.get("id"): entry for entry in entries}
    for control, by_check in links.items():
        if control not in own or "from" in own[control]:
            why = "which is taken from others: link to those" if control in own else "which there is not"
            raise ConfigError(f"{file}: {', '.join(by_check)}: linked to the control {control}, {why}")
        if both := sorted(by_check.keys() & own[control].get("checks", {}).keys()):
            raise ConfigError(f"{file}: control {control}: {', '.join(both)}: linked here and in the connector's file")
    return [
        {**entry, "checks": {**entry.get("checks", {}), **links[entry["id"]]}} if entry.get("id") in links else entry
        for entry in entries
    ]
