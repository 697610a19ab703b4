"""Who asks AWS: credentials and region as AWS's own library finds them, and the signature.

Everything here may block, on files or on AWS's services for credentials: call it in a thread.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from providers.errors import AuthenticationError, ConfigurationError

_SERVICE = "bedrock"


@dataclass(frozen=True, slots=True)
class GivenKeys:
    """Keys that settings name; an empty `token` is none."""

    access_key_id: str
    secret_access_key: str
    token: str = ""


class Signer:
    """Signs requests; credentials that rotate are read anew for each."""

    def __init__(self) -> None:
        self._refreshing: Any = None

    def signed_headers(
        self,
        method: str,
        url: str,
        body: bytes,
        *,
        region: str,
        profile: str | None,
        keys: GivenKeys | None,
    ) -> dict[str, str]:
        """Return the headers of a signed request.

        Raises ConfigurationError where there are no credentials, AuthenticationError where they
        cannot be had now.
        """
        auth = importlib.import_module("botocore.auth")
        requests = importlib.import_module("botocore.awsrequest")
        request = requests.AWSRequest(
            method=method, url=url, data=body, headers={"Content-Type": "application/json"}
        )
        auth.SigV4Auth(self._credentials(profile, keys), _SERVICE, region).add_auth(request)
        return dict(request.headers.items())

    def forget(self) -> None:
        """Drop credentials that were refused, so that the next request looks for others."""
        self._refreshing = None

    def _credentials(self, profile: str | None, keys: GivenKeys | None) -> Any:
        credentials = importlib.import_module("botocore.credentials")
        if keys is not None:
            return credentials.Credentials(
                keys.access_key_id, keys.secret_access_key, keys.token or None
            )
        exceptions = importlib.import_module("botocore.exceptions")
        try:
            return self._found(profile, credentials.RefreshableCredentials)
        except exceptions.ProfileNotFound as error:
            raise ConfigurationError("the AWS profile does not exist") from error
        except (exceptions.BotoCoreError, exceptions.ClientError) as error:
            raise AuthenticationError("no AWS credentials could be had") from error

    def _found(self, profile: str | None, refreshable: type) -> Any:
        found = self._refreshing or open_session(profile).get_credentials()
        if found is None:
            raise ConfigurationError("no AWS credentials were found")
        # These renew themselves; those of a file or a variable have to be looked up again.
        self._refreshing = found if isinstance(found, refreshable) else None
        return found.get_frozen_credentials()


def open_session(profile: str | None) -> Any:
    """Return a session of AWS's library, which reads its variables and files."""
    return importlib.import_module("boto3").Session(profile_name=profile)


def configured_region(profile: str | None) -> str:
    """Return the region of AWS's own configuration; empty where it names none.

    Raises ConfigurationError where the profile does not exist.
    """
    exceptions = importlib.import_module("botocore.exceptions")
    try:
        return open_session(profile).region_name or ""
    except exceptions.ProfileNotFound as error:
        raise ConfigurationError("the AWS profile does not exist") from error


def runtime_url(region: str) -> str:
    """Return the address of Bedrock's models in a region."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://bedrock-runtime.{region}.{suffix}"
