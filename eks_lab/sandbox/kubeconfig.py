"""The kubeconfig that the sandbox writes; JSON is YAML, and needs no library to write."""

from __future__ import annotations

import base64
import json
from typing import Any

CONTEXT = "eks-lab"
"""Name of context and cluster."""
USER = "eks-lab-admin"


def kubeconfig(server: str, authority: bytes, user: dict[str, Any]) -> bytes:
    """Return a kubeconfig with one context.

    Args:
        server: `https://127.0.0.1:6443`.
        authority: PEM of the certificate authority.
        user: credentials as a kubeconfig names them: `token`, `client-certificate-data`, …
    """
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [
            {
                "name": CONTEXT,
                "cluster": {"server": server, "certificate-authority-data": encoded(authority)},
            }
        ],
        "users": [{"name": USER, "user": user}],
        "contexts": [
            {"name": CONTEXT, "context": {"cluster": CONTEXT, "user": USER, "namespace": "default"}}
        ],
        "preferences": {},
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def encoded(pem: bytes) -> str:
    """Return PEM as the `-data` fields hold it."""
    return base64.b64encode(pem).decode("ascii")
