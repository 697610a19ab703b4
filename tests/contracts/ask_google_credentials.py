"""Asks for tokens as the product does, where Google's library is: twice, and once after a refusal.

Run as `python ask_google_credentials.py FILE` with the repository on the path; prints JSON.
"""

from __future__ import annotations

import json
import sys

from providers.errors import ProviderError
from providers.google_credentials import TokenSource


def main(file: str) -> None:
    source, told = TokenSource(), []
    for round_number in range(3):
        try:
            told.append(source.headers(file))
        except ProviderError as error:
            told.append({"kind": error.kind, "text": str(error)})
        if round_number == 1:
            source.forget()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
