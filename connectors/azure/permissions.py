"""What to grant annexd in Azure: Reader, a custom role for what Reader lacks, and a permission of Microsoft Graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.azure._sdk.roll_out import GRAPH_PREFIX, beyond_reader, role_json

_ABOUT = """\
Two roles on the management group, so that subscriptions to come have them as well:

  Reader, which reads the configuration of everything and no data;
  the custom role below, with what Reader lacks.

"""
_ABOUT_FORMS = """\
As an az script, as JSON or for Terraform: annexd permissions azure --organization (for the management group),
or annexd permissions azure --form commands|role|terraform (for one subscription).
"""
_ABOUT_DATA = """\
No role with access to data is needed, and none that lists keys: annexd asks for no key of a storage account, no value
of a secret, no setting of an app, and no user data of a machine.
"""


def document(kinds_by_permission: Mapping[str, Iterable[str]]) -> str:
    """Return what to grant, as text; each permission with the kinds of resources that are read with it."""
    lines = [_ABOUT + role_json(beyond_reader(kinds_by_permission), "SUBSCRIPTION-OR-MANAGEMENT-GROUP"), ""]
    graph = sorted(each for each in kinds_by_permission if each.startswith(GRAPH_PREFIX))
    if graph:
        lines += [
            "Application permissions of Microsoft Graph, with an administrator's consent (people and groups):",
            "",
        ]
        for permission in graph:
            kinds = ", ".join(sorted(kinds_by_permission[permission]))
            lines += [f"  {permission.removeprefix(GRAPH_PREFIX)}: {kinds}"]
        lines += [""]
    lines += [_ABOUT_FORMS, _ABOUT_DATA, "Every operation that is used:", ""]
    for permission in sorted(kinds_by_permission):
        lines += [f"  {permission}", *(f"      {kind}" for kind in sorted(kinds_by_permission[permission]))]
    return "\n".join(lines)
