"""A mirror on this machine that is good, cuts, lies or falls silent."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def whole(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def cut(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])


def cut_and_lying(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, body[: len(body) // 2])


def page(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, b"\n<!DOCTYPE html><html><body>Please log in</body></html>")


def quota(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, b"<html><title>Quota exceeded</title>Too many users</html>")


def swapped(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, gzip.compress(gzip.decompress(body)[:-1] + b"\x07"))


def missing(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_error(404, "Not Found")


def endless(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(bytes(1 << 16))
    except OSError:
        pass  # the other side has hung up, as it should


def repacked(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, gzip.compress(gzip.decompress(body), compresslevel=1))


class Mirror:
    """A server on this machine; ``answer`` decides how it behaves, ``asked`` is what it was."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.answer: Answer = whole
        self.asked: list[str] = []
        self.ranges: list[str | None] = []
        self.files = files
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.removeprefix("/")
                mirror.asked.append(name)
                mirror.ranges.append(self.headers.get("Range"))
                mirror.answer(self, mirror.files[name])

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def tag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:12]}"'


def ranged(most: int, *, honest: bool = True) -> Answer:
    """A server that knows ranges and hangs up after ``most`` bytes."""

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        wanted = handler.headers.get("Range")
        start = 0
        if wanted and (not honest or handler.headers.get("If-Range") == tag_of(body)):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(body):
            handler.send_error(416)
            return
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        handler.send_header("ETag", tag_of(body))
        handler.send_header("Content-Length", str(len(body) - start))
        handler.end_headers()
        handler.wfile.write(body[start : start + most])

    return answer


FIRST = "train-images-idx3-ubyte.gz"


def everything_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
