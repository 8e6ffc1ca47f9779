"""annexd without a company: the catalogue as it comes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.cli.terminal.session import Session
    from collector.setup.app import App


def browsed(cli_session: Session) -> App:
    """Return annexd as it is configured; as it comes where nobody has written a configuration yet."""
    from collector.setup.app import open_app
    from collector.setup.config import chosen_path

    if cli_session.config is None and not chosen_path().exists():
        return open_app(Path(os.devnull))  # an empty configuration
    return cli_session.open_app()
