"""A storefront that fetches its product list over TLS and logs what came of it."""

from __future__ import annotations

import argparse
import http.client
import itertools
import socket
import ssl
import time

from service_log import service_log

_PATHS = ("/products?page=1", "/products/118", "/products/77", "/stock/118")
_SECONDS_BETWEEN = 1.5


def fetch(host: str, port: int, path: str, trust: ssl.SSLContext) -> int:
    """Return the status of a GET, on a new connection to loopback. Raises OSError."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        upstream = http.client.HTTPConnection(host, port)
        upstream.sock = trust.wrap_socket(plain, server_hostname=host)
        try:
            upstream.request("GET", path)
            return upstream.getresponse().status
        finally:
            upstream.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version")
    parser.add_argument("host", help="the name on the certificate")
    parser.add_argument("port", type=int)
    parser.add_argument("authority", help="the certificate authority to trust, PEM")
    parser.add_argument("logfile")
    options = parser.parse_args()
    log = service_log("storefront", options.logfile)
    log.info("storefront %s started", options.version)
    trust = ssl.create_default_context(cafile=options.authority)
    for path in itertools.cycle(_PATHS):
        began = time.monotonic()
        try:
            status = fetch(options.host, options.port, path, trust)
        except OSError as error:
            log.error("catalog request failed: GET %s: %s", path, error)
        else:
            log.info("catalog GET %s %d %.0fms", path, status, (time.monotonic() - began) * 1000)
        time.sleep(_SECONDS_BETWEEN)


if __name__ == "__main__":
    main()
