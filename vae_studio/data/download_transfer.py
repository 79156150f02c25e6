"""One transfer over HTTP: goes on with what an earlier one brought, and answers a cancel at once.

A part is gone on with only where the server said by what it is known (ETag, or the time of change)
and says so again (RFC 9110, sections 13.1.5 and 14.2): a file that changed meanwhile starts over.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vae_studio.data.downloads import PublishedFile

TIMEOUT_S = 20.0  # without a byte
PATIENCE_S = 0.05  # between two chances to cancel while nothing comes
CHUNK_BYTES = 1 << 16
MOST_GROWTH = 8  # a proxy may unpack on the way; what grows further is something else


class MirrorFailed(Exception):  # noqa: N818 - why one mirror did not serve; the next is tried
    """One sentence fragment: the reason. ``cut``: going on may help."""

    def __init__(self, reason: str, *, cut: bool = False) -> None:
        super().__init__(reason)
        self.cut = cut


#: Told how many bytes of the file are there; raises to end the transfer.
Tell = Callable[[int], None]


@dataclass(frozen=True)
class Part:
    """A file on its way, at ``path``, and beside it what is known of where it comes from."""

    path: Path

    @property
    def _note(self) -> Path:
        return self.path.with_name(self.path.name + "-from")

    def validator(self, url: str) -> str:
        """By what the bytes that are there are known to this server; "" where it never said."""
        try:
            found = json.loads(self._note.read_text(encoding="utf-8"))
            return str(found["validator"]) if found["url"] == url else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def note(self, url: str, validator: str) -> None:
        """Remember where the bytes come from, before the first of them is written."""
        content = json.dumps({"url": url, "validator": validator})
        self._note.write_text(content, encoding="utf-8")

    @property
    def can_go_on(self) -> bool:
        """Whether it is worth keeping."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            known = json.loads(self._note.read_text(encoding="utf-8"))["validator"]
            return bool(known) and self.path.stat().st_size > 0
        return False

    def remove(self) -> None:
        """Forget it."""
        for path in (self.path, self._note):
            with suppress(OSError):
                path.unlink()


def transfer(url: str, file: PublishedFile, part: Part, tell: Tell) -> None:
    """Bring the whole file to ``part``. Raises MirrorFailed, OSError, and what ``tell`` raises."""
    validator = part.validator(url)
    there = part.path.stat().st_size if validator and part.path.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if there:
        headers |= {"Range": f"bytes={there}-", "If-Range": validator}
    with part.path.open("ab" if there else "wb") as opened:
        chunks = _Chunks(url, headers)
        try:
            tell(there)
            answered = chunks.answer(lambda: tell(opened.tell()))
            if there and answered.get("status") == "416":  # it has shrunk, or was whole
                raise MirrorFailed("the part that was there does not fit the file")
            if not (there and _goes_on(answered, there)):
                opened.truncate(0)
                opened.seek(0)
            part.note(url, _validator_of(answered))
            for chunk in chunks.each(lambda: tell(opened.tell())):
                _take(chunk, opened, file, tell)
        finally:
            chunks.stop()
            opened.flush()
            os.fsync(opened.fileno())


def _take(chunk: bytes, opened: BinaryIO, file: PublishedFile, tell: Tell) -> None:
    opened.write(chunk)
    tell(opened.tell())
    if opened.tell() > MOST_GROWTH * file.packed_bytes + CHUNK_BYTES:
        raise MirrorFailed("far more was sent than the file holds")


def _goes_on(answered: Mapping[str, str], there: int) -> bool:
    return answered["status"] == "206" and answered.get("content-range", "").startswith(
        f"bytes {there}-"
    )


def _validator_of(answered: Mapping[str, str]) -> str:
    """A strong ETag, else the time of change; nothing for a body that was packed on the way."""
    if answered.get("content-encoding", "identity") != "identity":
        return ""
    tag = answered.get("etag", "")
    return tag if tag.startswith('"') else answered.get("last-modified", "")


class _Chunks:
    """What a server sends, read by a thread of its own: a silent server holds up that thread, for
    TIMEOUT_S at most, and nobody else.
    """

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url, self._headers = url, headers
        self._queue: queue.Queue[bytes | Mapping[str, str] | MirrorFailed | None] = queue.Queue(8)
        self._unwanted = threading.Event()
        threading.Thread(target=self._run, name="transfer", daemon=True).start()

    def answer(self, idle: Callable[[], None]) -> Mapping[str, str]:
        """Status and headers, in small letters; ``idle`` is called while nothing comes."""
        answered = self._next(idle)
        assert isinstance(answered, Mapping)
        return answered

    def each(self, idle: Callable[[], None]) -> Iterator[bytes]:
        """The body, as it comes."""
        while (chunk := self._next(idle)) is not None:
            assert isinstance(chunk, bytes)
            yield chunk

    def stop(self) -> None:
        """Nothing more is wanted."""
        self._unwanted.set()

    def _next(self, idle: Callable[[], None]) -> bytes | Mapping[str, str] | None:
        while True:
            try:
                found = self._queue.get(timeout=PATIENCE_S)
            except queue.Empty:
                idle()
                continue
            if isinstance(found, MirrorFailed):
                raise found
            return found

    def _run(self) -> None:
        try:
            self._read()
            self._put(None)
        except MirrorFailed as failed:
            self._put(failed)
        except Exception as wrong:
            self._put(_in_words(wrong))

    def _read(self) -> None:
        import requests  # type: ignore[import-untyped]  # here, because it takes 0.2 s

        # proxies are those of the system: requests asks urllib, which asks the environment or it
        with requests.get(
            self._url, headers=dict(self._headers), stream=True, timeout=TIMEOUT_S
        ) as response:
            if response.status_code != 416:
                response.raise_for_status()
            headers = {name.lower(): value for name, value in response.headers.items()}
            self._put({**headers, "status": str(response.status_code)})
            # read1 hands over what came before a cut, where iter_content would lose it
            while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
                if not self._put(chunk):
                    return

    def _put(self, found: bytes | Mapping[str, str] | MirrorFailed | None) -> bool:
        """Hand over; False once nothing is wanted any more."""
        while not self._unwanted.is_set():
            with suppress(queue.Full):
                self._queue.put(found, timeout=PATIENCE_S)
                return True
        return False


def _in_words(error: Exception) -> MirrorFailed:
    import requests
    import urllib3

    broken = urllib3.exceptions.ProtocolError, urllib3.exceptions.DecodeError
    if isinstance(error, requests.HTTPError):
        return MirrorFailed(f"the answer is '{str(error).split(' for url:')[0].removesuffix(':')}'")
    if isinstance(error, broken):
        return MirrorFailed("the transfer was cut off", cut=True)
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return MirrorFailed(f"nothing came for {TIMEOUT_S:g} s", cut=True)
    if isinstance(error, requests.exceptions.SSLError):
        return MirrorFailed("the server does not prove who it is (certificate)")
    if isinstance(error, requests.TooManyRedirects):
        return MirrorFailed("it sends from one address to the next without end")
    if isinstance(error, requests.exceptions.ProxyError):
        return MirrorFailed("the proxy of this system does not answer")
    if isinstance(error, requests.ConnectionError):
        return MirrorFailed("no connection (is there a network?)")
    return MirrorFailed(f"the request failed ({type(error).__name__})")
