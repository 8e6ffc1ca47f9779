"""What the connectors of Microsoft's platforms share: how a source signs in, its cloud, and what its token says.

Stands on the HTTP kit. No SDK is imported before a token is asked for.
"""

from __future__ import annotations

from connectors._microsoft.claims import TokenClaims
from connectors._microsoft.clouds import Cloud
from connectors._microsoft.settings import SignInSettings
from connectors._microsoft.sign_in import SignIn, sign_in

__all__ = ["Cloud", "SignIn", "SignInSettings", "TokenClaims", "sign_in"]
