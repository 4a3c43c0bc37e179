"""Kubernetes versions as EKS offers them on a simulated day, and DescribeClusterVersions.

The calendar is the catalogue's; which versions the simulator can run is `eks_lab.sim.cluster.VERSIONS`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.refusals import invalid_parameter, not_in_simulation
from eks_lab.aws.machine_images import PATCHES
from eks_lab.catalog.control_plane_tiers import terms
from eks_lab.catalog.kubernetes_versions import KubernetesVersion, calendar
from eks_lab.sim.cluster import VERSIONS

PLATFORM_REVISIONS = {"1.34": 18, "1.35": 11, "1.36": 4}
"""Newest `eks.N` of each version; AWS publishes them as it goes, these are made to look like November 2026 (M)."""
_STATUSES = {"standard": "standard-support", "extended": "extended-support", "ended": "unsupported"}


def offered(day: date) -> list[KubernetesVersion]:
    """Return what CreateCluster takes on a day: standard and extended support, oldest first."""
    return [
        version for version in calendar().versions.values() if version.phase(day) in ("standard", "extended")
    ]


def default_version(day: date) -> str:
    """Return what a cluster gets that names no version: the newest on offer that the simulator runs."""
    running = [version.name for version in offered(day) if version.name in VERSIONS]
    return running[-1] if running else VERSIONS[-1]


def platform_version(version: str) -> str:
    """Return the newest platform version of a Kubernetes version: `eks.4`."""
    return f"eks.{PLATFORM_REVISIONS.get(version, 1)}"


def minor(version: str) -> int:
    """Return 36 for `1.36`."""
    return int(version.partition(".")[2])


def check_version(version: str, day: date, **fields: Any) -> str:
    """Return a version that a cluster can be made of.

    Args:
        version: as it was asked for.
        day: today, in UTC.
        fields: members of the error.

    Raises:
        AwsError: InvalidParameterException `unsupported Kubernetes version`; or EKS offers it and the
            simulator does not run it, which the message says.
    """
    on_offer = {each.name: each for each in offered(day)}
    if version not in on_offer:
        raise invalid_parameter("unsupported Kubernetes version", **fields)
    if version not in VERSIONS:
        phase = on_offer[version].phase(day)
        until = on_offer[version].phase_end(day)
        raise not_in_simulation(
            f"Kubernetes {version}",
            f"one of {', '.join(VERSIONS)}.",
            f"{version} is in {phase} support until {until}"
            + (" and costs six times the standard price an hour." if phase == "extended" else "."),
            **fields,
        )
    return version


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def describe_cluster_versions(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the versions EKS knows, newest first.

    Raises:
        AwsError: InvalidParameterException: an unknown cluster type, a version nobody knows, two filters
            that exclude each other.
    """
    cluster_type = params.get("clusterType", "eks")
    if cluster_type not in ("eks", "eks-local-outposts"):
        raise invalid_parameter(f"The cluster type {cluster_type} is not valid.")
    if params.get("status") and params.get("versionStatus"):
        raise invalid_parameter("Only one of status and versionStatus can be specified.")
    today = eks.now().date()
    known = {
        version.name: version
        for version in calendar().versions.values()
        if version.phase(today) != "not released"
    }
    for name in params.get("clusterVersions") or ():
        if name not in known:
            raise invalid_parameter(f"The specified Kubernetes version {name} is not valid.")
    wanted = params.get("status") or str(params.get("versionStatus", "")).lower().replace("_", "-")
    rows = []
    for version in sorted(known.values(), key=lambda each: each.minor, reverse=True):
        row = _row(version, today)
        if params.get("clusterVersions"):
            if version.name not in params["clusterVersions"]:
                continue
        elif row["status"] == "unsupported" and not params.get("includeAll") and wanted != "unsupported":
            continue
        if wanted and row["status"] != wanted:
            continue
        if params.get("defaultOnly") and not row["defaultVersion"]:
            continue
        rows.append(row)
    return page(rows, params, "clusterVersions")


def _row(version: KubernetesVersion, today: date) -> dict[str, Any]:
    status = _STATUSES[version.phase(today)]
    row: dict[str, Any] = {
        "clusterVersion": version.name,
        "clusterType": "eks",
        "defaultPlatformVersion": platform_version(version.name),
        "defaultVersion": version.name == default_version(today),
        "releaseDate": _midnight(version.released),
        "endOfStandardSupportDate": _midnight(version.end_of_standard),
        "endOfExtendedSupportDate": _midnight(version.end_of_extended),
        "status": status,
        "versionStatus": status.upper().replace("-", "_"),
        "controlPlaneScalingTiers": control_plane_tiers(version.name),
    }
    if version.name in PATCHES:
        row["kubernetesPatchVersion"] = PATCHES[version.name]
    return row


def control_plane_tiers(version: str) -> list[dict[str, Any]]:
    """Return the tiers of a control plane with their figures for a version; see the catalogue."""
    rows: list[dict[str, Any]] = []
    for tier in terms().tiers:
        row = {
            "tierName": f"tier-{tier.name}",
            "apiRequestConcurrency": tier.seats(minor(version)),
            "podSchedulingRatePerSecond": tier.pods_per_second(minor(version)),
            "clusterDatabaseSizeGb": tier.database_gb,
        }
        rows.append({name: value for name, value in row.items() if value is not None})
    return rows
