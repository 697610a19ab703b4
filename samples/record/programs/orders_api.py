"""An HTTP service that quotes orders from PostgreSQL; from version 3.5.0 on it leaks sessions."""

from __future__ import annotations

import argparse
import logging
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import psycopg2
from psycopg2 import extensions
from psycopg2.pool import ThreadedConnectionPool
from service_log import service_log

_QUOTE = "SELECT total FROM orders WHERE id = %s"
_COUPON = "SELECT percent FROM coupons WHERE code = %s"


class UnknownCouponError(Exception):
    """Nobody gave out such a coupon."""


class Quotes:
    """What an order costs, as version 3.4 reads it: over a small pool."""

    def __init__(self, dsn: str, version: str) -> None:
        self._pool = ThreadedConnectionPool(1, 4, dsn, application_name=f"orders-api/{version}")

    def quote(self, order: int, coupon: str) -> int:
        session = self._pool.getconn()
        try:
            with session:
                return _quoted(session, order, coupon)
        finally:
            self._pool.putconn(session)


class SessionQuotes:
    """The same since version 3.5: a session for each quote."""

    def __init__(self, dsn: str, version: str) -> None:
        self._dsn = dsn
        self._name = f"orders-api/{version}"
        self._sessions: dict[float, extensions.connection] = {}

    def quote(self, order: int, coupon: str) -> int:
        key = time.monotonic()
        session = psycopg2.connect(self._dsn, application_name=self._name)
        self._sessions[key] = session
        # The leak that is recorded: an unknown coupon leaves before the session is closed.
        total = _quoted(session, order, coupon)
        self._sessions.pop(key).close()
        return total


def _quoted(session: extensions.connection, order: int, coupon: str) -> int:
    with session.cursor() as cursor:
        cursor.execute(_QUOTE, (order,))
        total = int(cursor.fetchone()[0])
        if not coupon:
            return total
        cursor.execute(_COUPON, (coupon,))
        found = cursor.fetchone()
        if found is None:
            raise UnknownCouponError(coupon)
        return total * (100 - int(found[0])) // 100


class Handler(BaseHTTPRequestHandler):
    """GET /orders/ID/quote?coupon=CODE; `quotes` and `log` are set before serving."""

    quotes: Quotes | SessionQuotes
    log: logging.Logger

    def do_GET(self) -> None:
        began = time.monotonic()
        status = self._answer()
        self.send_response_only(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        took = (time.monotonic() - began) * 1000
        self.log.info("GET %s %d %.0fms", self.path, status, took)

    def _answer(self) -> int:
        address = urlsplit(self.path)
        if address.path == "/healthz":
            return HTTPStatus.OK
        coupon = parse_qs(address.query).get("coupon", [""])[0]
        try:
            self.quotes.quote(int(address.path.split("/")[2]), coupon)
        except UnknownCouponError:
            return HTTPStatus.NOT_FOUND
        except psycopg2.OperationalError:
            self.log.exception("quote failed")
            return HTTPStatus.INTERNAL_SERVER_ERROR
        return HTTPStatus.OK

    def log_message(self, *_: object) -> None:
        """Say nothing beside our own line."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version")
    parser.add_argument("port", type=int)
    parser.add_argument("dsn")
    parser.add_argument("logfile")
    options = parser.parse_args()
    Handler.log = service_log("orders-api", options.logfile)
    kind = SessionQuotes if options.version >= "3.5" else Quotes
    Handler.quotes = kind(options.dsn, options.version)
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    Handler.log.info("orders-api %s listening on port %d", options.version, options.port)
    server.serve_forever()


if __name__ == "__main__":
    main()
