"""`annexd web`: the pages of the store, for a browser on this machine."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer
from msgspec.structs import replace

from collector.cli.terminal.session import LogLevel, session
from collector.core.errors import ConfigError
from collector.core.identities import Role
from collector.setup.web_config import WebConfig


class LinkRole(StrEnum):
    """What the printed link signs in as; an auditor is somebody whom a provider knows."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    ADMIN = "admin"


def web(
    ctx: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            metavar="PORT",
            help="The port instead of that of [web]; 0 for any that is free.",
        ),
    ] = None,
    role: Annotated[
        LinkRole, typer.Option("--role", help="What the printed link signs in as: viewer, contributor or admin.")
    ] = LinkRole.VIEWER,
) -> None:
    """Show the store in a browser.

    On this machine only, by a link that is printed and signs in once, unless [web] says otherwise. It never asks a
    platform; Ctrl-C ends it.
    """
    cli_session = session(ctx)
    app = cli_session.open_app()
    cli_session.log(LogLevel.WARNING)
    try:
        from collector.web.application import application
        from collector.web.serving import listening, server
        from collector.web.starting import people_of, site_of, this_person
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"pages take {error.name}, which is not installed", mend="pip install 'annexd[web]'"
        ) from None
    # A store that cannot be read is said here, before a browser is opened.
    app.open_store(writer=False).close()
    config = app.config.web or WebConfig()
    host, configured = config.address
    with listening(configured if port is None else port, host) as sock:
        config = replace(config, listen=f"{config.listen.rpartition(':')[0]}:{sock.getsockname()[1]}")
        site = site_of(app, config)
        people = people_of(site, config)
        sys.stderr.write(f"{config.origin}/ until Ctrl-C\n")
        if config.oidc is None:
            link = people.link(this_person(Role(role.value)))
            sys.stderr.write(f"{link} signs in once, within ten minutes, as {role.value}\n")
        server(application(site, people), config.certificate, config.certificate_key).run(sockets=[sock])
