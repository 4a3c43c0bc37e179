"""The administrator of any cluster of a sandbox, for programs of the sandbox's owner."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from eks_lab.errors import DataError, InputError
from eks_lab.sandbox.credentials import ADMIN, ADMIN_GROUPS
from eks_lab.sandbox.kubeconfig import encoded, kubeconfig
from eks_lab.sim.apiserver.certificates import Authority, Pair


def administrator_kubeconfig(folder: Path, server: str, now: datetime) -> bytes:
    """Return a kubeconfig for a cluster's administrator; nothing is written.

    Real EKS keeps its certificate authority to itself; a sandbox's owner has it on disk.

    Args:
        folder: of the cluster's keys; see `StateDirectory.certificates_of`.
        server: URL of its API server.
        now: wall time, for the certificate's validity.

    Raises:
        DataError: the cluster's keys are not there, or damaged.
    """
    try:
        authority = Authority(Pair((folder / "ca.crt").read_bytes(), (folder / "ca.key").read_bytes()))
    except (OSError, InputError) as error:
        raise DataError(
            f"{folder}: the keys of the cluster cannot be read: {error}",
            hint="Delete the cluster and create it again.",
        ) from error
    administrator = authority.client(ADMIN, ADMIN_GROUPS, now)
    user = {
        "client-certificate-data": encoded(administrator.certificate),
        "client-key-data": encoded(administrator.key),
    }
    return kubeconfig(server, authority.pair.certificate, user)
