"""The least that the enabled checks of a platform need, in the form in which it is granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from collector.core.errors import UsageError
from collector.core.roll_out import RollOut
from collector.report.state.call_permissions import needs_of, unused
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.core.checks import Check
    from collector.core.connectors import Connector
    from collector.report.state.call_permissions import CallNeed
    from collector.setup.app import App


class CallView(Struct, frozen=True, kw_only=True):
    """A call with its permissions. `fills` is the kind, or the part of one, that it returns."""

    call: str
    permissions: tuple[str, ...]
    fills: str
    checks: tuple[str, ...]
    common: bool


class PermissionsView(Struct, frozen=True, kw_only=True, tag="annexd.permissions/1", tag_field="schema"):
    """What `annexd permissions --json` prints. `document` is in the platform's own form, None where it has none.

    `forms` make the access itself, by name; none unless they were asked for.
    """

    connector: str
    sources: tuple[str, ...]
    permissions: tuple[str, ...]
    document: str | None
    left_out: tuple[str, ...]
    calls: list[CallView]
    forms: dict[str, str] = {}


def permissions_view(
    app: App,
    connector: str,
    source: str | None,
    *,
    everything: bool = False,
    roll_out: Literal["one", "all"] | None = None,
) -> PermissionsView:
    """Return what reading takes, of an installed connector without a source too.

    With `roll_out` also the forms that make the access, in one account or in all of an organization. Raises UsageError
    on a source that there is not and where the platform has no such forms, ConfigError on a connector that is not
    installed and where the platform would not take the forms.
    """
    loaded = app.loaded[connector] if connector in app.loaded else app.connector(connector)
    of_connector = tuple(name for name, source in app.config.sources.items() if source.connector == connector)
    if source is not None and source not in of_connector:
        raise UsageError(
            f"there is no source {source!r} of {connector}",
            mend=would_do(source, of_connector, f"the sources of {connector} are"),
        )
    asked = of_connector if source is None else (source,)
    # Without a source the settings are not known, so all collections of the connector count.
    collections = {id_ for source_in_use in app.sources(asked) for id_ in source_in_use.collections} if asked else None
    enabled = list(_enabled(app, loaded.checks.values()))
    idle = [id_ for id_ in unused(loaded.connector, enabled) if collections is None or id_ in collections]
    needs = needs_of(loaded.connector, enabled, collections, also=idle if everything else ())
    write = loaded.connector.permissions_document
    granted: dict[str, set[str]] = {}
    for need in needs:
        for permission in need.permissions:
            granted.setdefault(permission, set()).add(need.fills)
    forms: Mapping[str, str] = {}
    if roll_out is not None:
        write_forms = loaded.connector.roll_out
        if write_forms is None:
            raise UsageError(
                f"{connector} has no forms in which its access is made",
                mend=f"annexd permissions {connector} prints what to grant",
            )
        if len(asked) > 1:
            raise UsageError(
                f"{connector} has several sources, and each may have a role of its own",
                mend=f"name one: --source {asked[0]}",
            )
        at_source = [need for need in needs if _is_at_source(loaded.connector, need)]
        everywhere = {one for need in needs if need not in at_source for one in need.permissions}
        forms = write_forms(
            RollOut(
                settings=app.sources(asked)[0].settings if asked else None,
                everywhere=tuple(sorted(everywhere)),
                at_source=tuple(sorted({one for need in at_source for one in need.permissions} - everywhere)),
                organization=roll_out == "all",
            )
        )
    return PermissionsView(
        forms=dict(forms),
        connector=connector,
        sources=asked,
        permissions=tuple(sorted(granted)),
        document=None if write is None else write(granted),
        left_out=() if everything else tuple(idle),
        calls=[
            CallView(
                call=need.call, permissions=need.permissions, fills=need.fills, checks=need.checks, common=need.common
            )
            for need in needs
        ],
    )


def _is_at_source(connector: Connector[Any, Any], need: CallNeed) -> bool:
    """Whether a call is made only where the source itself is signed in."""
    collection = connector.collections.get(need.fills.partition(" ")[0])
    return collection is not None and connector.depth(collection.level) == 0


def _enabled(app: App, checks: Iterable[Check[...]]) -> Iterable[Check[...]]:
    return (check for check in checks if (settings := app.config.checks.get(check.id)) is None or settings.enabled)
