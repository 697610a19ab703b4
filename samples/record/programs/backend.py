"""A plain HTTP backend that answers every GET and logs it with its time."""

from __future__ import annotations

import logging
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from service_log import service_log

_REPORT_EVERY = 9
_REPORT_SECONDS = 1.3


class Handler(BaseHTTPRequestHandler):
    """One in nine requests is a report, and takes its time; `log` is set before serving."""

    log: logging.Logger
    served = 0

    def do_GET(self) -> None:
        began = time.monotonic()
        Handler.served += 1
        if Handler.served % _REPORT_EVERY == 0:
            time.sleep(_REPORT_SECONDS)
        body = b'{"status": "ok"}\n'
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        took = (time.monotonic() - began) * 1000
        level = logging.WARNING if took > 1000 else logging.INFO
        note = " slow" if took > 1000 else ""
        self.log.log(level, "GET %s 200 %.0fms%s", self.path, took, note)

    def log_message(self, *_: object) -> None:
        """Say nothing beside our own line."""


def main() -> None:
    name, port, logfile = sys.argv[1:]
    Handler.log = service_log(name, logfile)
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    Handler.log.info("%s listening on port %s", name, port)
    server.serve_forever()


if __name__ == "__main__":
    main()
