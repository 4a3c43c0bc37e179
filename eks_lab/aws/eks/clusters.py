"""CreateCluster, DescribeCluster, ListClusters, DeleteCluster."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from eks_lab.aws.eks import cluster_validation as validation
from eks_lab.aws.eks import updates
from eks_lab.aws.eks.cluster_health import health_of
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.records import CLUSTERS, FARGATE_PROFILES, NODEGROUPS, described, text_of
from eks_lab.aws.eks.refusals import in_use, invalid_parameter, invalid_request, not_in_simulation
from eks_lab.aws.eks.tags import check_tags
from eks_lab.aws.eks.versions import check_version, default_version, platform_version
from eks_lab.aws.principal import Principal
from eks_lab.sim.objects import Obj

MOST_CLUSTERS = 100
"""Clusters of an account in a region (EKS user guide, service quotas)."""
CREATION_SECONDS = (480, 600)
"""A control plane takes 8 to 10 simulated minutes: what `eks wait cluster-active` meets on AWS."""
DELETION = timedelta(minutes=3)
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_DESCRIBED_AS_GIVEN = (
    "zonalShiftConfig",
    "remoteNetworkConfig",
    "controlPlaneScalingConfig",
    "kubeApiServerConfig",
    "kubeSchedulerConfig",
    "kubeControllerManagerConfig",
    "encryptionConfig",
)


def create_cluster(eks: Eks, params: dict[str, Any], principal: Principal) -> dict[str, Any]:
    """Begin a cluster; it is ACTIVE after 8 to 10 simulated minutes.

    Raises:
        AwsError: what is asked for cannot be; see `cluster_validation`.
    """
    name = params["name"]
    fields = {"clusterName": name}
    validation.check_name("name", name, **fields)
    existing = eks.find(CLUSTERS, "", name)
    if existing is not None:
        token = params.get("clientRequestToken")
        if token and token == existing["spec"].get("clientRequestToken"):
            return {"cluster": description(eks, existing)}
        raise in_use(f"Cluster already exists with name: {name}", **fields)
    _refuse_what_is_not_simulated(params, name)
    check_tags(params.get("tags") or {}, **fields)
    today = eks.now().date()
    version = check_version(params.get("version") or default_version(today), today, **fields)
    validation.check_role(eks, params["roleArn"], "eks.amazonaws.com", **fields)
    spec = specification(eks, params, version)
    validation.check_quota(len(eks.list(CLUSTERS)), MOST_CLUSTERS, "clusters", **fields)
    ready = eks.now() + timedelta(seconds=eks.account.ids.number(*CREATION_SECONDS))
    record = eks.add(
        CLUSTERS,
        "",
        name,
        spec=spec,
        creator={"arn": principal.iam_arn, "kind": principal.kind},
        bootstrapSelfManagedAddons=params.get("bootstrapSelfManagedAddons", True),
        readyAt=text_of(ready),
    )
    return {"cluster": description(eks, record)}


def _refuse_what_is_not_simulated(params: dict[str, Any], name: str) -> None:
    if params.get("outpostConfig"):
        raise not_in_simulation(
            "A local cluster on AWS Outposts",
            "a cluster in the region, without outpostConfig.",
            "the control plane runs on instances of the Outpost.",
            clusterName=name,
        )
    if any((params.get(part) or {}).get("enabled") for part in ("computeConfig",)) or (
        (params.get("storageConfig") or {}).get("blockStorage") or {}
    ).get("enabled"):
        raise not_in_simulation(
            "EKS Auto Mode (computeConfig, storageConfig)",
            "managed node groups and the add-ons vpc-cni, kube-proxy, coredns, aws-ebs-csi-driver.",
            "AWS runs Karpenter, the network, load balancers and block storage for the cluster.",
            clusterName=name,
        )


def specification(eks: Eks, params: dict[str, Any], version: str) -> Obj:
    """Return the description of a new cluster.

    Args:
        eks: the account's EKS.
        params: of CreateCluster.
        version: of Kubernetes, checked already.

    Raises:
        AwsError: subnets, security groups, endpoint, key or service range are refused.
    """
    name = params["name"]
    vpc = params["resourcesVpcConfig"]
    subnets = validation.check_subnets(eks, vpc.get("subnetIds") or [], name)
    vpc_id = subnets[0].vpc_id
    groups = list(vpc.get("securityGroupIds") or [])
    validation.check_security_groups(eks, groups, vpc_id, name)
    is_public = vpc.get("endpointPublicAccess", True)
    is_private = vpc.get("endpointPrivateAccess", False)
    cidrs = list(vpc.get("publicAccessCidrs") or (["0.0.0.0/0"] if is_public else []))
    validation.check_endpoint(is_public, is_private, cidrs, name)
    validation.check_encryption(eks, params.get("encryptionConfig") or [], name)
    network = params.get("kubernetesNetworkConfig") or {}
    cidr = validation.service_cidr(network, eks.surroundings.vpc_cidrs(vpc_id), name)
    access = params.get("accessConfig") or {}
    spec: Obj = {
        "name": name,
        "arn": eks.arn(f"cluster/{name}"),
        "createdAt": text_of(eks.now()),
        "version": version,
        "roleArn": params["roleArn"],
        "resourcesVpcConfig": {
            "subnetIds": [subnet.id for subnet in subnets],
            "securityGroupIds": groups,
            "vpcId": vpc_id,
            "endpointPublicAccess": is_public,
            "endpointPrivateAccess": is_private,
            "publicAccessCidrs": cidrs,
        },
        "kubernetesNetworkConfig": {
            "serviceIpv4Cidr": cidr,
            "ipFamily": "ipv4",
            "elasticLoadBalancing": {"enabled": False},
        },
        "logging": merged_logging({}, params.get("logging") or {}, name),
        "status": "CREATING",
        "certificateAuthority": {},
        "platformVersion": platform_version(version),
        "tags": dict(params.get("tags") or {}),
        "health": {"issues": []},
        "accessConfig": {
            "bootstrapClusterCreatorAdminPermissions": access.get(
                "bootstrapClusterCreatorAdminPermissions", True
            ),
            "authenticationMode": access.get("authenticationMode", "CONFIG_MAP"),
        },
        "upgradePolicy": {"supportType": (params.get("upgradePolicy") or {}).get("supportType", "EXTENDED")},
        "deletionProtection": params.get("deletionProtection", False),
        "controlPlaneScalingConfig": {"tier": "standard"},
    }
    if params.get("clientRequestToken"):
        spec["clientRequestToken"] = params["clientRequestToken"]
    for part in _DESCRIBED_AS_GIVEN:
        if params.get(part):
            spec[part] = params[part]
    return spec


def merged_logging(present: Obj, wanted: dict[str, Any], cluster: str) -> Obj:
    """Return a `logging` description in which each type stands once.

    Args:
        present: as described now; empty for a new cluster.
        wanted: of the request.
        cluster: for the error.

    Raises:
        AwsError: InvalidParameterException: a type is turned on and off at once.
    """
    state = dict.fromkeys(LOG_TYPES, False)
    for setup in present.get("clusterLogging") or ():
        for each in setup.get("types") or ():
            state[each] = setup["enabled"]
    named: dict[str, bool] = {}
    for setup in wanted.get("clusterLogging") or ():
        for each in setup.get("types") or ():
            is_on = setup.get("enabled", False)
            if named.get(each, is_on) != is_on:
                raise invalid_parameter(
                    f"Log type {each} is both enabled and disabled in the request", clusterName=cluster
                )
            named[each] = is_on
    state.update(named)
    rows = []
    for is_on in (True, False):
        types = [each for each in LOG_TYPES if state[each] is is_on]
        if types:
            rows.append({"types": types, "enabled": is_on})
    return {"clusterLogging": rows}


def description(eks: Eks, record: Obj) -> dict[str, Any]:
    """Return a cluster as a response has it, with its health as it is now."""
    return {**described(record["spec"]), "health": {"issues": health_of(eks, record)}}


def describe_cluster(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return one cluster.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    return {"cluster": description(eks, eks.cluster(params["name"]))}


def list_clusters(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the names of the account's clusters."""
    return page([record["spec"]["name"] for record in eks.list(CLUSTERS)], params, "clusters")


def delete_cluster(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin the end of a cluster.

    Raises:
        AwsError: it is protected, something is attached to it, or an update is under way.
    """
    name = params["name"]
    fields = {"clusterName": name}
    record = eks.cluster(name)
    status = record["spec"]["status"]
    if status == "DELETING":
        return {"cluster": description(eks, record)}
    if record["spec"].get("deletionProtection"):
        raise invalid_request(  # (M)
            f"Cannot delete cluster {name} because deletion protection is enabled. Disable deletion protection"
            " with UpdateClusterConfig and try again.",
            **fields,
        )
    if eks.list(NODEGROUPS, name):
        raise in_use("Cluster has nodegroups attached", **fields)
    if eks.list(FARGATE_PROFILES, name):
        raise in_use("Cluster has fargate profiles attached", **fields)
    if updates.in_progress(eks, name) is not None:
        raise in_use(f"Cannot delete because cluster {name} currently has an update in progress", **fields)
    if status == "CREATING":
        raise in_use(f"Cannot delete because cluster {name} is currently being created", **fields)  # (M)
    record = eks.put(CLUSTERS, {**record, "deletedAt": text_of(eks.now() + DELETION)})
    record = eks.change(CLUSTERS, record, status="DELETING")
    return {"cluster": description(eks, record)}


def require_active(record: Obj) -> None:
    """Refuse to add to a cluster that is not there yet, or not any more.

    Raises:
        AwsError: InvalidRequestException.
    """
    name, status = record["spec"]["name"], record["spec"]["status"]
    if status not in ("ACTIVE", "UPDATING"):
        raise invalid_request(f"Cluster '{name}' is not in ACTIVE status", clusterName=name)
