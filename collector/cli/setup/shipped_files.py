"""Documents, deployment files and the example configuration: from the wheel, or from the repository in a checkout."""

from __future__ import annotations

from pathlib import Path

import collector
from collector.core.errors import ConfigError

PACKAGED = Path(__file__).parent / "shipped"
"""Where the wheel has them; pyproject.toml puts them there. They end in .md and .txt, which no code digest covers."""

REPOSITORY = Path(collector.__file__).parents[1]

DEPLOY = {
    "systemd": "annexd.service",
    "kubernetes": "kubernetes.yaml",
    "cronjob": "kubernetes-cronjob.yaml",
    "container": "Containerfile",
    "compose": "compose.yaml",
    "prometheus": "monitoring/alerts.yml",
    "grafana": "monitoring/dashboard.json",
}
"""The kinds of deployment that are one file, each with it."""

CHART = "helm/annexd"
"""The folder of the Helm chart."""

_MEND = "install annexd again: the wheel has this file"


def example_configuration() -> str:
    """Return the configuration with every setting, commented."""
    return _text(PACKAGED / "config.example.txt", REPOSITORY / "config.example.toml")


def deployment(kind: str) -> str:
    """Return the file of a kind of deployment."""
    return _text(PACKAGED / "deploy" / DEPLOY[kind], REPOSITORY / "deploy" / DEPLOY[kind])


def chart() -> dict[str, str]:
    """Return the files of the Helm chart by their names in its folder."""
    packaged, checkout = PACKAGED / "deploy" / CHART, REPOSITORY / "deploy" / CHART
    folder = packaged if packaged.exists() else checkout
    found = {str(path.relative_to(folder)): _text(path, path) for path in sorted(folder.rglob("*")) if path.is_file()}
    if not found:
        raise ConfigError(f"{folder} has no files", mend=_MEND)
    return found


def topics() -> dict[str, Path]:
    """Return the documents by their names, such as "reading", those about connectors by the connector's."""
    folder = PACKAGED / "docs" if PACKAGED.exists() else REPOSITORY / "docs"
    found = [*folder.glob("*.md"), *(folder / "connectors").glob("*.md")]
    return dict(sorted((path.stem, path) for path in found))


def _text(packaged: Path, checkout: Path) -> str:
    path = packaged if packaged.exists() else checkout
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", mend=_MEND) from error
