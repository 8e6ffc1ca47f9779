"""Checks of web apps and their slots."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.azure._sdk.versions_of_tls import TLS_1_2, tls_version
from connectors.azure.web.resources import Site


@check(
    "azure_web_site_https_tls12",
    title="Web apps require HTTPS and TLS 1.2",
    severity="high",
    fix="Turn on HTTPS only, and set the minimum inbound version of TLS to 1.2, in each slot too",
)
def https_tls12(site: Site) -> Verdict:
    if not site.properties.https_only:
        return failed(f"{site.name} answers without encryption")
    text = site.config.properties.min_tls_version
    version = None if text is None else tls_version(text)
    if version is None:
        return unknown(f"the minimum version of TLS of {site.name} is {text}, which annexd does not know")
    if version < TLS_1_2:
        return failed(f"{site.name} takes TLS {text}")
    return _deployed_safely(site)


def _deployed_safely(site: Site) -> Verdict:
    """Return whether the address at which an app is deployed, which has a minimum of its own, is as strict."""
    text = site.config.properties.scm_min_tls_version
    version = None if text is None else tls_version(text)
    if text is not None and version is None:
        return unknown(f"the minimum version of TLS to deploy {site.name} is {text}, which annexd does not know")
    if version is not None and version < TLS_1_2:
        return failed(f"{site.name} takes TLS {text} where it is deployed")
    return passed()


_FTP = {"FtpsOnly": "", "Disabled": "", "AllAllowed": "FTP without encryption is on"}


@check(
    "azure_web_site_no_ftp_and_managed_identity",
    title="Web apps disable FTP and use a managed identity",
    severity="medium",
    fix="Turn FTP and remote debugging off, and give the app a managed identity",
)
def no_ftp_and_managed_identity(site: Site) -> Verdict:
    said = site.config.properties
    wrong, untold = [], []
    if said.ftps_state is None or said.ftps_state not in _FTP:
        untold.append(f"its state of FTP is {said.ftps_state}")
    elif _FTP[said.ftps_state]:
        wrong.append(_FTP[said.ftps_state])
    if said.remote_debugging_enabled:
        wrong.append("remote debugging is on")
    elif said.remote_debugging_enabled is None:
        untold.append("whether it can be debugged from afar is not said")
    if site.identity is None or site.identity.type == "None":
        wrong.append("it has no managed identity")
    if wrong:
        return failed(f"{site.name}: {' and '.join(wrong)}")
    return unknown(f"{site.name}: {' and '.join(untold)}") if untold else passed()
