"""Whom a kubeconfig trusts, and the certificate that it shows."""

from __future__ import annotations

import base64
import os
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def trusting(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ssl.SSLContext:
    """Return what a connection trusts, and the certificate that it shows when the user has one.

    Args:
        cluster: with `certificate-authority-data`; without it, what the machine trusts.
        user: of the same kubeconfig.

    Raises:
        ssl.SSLError: a certificate cannot be read.
    """
    authority = cluster.get("certificate-authority-data", "")
    text = base64.b64decode(authority).decode("ascii") if authority else None
    context = ssl.create_default_context(cadata=text)
    if "client-certificate-data" not in user:
        return context
    # ssl reads certificates from files only.
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "client.pem"
        with os.fdopen(os.open(certificate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.b64decode(user["client-certificate-data"]))
            file.write(b"\n" + base64.b64decode(user["client-key-data"]))
        context.load_cert_chain(certificate)
    return context
