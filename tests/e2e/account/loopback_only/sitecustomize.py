"""Refuse every address but loopback, in every Python program that finds this folder on its path.

What was asked for is written into the file that EKS_LAB_GUARD_LOG names.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

NAMES = ("localhost",)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in NAMES


def _refuse(event: str, what: str) -> None:
    path = os.environ.get("EKS_LAB_GUARD_LOG")
    if path:
        with open(path, "a", encoding="utf-8") as log:
            log.write(f"{event} {what} {' '.join(sys.argv[:4])}\n")
    raise PermissionError(f"{what}: only loopback is allowed here")


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_loopback(str(address[0])):
            _refuse(event, str(address))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
        if isinstance(host, bytes):
            host = host.decode()
        if host is not None and not _is_loopback(str(host)):
            _refuse(event, str(host))


sys.addaudithook(_guard)
