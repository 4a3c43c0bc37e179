"""What cluster insights look at: each check reads the cluster as it is and says what an upgrade would break.

Names, categories and statuses are EKS's (user guide, "Cluster insights"); sentences are modelled.
"""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.aws.eks import addon_catalogue
from eks_lab.aws.eks.cluster_health import health_of
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.records import ADDONS
from eks_lab.aws.eks.versions import minor
from eks_lab.catalog.kubernetes_versions import calendar
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Obj

UPGRADE = "UPGRADE_READINESS"
_WORST = {"UNKNOWN": 0, "PASSING": 1, "WARNING": 2, "ERROR": 3}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says of a cluster."""

    name: str
    category: str
    description: str
    recommendation: str
    resources: tuple[tuple[str, str, str], ...] = ()
    """Status, reason and what it is: an ARN or the path of a Kubernetes object."""
    reason: str = ""
    links: tuple[tuple[str, str], ...] = ()
    details: tuple[Obj, ...] = ()
    """Of `categorySpecificSummary`: deprecations or add-ons."""
    details_member: str = ""

    @property
    def status(self) -> str:
        """Return the worst status of the resources."""
        return max((row[0] for row in self.resources), key=lambda each: _WORST[each], default="PASSING")


def findings(eks: Eks, cluster: str, target: str) -> list[Finding]:
    """Return what every check says.

    Args:
        eks: the account's EKS.
        cluster: its name.
        target: version the cluster would be upgraded to.
    """
    control_plane = eks.control_plane(cluster)
    found = [_addons(eks, cluster, target), _health(eks, cluster)]
    if control_plane is not None:
        found += [
            _kubelets(control_plane.api, target),
            _kube_proxies(control_plane.api, target),
            _deprecated(control_plane.api, target),
        ]
    return sorted(found, key=lambda each: each.name)


def _kubelets(api: Api, target: str) -> Finding:
    behind = calendar().rules.kubelet_minors_behind
    rows = []
    for node in api.items("nodes"):
        version = node["status"]["nodeInfo"]["kubeletVersion"].removeprefix("v")
        gap = minor(target) - int(version.split(".")[1])
        if gap > behind:
            status, why = "ERROR", "is out of the supported version skew"
        elif gap == behind:
            status, why = "WARNING", "is at the end of the supported version skew"
        else:
            continue
        uri = f"/api/v1/nodes/{node['metadata']['name']}"
        rows.append((status, f"Kubelet {version} {why} of Kubernetes {target}", uri))
    return Finding(
        "Kubelet version skew",
        UPGRADE,
        f"Checks for kubelet versions of worker nodes in the cluster to see if upgrading to {target} would leave"
        " them outside of the version skew policy of Kubernetes.",
        "Upgrade the worker nodes before the control plane.",
        tuple(rows),
        "No kubelet is too old." if not rows else "Kubelets are too old, or nearly.",
        (("Kubernetes version skew policy", "https://kubernetes.io/releases/version-skew-policy/"),),
    )


def _kube_proxies(api: Api, target: str) -> Finding:
    behind = calendar().rules.kubelet_minors_behind
    rows = []
    for daemon in api.items("daemonsets.apps", "kube-system"):
        if daemon["metadata"]["name"] != "kube-proxy":
            continue
        image = daemon["spec"]["template"]["spec"]["containers"][0]["image"]
        number = image.rpartition(":")[2].removeprefix("v").split(".")
        if len(number) < 2 or not number[1].isdigit():
            continue
        gap = minor(target) - int(number[1])
        if gap >= behind:
            status = "ERROR" if gap > behind else "WARNING"
            text = f"kube-proxy 1.{number[1]} is {gap} minor versions older than Kubernetes {target}"
            rows.append((status, text, "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy"))
    return Finding(
        "kube-proxy version skew",
        UPGRADE,
        f"Checks the version of kube-proxy to see if upgrading to {target} would leave it outside of the version"
        " skew policy of Kubernetes.",
        "Upgrade kube-proxy to a version that is compatible with the cluster's.",
        tuple(rows),
        "kube-proxy is young enough." if not rows else "kube-proxy is too old, or nearly.",
    )


def _addons(eks: Eks, cluster: str, target: str) -> Finding:
    rows, details = [], []
    for record in eks.list(ADDONS, cluster):
        spec = record["spec"]
        versions = addon_catalogue.versions(spec["addonName"], target)
        details.append({"name": spec["addonName"], "compatibleVersions": versions})
        if spec["addonVersion"] not in versions:
            text = f"{spec['addonName']} {spec['addonVersion']} is not compatible with Kubernetes {target}"
            rows.append(("ERROR", text, spec["addonArn"]))
    return Finding(
        "EKS add-on version compatibility",
        UPGRADE,
        f"Checks the version of installed EKS add-ons to ensure they are compatible with Kubernetes {target}.",
        "Upgrade the add-ons to versions that the next Kubernetes version knows.",
        tuple(rows),
        "All add-ons are compatible." if not rows else "Add-ons are not compatible.",
        details=tuple(details),
        details_member="addonCompatibilityDetails",
    )


def _health(eks: Eks, cluster: str) -> Finding:
    record = eks.cluster(cluster)
    rows = [("ERROR", each["message"], record["spec"]["arn"]) for each in health_of(eks, record)]
    return Finding(
        "Cluster health issues",
        UPGRADE,
        "Checks for any cluster health issues that prevent successful upgrade to the next Kubernetes version.",
        "Resolve the issues that describe-cluster shows.",
        tuple(rows),
        "No cluster health issues detected." if not rows else "The cluster has health issues.",
    )


def _deprecated(api: Api, target: str) -> Finding:
    """Look for objects that were written through an API version which the target does not serve any more."""
    rows, details = [], []
    for (resource, group_version), (removed, instead) in sorted(REMOVED_IN.items()):
        if minor(removed) > minor(target):
            continue
        seen = 0
        latest = ""
        agents: dict[str, int] = {}
        if resource in {each.id for each in api.resources()}:
            for obj in api.items(resource):
                for owner in obj["metadata"].get("managedFields") or ():
                    if owner.get("apiVersion") == group_version:
                        seen += 1
                        agents[owner.get("manager", "")] = agents.get(owner.get("manager", ""), 0) + 1
                        latest = max(latest, owner.get("time", ""))
        details.append(
            {
                "usage": f"/apis/{group_version}/{resource.partition('.')[0]}",
                "replacedWith": instead,
                "stopServingVersion": removed,
                "startServingReplacementVersion": removed,
                "clientStats": [
                    {"userAgent": agent, "numberOfRequestsLast30Days": count, "lastRequestTime": latest}
                    for agent, count in sorted(agents.items())
                    if latest
                ],
            }
        )
        if seen:
            text = f"Deprecated API usage detected within last 30 days: {group_version} {resource}"
            rows.append(("ERROR", text, f"/apis/{group_version}/{resource.partition('.')[0]}"))
    return Finding(
        f"Deprecated APIs removed in Kubernetes v{target}",
        UPGRADE,
        f"Checks for usage of deprecated APIs that are scheduled for removal in Kubernetes v{target}. Upgrading"
        " the cluster before migrating to the updated APIs could cause application impact.",
        f"Move manifests and clients to the API versions that Kubernetes v{target} serves.",
        tuple(rows),
        "No deprecated API usage detected within the last 30 days."
        if not rows
        else "Deprecated API usage detected within last 30 days.",
        (
            (
                "Kubernetes v1.29 and later deprecation guide",
                "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
            ),
        ),
        tuple(details),
        "deprecationDetails",
    )


REMOVED_IN: dict[tuple[str, str], tuple[str, str]] = {
    ("flowschemas.flowcontrol.apiserver.k8s.io", "flowcontrol.apiserver.k8s.io/v1beta3"): (
        "1.32",
        "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
    ),
    ("prioritylevelconfigurations.flowcontrol.apiserver.k8s.io", "flowcontrol.apiserver.k8s.io/v1beta3"): (
        "1.32",
        "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
    ),
    ("validatingadmissionpolicies.admissionregistration.k8s.io", "admissionregistration.k8s.io/v1beta1"): (
        "1.34",
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    ),
    ("volumeattributesclasses.storage.k8s.io", "storage.k8s.io/v1beta1"): (
        "1.37",
        "/apis/storage.k8s.io/v1/volumeattributesclasses",
    ),
}
"""Resource and API version -> version of Kubernetes that does not serve it, and what does.

Source: Kubernetes deprecation guide; each beta is served for nine months or three releases after its deprecation.
"""


def upgrade_errors(eks: Eks, cluster: str, target: str) -> list[str]:
    """Return what keeps EKS from an upgrade without force: the names of checks with status ERROR."""
    return [
        each.name
        for each in findings(eks, cluster, target)
        if each.category == UPGRADE and each.status == "ERROR"
    ]
