"""An answer's body, decoded by us and within its cap: a client's own way makes hundreds of megabytes of one chunk."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator, Mapping

import aiohttp

from bot.model import FailureKind, FetchFailed

CHUNK = 64 * 1024
GZIP = zlib.MAX_WBITS | 16


class Failed(Exception):
    """Carries an expected failure up to `Web.get`."""

    def __init__(self, kind: FailureKind, detail: str, status: int | None = None) -> None:
        self.failure = FetchFailed(kind, detail, status)


async def read_body(response: aiohttp.ClientResponse, headers: Mapping[str, str], size: int) -> bytes:
    """The body, of at most `size` bytes on the wire and decoded. Raises `Failed`."""
    codings = [coding.strip().lower() for coding in headers.get("content-encoding", "").split(",")]
    codings = [coding for coding in codings if coding not in ("", "identity")]
    if codings not in ([], ["gzip"], ["x-gzip"]):
        shown = ", ".join(codings)[:60]
        raise Failed(FailureKind.ENCODING, f"the answer is compressed as “{shown}”; only gzip, once, is accepted")
    body, came = bytearray(), 0
    gunzip = Gunzip() if codings else None
    async for chunk in response.content.iter_chunked(CHUNK):
        came += len(chunk)
        for piece in gunzip.feed(chunk) if gunzip else (chunk,):
            body += piece
            if max(len(body), came) > size:
                raise Failed(FailureKind.TOO_LARGE, f"the document is larger than {size / 1024 / 1024:g} MiB")
            await asyncio.sleep(0)  # a small chunk may hold a hundred pieces: others have their turn in between
    if gunzip and not gunzip.whole:
        raise Failed(FailureKind.ENCODING, "the answer's gzip data ends too early")
    return bytes(body)


class Gunzip:
    """Decodes gzip in pieces of at most 64 KiB, so that a bomb is noticed while it is small."""

    PIECE = 64 * 1024

    def __init__(self) -> None:
        self._member = zlib.decompressobj(GZIP)
        self._begun = False

    @property
    def whole(self) -> bool:
        """Whether the data ended where a member ended, or never began."""
        return self._member.eof or not self._begun

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member.eof:
                if not data.startswith(b"\x1f"):
                    return  # padding after the last member, which some servers send
                self._member = zlib.decompressobj(GZIP)
            self._begun = True
            try:
                piece = self._member.decompress(data, self.PIECE)
            except zlib.error as error:
                raise Failed(FailureKind.ENCODING, "the answer's gzip data is broken") from error
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            yield piece
