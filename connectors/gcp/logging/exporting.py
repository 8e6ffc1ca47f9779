"""By which sinks the logs of a project leave it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.gcp._iam.effective import above, id_of
from connectors.gcp.logging.sinks import Sink, stays_home

if TYPE_CHECKING:
    from collector.core.checks import All
    from connectors.gcp.iam.resources import ProjectPolicy
    from connectors.gcp.logging.resources import ProjectSink
    from connectors.gcp.resourcemanager.resources import Container


def exporting(project: ProjectPolicy, own: All[ProjectSink], containers: All[Container]) -> Iterator[tuple[str, Sink]]:
    """Yield the sinks that logs of a project go through to elsewhere. Raises Unread where those above are not known."""
    for sink in own:
        if not stays_home(sink, id_of(project)):
            yield sink.name, sink
    for container in above(project, containers):
        for inherited in container.sinks:
            if inherited.include_children:
                yield f"{inherited.name} of {container.name}", inherited
