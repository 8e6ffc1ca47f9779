"""Google: what the connectors of its platforms share, above the HTTP kit.

Google's client builds requests from its bundled descriptions, google-auth says how to sign in, and the kit sends both.
"""

from __future__ import annotations

from connectors._google.client import Google
from connectors._google.errors import google_errors
from connectors._google.services import Operation
from connectors._google.sign_in import Identity, SignIn

__all__ = ["Google", "Identity", "Operation", "SignIn", "google_errors"]
