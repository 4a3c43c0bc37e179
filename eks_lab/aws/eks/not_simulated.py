"""Operations of EKS that the simulator does not have: the nearest one that it has, and what real EKS does."""

from __future__ import annotations

_CAPABILITY = (
    "Nearest: CreateAddon, which installs software into a cluster. Real EKS runs Argo CD, ACK or kro for the"
    " cluster outside of it, and {} it."
)
_AUTHORITY = (
    "Nearest: DescribeCluster, whose certificateAuthority.data is the authority in use. Real EKS {} an authority"
    " of a cluster, so that it can be exchanged without a break."
)
_ANYWHERE = (
    "Nearest: CreateCluster. Real EKS {} a paid subscription that gives curated packages and support to EKS"
    " Anywhere clusters on machines of one's own."
)
_CONNECTOR = (
    "Nearest: CreateCluster. Real EKS {} any Kubernetes cluster with the EKS Connector, so that the console can"
    " show what runs in it."
)

REASONS = {
    "CreateCapability": _CAPABILITY.format("adds"),
    "DeleteCapability": _CAPABILITY.format("removes"),
    "DescribeCapability": _CAPABILITY.format("describes"),
    "ListCapabilities": _CAPABILITY.format("lists"),
    "UpdateCapability": _CAPABILITY.format("changes"),
    "ActivateCertificateAuthority": _AUTHORITY.format("signs with"),
    "CreateCertificateAuthority": _AUTHORITY.format("adds"),
    "DeleteCertificateAuthority": _AUTHORITY.format("removes"),
    "DescribeCertificateAuthority": _AUTHORITY.format("describes"),
    "ListCertificateAuthorities": _AUTHORITY.format("lists"),
    "CreateEksAnywhereSubscription": _ANYWHERE.format("buys"),
    "DeleteEksAnywhereSubscription": _ANYWHERE.format("ends"),
    "DescribeEksAnywhereSubscription": _ANYWHERE.format("describes"),
    "ListEksAnywhereSubscriptions": _ANYWHERE.format("lists"),
    "UpdateEksAnywhereSubscription": _ANYWHERE.format("changes the renewal of"),
    "RegisterCluster": _CONNECTOR.format("registers"),
    "DeregisterCluster": _CONNECTOR.format("forgets"),
    "CancelUpdate": (
        "Nearest: DescribeUpdate, which shows how far the update is. Real EKS stops an update of a cluster with"
        " Auto Mode that is being rolled back and still waits for its nodes."
    ),
}
"""Operation -> two sentences."""
