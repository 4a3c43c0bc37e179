"""SPDY/3.1 framing, as much of it as port-forward uses.

Source: https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/, sections 2.2 and 2.6.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eks_lab.errors import InputError

SYN_STREAM, SYN_REPLY, RST_STREAM, SETTINGS, PING, GOAWAY, HEADERS, WINDOW_UPDATE = 1, 2, 3, 4, 6, 7, 8, 9
FIN = 0x01
VERSION = 3
LARGEST_FRAME = 1 << 24

_NAMES = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age "
    "allow authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status|200 OK|version|HTTP/1.1|url public set-cookie "
    "keep-alive origin"
)
_REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
    "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
    "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


def _dictionary() -> bytes:
    words = [
        word
        for number, part in enumerate(_NAMES.split("|"))
        for word in ([part] if number in (1, 3) else part.split())
    ]
    return b"".join(struct.pack(">I", len(word)) + word.encode() for word in words) + _REST.encode()


DICTIONARY = _dictionary()
"""What both sides prime their compression of headers with (section 2.6.10.1)."""


class SpdyError(InputError):
    """What came is no SPDY."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame."""

    kind: int
    """0 for data."""
    stream: int
    """0 where a frame concerns the connection."""
    flags: int = 0
    headers: Mapping[str, str] | None = None
    data: bytes = b""


class Reader:
    """Turns bytes into frames."""

    def __init__(self) -> None:
        """Begin with a new compression context."""
        self._buffer = b""
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are complete.

        Raises:
            SpdyError: a frame cannot be read.
        """
        self._buffer += data
        while len(self._buffer) >= 8:
            first, second = struct.unpack_from(">II", self._buffer)
            flags, length = second >> 24, second & 0xFFFFFF
            if len(self._buffer) < 8 + length:
                return
            payload, self._buffer = self._buffer[8 : 8 + length], self._buffer[8 + length :]
            if not first >> 31:
                yield Frame(0, first, flags, None, payload)
                continue
            if (first >> 16) & 0x7FFF != VERSION:
                raise SpdyError(f"SPDY version {(first >> 16) & 0x7FFF} is not {VERSION}")
            yield self._control(first & 0xFFFF, flags, payload)

    def _control(self, kind: int, flags: int, payload: bytes) -> Frame:
        has_stream = kind in (SYN_STREAM, SYN_REPLY, RST_STREAM, HEADERS, WINDOW_UPDATE)
        if has_stream and len(payload) < 4:
            raise SpdyError(f"a SPDY frame of type {kind} holds {len(payload)} bytes only")
        stream = struct.unpack_from(">I", payload)[0] & 0x7FFFFFFF if has_stream else 0
        start = {SYN_STREAM: 10, SYN_REPLY: 4, HEADERS: 4}.get(kind)
        headers = self._headers(payload[start:]) if start is not None else None
        return Frame(kind, stream, flags, headers, payload)

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            plain = self._inflate.decompress(block)
            count, at = struct.unpack_from(">I", plain)[0], 4
            words: list[str] = []
            for _ in range(2 * count):
                length = struct.unpack_from(">I", plain, at)[0]
                words.append(plain[at + 4 : at + 4 + length].decode("latin-1"))
                at += 4 + length
        except (zlib.error, struct.error) as error:
            raise SpdyError(f"the headers of a SPDY frame cannot be read: {error}") from error
        return {name.lower(): value for name, value in zip(words[::2], words[1::2], strict=True)}


class Writer:
    """Turns what is to be said into bytes."""

    def __init__(self) -> None:
        """Begin with a new compression context."""
        self._deflate = zlib.compressobj(zdict=DICTIONARY)

    def block(self, headers: Mapping[str, str]) -> bytes:
        """Return a compressed block of headers."""
        plain = struct.pack(">I", len(headers))
        for name, value in headers.items():
            for word in (name.encode("latin-1"), value.encode("latin-1")):
                plain += struct.pack(">I", len(word)) + word
        return self._deflate.compress(plain) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    def opening(self, stream: int, headers: Mapping[str, str], flags: int = 0) -> bytes:
        """Return a SYN_STREAM."""
        return control(SYN_STREAM, struct.pack(">IIH", stream, 0, 0) + self.block(headers), flags)

    def reply(self, stream: int, headers: Mapping[str, str] | None = None) -> bytes:
        """Return a SYN_REPLY."""
        return control(SYN_REPLY, struct.pack(">I", stream) + self.block(headers or {}))


def control(kind: int, payload: bytes, flags: int = 0) -> bytes:
    """Return a control frame."""
    return struct.pack(">II", 1 << 31 | VERSION << 16 | kind, flags << 24 | len(payload)) + payload


def data_frame(stream: int, data: bytes, *, is_last: bool = False) -> bytes:
    """Return a data frame; data must be shorter than 16 MiB."""
    return struct.pack(">II", stream, (FIN if is_last else 0) << 24 | len(data)) + data
