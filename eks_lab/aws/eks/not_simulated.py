"""Operations of EKS that the simulator does not have: the nearest one that it has, and what real EKS does."""

from __future__ import annotations

_CAPABILITY = "EKS runs Argo CD, ACK or kro for a cluster, outside of it; this {} such a capability."
_AUTHORITY = "a cluster may have several certificate authorities, so that one can be exchanged without a break; this {} one."
_ANYWHERE = (
    "a paid subscription gives curated packages and support to EKS Anywhere clusters on machines of one's own;"
    " this {} one."
)
_CONNECTOR = (
    "the EKS Connector shows any Kubernetes cluster in the console of EKS; this {} a cluster of that kind."
)

REASONS: dict[str, tuple[str, str]] = {
    "CreateCapability": ("CreateAddon", _CAPABILITY.format("adds")),
    "DeleteCapability": ("DeleteAddon", _CAPABILITY.format("removes")),
    "DescribeCapability": ("DescribeAddon", _CAPABILITY.format("describes")),
    "ListCapabilities": ("ListAddons", _CAPABILITY.format("lists")),
    "UpdateCapability": ("UpdateAddon", _CAPABILITY.format("changes")),
    "ActivateCertificateAuthority": ("DescribeCluster", _AUTHORITY.format("signs with")),
    "CreateCertificateAuthority": ("DescribeCluster", _AUTHORITY.format("adds")),
    "DeleteCertificateAuthority": ("DescribeCluster", _AUTHORITY.format("removes")),
    "DescribeCertificateAuthority": ("DescribeCluster", _AUTHORITY.format("describes")),
    "ListCertificateAuthorities": ("DescribeCluster", _AUTHORITY.format("lists every")),
    "CreateEksAnywhereSubscription": ("CreateCluster", _ANYWHERE.format("buys")),
    "DeleteEksAnywhereSubscription": ("DeleteCluster", _ANYWHERE.format("ends")),
    "DescribeEksAnywhereSubscription": ("DescribeCluster", _ANYWHERE.format("describes")),
    "ListEksAnywhereSubscriptions": ("ListClusters", _ANYWHERE.format("lists every")),
    "UpdateEksAnywhereSubscription": ("UpdateClusterConfig", _ANYWHERE.format("renews, or stops renewing,")),
    "RegisterCluster": ("CreateCluster", _CONNECTOR.format("registers")),
    "DeregisterCluster": ("DeleteCluster", _CONNECTOR.format("forgets")),
    "CancelUpdate": (
        "DescribeUpdate",
        "a rollback of a cluster with Auto Mode that still waits for its nodes can be stopped.",
    ),
}
"""Operation -> the nearest operation that is simulated, and what real EKS does."""


class NotSimulatedOperationError(NotImplementedError):
    """An operation that is not simulated; its text says what real EKS does."""

    def __init__(self, operation: str) -> None:
        """Look an operation up.

        Args:
            operation: one of `REASONS`.
        """
        self.nearest, text = REASONS[operation]
        """Operation that comes nearest."""
        super().__init__(text)
