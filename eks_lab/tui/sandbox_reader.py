"""Reads lists from the sandbox's API server, as kubectl would: its kubeconfig, its certificate, its Tables."""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eks_lab.errors import DataError, UnavailableError

TIMEOUT_SECONDS = 10.0
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
"""What kubectl accepts (Kubernetes API concepts, “Receiving resources as Tables”)."""


class KubeReader:
    """Lists objects; keeps its TLS context while the kubeconfig stays the same."""

    def __init__(self, kubeconfig: Path, content: Callable[[], bytes] | None = None) -> None:
        """Read nothing yet.

        Args:
            kubeconfig: as the sandbox writes it.
            content: returns a kubeconfig that stands in no file; `kubeconfig` names where it comes from.
        """
        self._path = kubeconfig
        self._content = content or kubeconfig.read_bytes
        self._known: bytes = b""
        self._context: ssl.SSLContext | None = None
        self._address = ("", 0)

    def read(self, *requests: tuple[str, bool]) -> list[dict[str, Any]]:
        """Return the answers to some lists, over one connection.

        Args:
            requests: path with its query, and whether it is wanted as a Table.

        Raises:
            DataError: the kubeconfig cannot be used.
            UnavailableError: the API server does not answer, or says no.
        """
        context = self._prepared()
        host, port = self._address
        connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
        try:
            return [self._list(connection, path, as_table) for path, as_table in requests]
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise UnavailableError(
                f"the API server at https://{host}:{port} does not answer: {error}",
                hint="Its log: eks-lab sandbox logs",
            ) from error
        finally:
            connection.close()

    def _list(self, connection: http.client.HTTPSConnection, path: str, as_table: bool) -> dict[str, Any]:
        connection.request("GET", path, headers={"Accept": TABLE if as_table else "application/json"})
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        if response.status != 200:
            raise UnavailableError(
                f"{path}: the API server says {response.status}: {answer.get('message', '')}",
                hint="Its log: eks-lab sandbox logs",
            )
        return answer

    def _prepared(self) -> ssl.SSLContext:
        """Return the TLS context of the kubeconfig, made anew when the file changed."""
        try:
            content = self._content()
            if self._context is None or content != self._known:
                document = json.loads(content)
                cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
                self._context = _context(
                    base64.b64decode(cluster["certificate-authority-data"]),
                    base64.b64decode(user["client-certificate-data"])
                    + base64.b64decode(user["client-key-data"]),
                )
                address = urlsplit(cluster["server"])
                self._address = (address.hostname or "", address.port or 443)
                self._known = content
        except OSError as error:
            raise DataError(f"{self._path}: {error.strerror or error}", hint=_HINT) from error
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise DataError(f"{self._path}: this is not the sandbox's kubeconfig", hint=_HINT) from error
        return self._context


_HINT = "The sandbox writes it when it starts: stop the sandbox and start it again."


def _context(authority: bytes, identity: bytes) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority.decode("ascii"))
    # Python reads a client's key from a file only; this one is its owner's alone and gone at once.
    descriptor, name = tempfile.mkstemp(prefix="eks-lab-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(identity)
        context.load_cert_chain(name)
    finally:
        Path(name).unlink(missing_ok=True)
    return context
