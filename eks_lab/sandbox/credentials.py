"""The keys of one sandbox.

Certificate authority and token key are kept; the certificates of the server and the administrator are issued
afresh at every start.
"""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from eks_lab.errors import InputError
from eks_lab.sandbox.kubeconfig import encoded
from eks_lab.sandbox.state_directory import write_private
from eks_lab.sim.apiserver.certificates import Authority, Pair, server_context
from eks_lab.sim.apiserver.tokens import new_key

logger = logging.getLogger(__name__)

ADMIN = "kubernetes-admin"
ADMIN_GROUPS = ("system:masters",)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the API server and its administrator prove themselves with."""

    authority: bytes
    """PEM of the authority's certificate."""
    context: ssl.SSLContext
    """TLS of the API server."""
    administrator: Pair
    """Certificate and key of a user who may do everything."""
    token_key: bytes
    """PEM of the RSA key that signs service-account tokens."""

    def kubeconfig_user(self) -> dict[str, Any]:
        """Return the administrator as a kubeconfig has it."""
        return {
            "client-certificate-data": encoded(self.administrator.certificate),
            "client-key-data": encoded(self.administrator.key),
        }


def prepared(folder: Path, now: datetime) -> Credentials:
    """Return the credentials of a sandbox; what is missing or damaged is made.

    Args:
        folder: where keys are kept.
        now: wall time, for validity.

    Raises:
        DataError: the folder cannot be written.
    """
    authority = _authority(folder, now)
    server = authority.server(now)
    write_private(folder / "server.crt", server.certificate)
    write_private(folder / "server.key", server.key)
    context = server_context(folder / "ca.crt", folder / "server.crt", folder / "server.key")
    administrator = authority.client(ADMIN, ADMIN_GROUPS, now)
    return Credentials(authority.pair.certificate, context, administrator, _token_key(folder))


def _authority(folder: Path, now: datetime) -> Authority:
    try:
        return Authority(Pair((folder / "ca.crt").read_bytes(), (folder / "ca.key").read_bytes()))
    except FileNotFoundError:
        pass
    except (OSError, InputError) as error:
        logger.warning("%s: a new certificate authority is made: %s", folder, error)
    made = Authority.create(now)
    write_private(folder / "ca.crt", made.pair.certificate)
    write_private(folder / "ca.key", made.pair.key)
    return made


def _token_key(folder: Path) -> bytes:
    path = folder / "service-accounts.key"
    try:
        return path.read_bytes()
    except OSError:
        made = new_key()
        write_private(path, made)
        return made
