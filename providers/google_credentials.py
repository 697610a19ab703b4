"""Who asks Google: tokens from service accounts and from application default credentials.

Everything here may block, on files or on Google's services for tokens: call it in a thread.
"""

from __future__ import annotations

import importlib
from typing import Any

from providers.errors import AuthenticationError, ConfigurationError

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


class TokenSource:
    """Holds credentials that renew themselves; `file` is one of Google's, or None for its search.

    The library that knows them is an optional extra.
    """

    def __init__(self) -> None:
        self._credentials: Any = None

    def headers(self, file: str | None) -> dict[str, str]:
        """Return the headers that carry a token, fetching a new one where the last has expired.

        Raises ConfigurationError where there are no credentials or no library for them,
        AuthenticationError where they give no token now.
        """
        try:
            auth = importlib.import_module("google.auth")
            transport = importlib.import_module("google.auth.transport.requests")
        except ImportError as error:
            raise ConfigurationError(
                "VERTEX_ACCESS_TOKEN or VERTEX_API_KEY is not set, and google-auth not installed"
            ) from error
        try:
            credentials = self._found(auth, file)
            if not credentials.valid:
                credentials.refresh(transport.Request())
        except (auth.exceptions.DefaultCredentialsError, OSError, ValueError) as error:
            raise ConfigurationError("no Google credentials were found") from error
        except auth.exceptions.GoogleAuthError as error:
            raise AuthenticationError("no Google token could be had") from error
        return _headers(credentials)

    def forget(self) -> None:
        """Drop credentials that were refused, so that the next request looks for others."""
        self._credentials = None

    def _found(self, auth: Any, file: str | None) -> Any:
        if self._credentials is None:
            load = auth.load_credentials_from_file
            self._credentials, _ = (
                load(file, scopes=_SCOPES) if file else auth.default(scopes=_SCOPES)
            )
        return self._credentials


def _headers(credentials: Any) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {credentials.token}"}
    payer = getattr(credentials, "quota_project_id", None)
    return {**headers, "x-goog-user-project": payer} if payer else headers
