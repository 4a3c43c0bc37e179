"""What goes back over the wire."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from eks_lab.sim.objects import ApiError, Obj

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
GZIP_FROM = 128 * 1024
"""Bytes from which an answer is compressed (responsewriters/writers.go: defaultGzipThresholdBytes)."""


@dataclass(slots=True)
class Answer:
    """A whole answer."""

    status: int
    """HTTP status."""
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    """Besides Content-Type and Content-Length."""
    warnings: list[str] = field(default_factory=list)
    """Texts of Warning headers."""


Stream = Callable[[Receive, Send], Awaitable[None]]
"""An answer that goes on for a while; it sends its own head."""


def json_answer(status: int, obj: Any, content_type: str = JSON) -> Answer:
    """Return a value as JSON, with the line feed that Go's encoder ends on."""
    return Answer(status, orjson.dumps(obj, option=orjson.OPT_APPEND_NEWLINE), content_type)


def error_answer(error: ApiError) -> Answer:
    """Return a Status of failure."""
    answer = json_answer(error.code, error.status())
    retry = error.details.get("retryAfterSeconds")
    if retry:
        answer.headers["Retry-After"] = str(retry)
    return answer


def text_answer(status: int, text: str) -> Answer:
    """Return plain text."""
    return Answer(status, text.encode(), TEXT, {"X-Content-Type-Options": "nosniff"})


def not_found_page() -> Answer:
    """Return what an unknown path gets; clients make their own sentence of it."""
    return text_answer(404, "404 page not found\n")


def method_not_allowed() -> Answer:
    """Return what a known path gets for a method it does not have."""
    return text_answer(405, "405: Method Not Allowed")


def success_status(plural: str, group: str, name: str, uid: str) -> Obj:
    """Return the Status of a deletion that left nothing."""
    details = {"name": name, "group": group, "kind": plural, "uid": uid}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {key: value for key, value in details.items() if value},
    }


async def send_answer(answer: Answer, send: Send, accepts_gzip: bool, is_head: bool = False) -> None:
    """Send a whole answer.

    Args:
        answer: what to send.
        send: of ASGI.
        accepts_gzip: True when the client takes compressed bodies.
        is_head: True for HEAD, which has no body.
    """
    body = answer.body
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"cache-control", b"no-cache, private"),
    ]
    if accepts_gzip and len(body) > GZIP_FROM:
        body = gzip.compress(body, compresslevel=1, mtime=0)
        headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
    headers.append((b"content-length", str(len(body)).encode()))
    headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    headers += [(b"warning", warning_header(text)) for text in dict.fromkeys(answer.warnings)]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else body})


def warning_header(text: str) -> bytes:
    """Return a Warning header's value (RFC 7234, code 299)."""
    plain = "".join(" " if letter < " " or "\x7f" <= letter < "\xa0" else letter for letter in text)
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{quoted}"'.encode()
