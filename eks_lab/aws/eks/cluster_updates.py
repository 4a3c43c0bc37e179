"""UpdateClusterConfig, UpdateClusterVersion, AssociateEncryptionConfig: one update of a cluster at a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from eks_lab.aws.eks import cluster_validation as validation
from eks_lab.aws.eks import updates
from eks_lab.aws.eks.clusters import merged_logging
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.insight_checks import upgrade_errors
from eks_lab.aws.eks.records import CLUSTERS, NODEGROUPS, UPDATES
from eks_lab.aws.eks.refusals import in_use, invalid_parameter, invalid_request, not_in_simulation
from eks_lab.aws.eks.versions import check_version, minor, offered, platform_version
from eks_lab.catalog.kubernetes_versions import calendar
from eks_lab.sim.cluster import VERSIONS
from eks_lab.sim.objects import Obj, parse_time

CONFIG_TIME = timedelta(minutes=2)
ENDPOINT_TIME = timedelta(minutes=5)
VERSION_TIME = timedelta(minutes=9)
ENCRYPTION_TIME = timedelta(minutes=10)
"""How long updates last; what the console shows is about as much."""
BY_ITSELF = "end-of-support"
"""Token of updates that EKS begins itself."""
FREE_ADDRESSES_OF_AN_UPGRADE = 2
_STEPS = {
    ("CONFIG_MAP", "API_AND_CONFIG_MAP"),
    ("API_AND_CONFIG_MAP", "API"),
}
"""The ways an authentication mode can go; there is none back (EKS user guide, grant access)."""
_PARTS = (
    "resourcesVpcConfig",
    "logging",
    "accessConfig",
    "upgradePolicy",
    "zonalShiftConfig",
    "remoteNetworkConfig",
    "deletionProtection",
    "controlPlaneScalingConfig",
)
_NOT_SIMULATED = ("computeConfig", "storageConfig", "kubernetesNetworkConfig")
_COMPONENTS = ("kubeApiServerConfig", "kubeSchedulerConfig", "kubeControllerManagerConfig")


def check_idle(eks: Eks, record: Obj, kind: str) -> None:
    """Refuse an update while the cluster is busy.

    Raises:
        AwsError: ResourceInUseException.
    """
    name, status = record["spec"]["name"], record["spec"]["status"]
    running = updates.in_progress(eks, name)
    if running is not None:
        raise in_use(
            f"Cannot {kind} because cluster {name} currently has update {running['spec']['id']} in progress",
            clusterName=name,
        )
    if status != "ACTIVE":
        raise in_use(f"Cannot {kind} because cluster {name} is currently {status}", clusterName=name)  # (M)


def update_cluster_config(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin one kind of change to a cluster.

    Raises:
        AwsError: none or several kinds are asked for, nothing would change, or the change is refused.
    """
    name = params["name"]
    record = eks.cluster(name)
    repeated = updates.started_with(eks, name, params.get("clientRequestToken", ""))
    if repeated is not None:
        return {"update": repeated}
    for part in _NOT_SIMULATED:
        if params.get(part):
            raise not_in_simulation(
                f"An update of {part}",
                "managed node groups and add-ons.",
                "it turns EKS Auto Mode on or off, all three parts at once.",
                clusterName=name,
            )
    given = [part for part in _PARTS if params.get(part) is not None]
    if any(params.get(part) for part in _COMPONENTS):
        given.append("components")
    if not given:
        raise invalid_parameter("The type for cluster update was not provided.", clusterName=name)
    if len(given) > 1:
        raise invalid_parameter("Only one type of update can be allowed.", clusterName=name)
    kind, rows, change, takes = _CHANGES[given[0]](eks, record, params)
    check_idle(eks, record, kind)
    started = updates.start(
        eks,
        name,
        kind,
        rows,
        takes=takes,
        change=change,
        token=params.get("clientRequestToken", ""),
    )
    eks.change(CLUSTERS, record, status="UPDATING")
    return {"update": started}


Change = tuple[str, list[tuple[str, Any]], dict[str, Any], timedelta]
"""Type of an update, its parameters, what it changes, how long it lasts."""


def _network(eks: Eks, record: Obj, params: dict[str, Any]) -> Change:
    name, wanted = params["name"], params["resourcesVpcConfig"]
    vpc = record["spec"]["resourcesVpcConfig"]
    has_places = wanted.get("subnetIds") is not None or wanted.get("securityGroupIds") is not None
    endpoint_parts = ("endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs")
    has_endpoint = any(wanted.get(part) is not None for part in endpoint_parts)
    if has_places and has_endpoint:
        raise invalid_parameter("Only one type of update can be allowed.", clusterName=name)
    if wanted.get("controlPlaneEgressMode"):
        raise not_in_simulation(
            "controlPlaneEgressMode",
            "the mode AWS_MANAGED, which every cluster has.",
            "the control plane's own traffic leaves through the VPC.",
            clusterName=name,
        )
    if has_places:
        return _places(eks, record, params)
    if not has_endpoint:
        raise invalid_parameter("The type for cluster update was not provided.", clusterName=name)
    is_public = wanted.get("endpointPublicAccess", vpc["endpointPublicAccess"])
    is_private = wanted.get("endpointPrivateAccess", vpc["endpointPrivateAccess"])
    cidrs = list(wanted.get("publicAccessCidrs") or vpc["publicAccessCidrs"])
    if is_public and not cidrs:
        cidrs = ["0.0.0.0/0"]
    validation.check_endpoint(is_public, is_private, cidrs, name)
    after = {
        **vpc,
        "endpointPublicAccess": is_public,
        "endpointPrivateAccess": is_private,
        "publicAccessCidrs": cidrs if is_public else [],
    }
    if after == vpc:
        raise invalid_parameter(
            f"Cluster is already at the desired configuration with endpointPrivateAccess: {str(is_private).lower()}"
            f" , endpointPublicAccess: {str(is_public).lower()}, and Public Endpoint Restrictions:"
            f" [{', '.join(cidrs)}]",
            clusterName=name,
        )
    rows = [
        ("EndpointPublicAccess", str(is_public).lower()),
        ("EndpointPrivateAccess", str(is_private).lower()),
        ("PublicAccessCidrs", cidrs),
    ]
    return "EndpointAccessUpdate", rows, {"resourcesVpcConfig": after}, ENDPOINT_TIME


def _places(eks: Eks, record: Obj, params: dict[str, Any]) -> Change:
    name, wanted = params["name"], params["resourcesVpcConfig"]
    vpc = record["spec"]["resourcesVpcConfig"]
    subnets = validation.check_subnets(eks, wanted.get("subnetIds") or vpc["subnetIds"], name)
    if subnets[0].vpc_id != vpc["vpcId"]:
        raise invalid_parameter(  # (M)
            f"Subnets specified must belong to the VPC of the cluster, {vpc['vpcId']}", clusterName=name
        )
    present = {eks.surroundings.subnet(each) for each in vpc["subnetIds"]}
    zones = {subnet.zone for subnet in present if subnet is not None}
    if zones and {subnet.zone for subnet in subnets} != zones:
        # API reference, UpdateClusterConfig: the same set of Availability Zones as at creation.
        raise invalid_parameter(
            "Provided subnets must belong to the same set of AZs that were provided during cluster creation:"
            f" [{', '.join(sorted(zones))}]",
            clusterName=name,
        )
    groups = wanted.get("securityGroupIds")
    groups = list(vpc["securityGroupIds"] if groups is None else groups)
    validation.check_security_groups(eks, groups, vpc["vpcId"], name)
    ids = [subnet.id for subnet in subnets]
    after = {**vpc, "subnetIds": ids, "securityGroupIds": groups}
    if after == vpc:
        raise invalid_parameter(
            f"Cluster is already at the desired configuration with subnets: [{', '.join(ids)}] and security"
            f" groups: [{', '.join(groups)}]",
            clusterName=name,
        )
    rows = [("Subnets", ids), ("SecurityGroups", groups)]
    return "VpcConfigUpdate", rows, {"resourcesVpcConfig": after}, ENDPOINT_TIME


def _logging(eks: Eks, record: Obj, params: dict[str, Any]) -> Change:
    before = record["spec"]["logging"]
    after = merged_logging(before, params["logging"], params["name"])
    if after == before:
        raise invalid_parameter(
            "No changes needed for the logging config provided", clusterName=params["name"]
        )
    return "LoggingUpdate", [("ClusterLogging", after)], {"logging": after}, CONFIG_TIME


def _access(eks: Eks, record: Obj, params: dict[str, Any]) -> Change:
    before = record["spec"]["accessConfig"]
    old, new = before["authenticationMode"], params["accessConfig"].get("authenticationMode", "")
    if (old, new) not in _STEPS:
        raise invalid_parameter(
            f"Unsupported authentication mode update from {old} to {new}", clusterName=params["name"]
        )
    change = {"accessConfig": {**before, "authenticationMode": new}}
    return "AccessConfigUpdate", [("AuthenticationMode", new)], change, CONFIG_TIME


def _policy(eks: Eks, record: Obj, params: dict[str, Any]) -> Change:
    after = params["upgradePolicy"]
    if after.get("supportType") == record["spec"]["upgradePolicy"]["supportType"]:
        raise invalid_parameter(
            f"Cluster is already at the desired upgrade policy: {after.get('supportType')}",
            clusterName=params["name"],
        )
    today = eks.now().date()
    version = calendar().get(record["spec"]["version"])
    if after.get("supportType") == "STANDARD" and version.phase(today) == "extended":
        raise invalid_parameter(
            f"Cannot change the upgrade policy to STANDARD because Kubernetes {version.name} is in extended"
            " support",
            clusterName=params["name"],
        )
    return "UpgradePolicyUpdate", [("UpgradePolicy", after)], {"upgradePolicy": after}, CONFIG_TIME


def _same_form(part: str, kind: str, row: str) -> Any:
    """Return the change of a part that is described as it was given."""

    def change(eks: Eks, record: Obj, params: dict[str, Any]) -> Change:
        after = params[part]
        if record["spec"].get(part) == after:
            raise invalid_parameter(
                f"Cluster is already at the desired configuration with {part}: {updates.text(after)}",
                clusterName=params["name"],
            )
        return kind, [(row, after)], {part: after}, CONFIG_TIME

    return change


def _tier(eks: Eks, record: Obj, params: dict[str, Any]) -> Change:
    before = record["spec"].get("controlPlaneScalingConfig") or {"tier": "standard"}
    after = params["controlPlaneScalingConfig"]
    if after.get("tier", "standard") not in validation.TIERS:
        raise invalid_parameter(
            f"Control plane scaling tier {after['tier']} is not one of {', '.join(validation.TIERS)}",
            clusterName=params["name"],
        )
    if before == after:
        raise invalid_parameter(
            f"Cluster is already at the desired control plane scaling tier: {before['tier']}",
            clusterName=params["name"],
        )
    rows = [("PreviousTier", before["tier"]), ("UpdatedTier", after.get("tier", "standard"))]
    return "ControlPlaneScalingConfigUpdate", rows, {"controlPlaneScalingConfig": after}, ENDPOINT_TIME


def _components(eks: Eks, record: Obj, params: dict[str, Any]) -> Change:
    change = {part: params[part] for part in _COMPONENTS if params.get(part)}
    if all(record["spec"].get(part) == value for part, value in change.items()):
        raise invalid_parameter(
            "Cluster is already at the desired control plane component configuration",
            clusterName=params["name"],
        )
    return "ControlPlaneComponentConfigUpdate", [], change, ENDPOINT_TIME


_CHANGES: dict[str, Any] = {
    "resourcesVpcConfig": _network,
    "logging": _logging,
    "accessConfig": _access,
    "upgradePolicy": _policy,
    "zonalShiftConfig": _same_form("zonalShiftConfig", "ZonalShiftConfigUpdate", "ZonalShiftConfig"),
    "remoteNetworkConfig": _same_form(
        "remoteNetworkConfig", "RemoteNetworkConfigUpdate", "RemoteNetworkConfig"
    ),
    "deletionProtection": _same_form("deletionProtection", "DeletionProtectionUpdate", "DeletionProtection"),
    "controlPlaneScalingConfig": _tier,
    "components": _components,
}


def associate_encryption_config(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin to encrypt the Secrets of a cluster with a key of KMS; it cannot be undone.

    Raises:
        AwsError: the cluster has a key already, or this one cannot be used.
    """
    name, config = params["clusterName"], params["encryptionConfig"]
    record = eks.cluster(name)
    if record["spec"].get("encryptionConfig"):
        raise invalid_parameter("Cluster already has encryption config", clusterName=name)
    validation.check_encryption(eks, config, name)
    check_idle(eks, record, "AssociateEncryptionConfig")
    started = updates.start(
        eks,
        name,
        "AssociateEncryptionConfig",
        [("EncryptionConfig", config)],
        takes=ENCRYPTION_TIME,
        change={"encryptionConfig": config},
        token=params.get("clientRequestToken", ""),
    )
    eks.change(CLUSTERS, record, status="UPDATING")
    return {"update": started}


def update_cluster_version(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin an upgrade by one minor version, or a rollback within seven days of one.

    Raises:
        AwsError: the version cannot be reached from here, nodes or add-ons stand in the way, or insights warn.
    """
    name, wanted = params["name"], params["version"]
    fields = {"clusterName": name}
    record = eks.cluster(name)
    repeated = updates.started_with(eks, name, params.get("clientRequestToken", ""))
    if repeated is not None:
        return {"update": repeated}
    present = record["spec"]["version"]
    today = eks.now().date()
    if wanted == present:
        raise invalid_parameter(f"Cluster is already at version {wanted}", **fields)  # (M)
    check_version(wanted, today, **fields)
    step = minor(wanted) - minor(present)
    if step not in (1, -1):
        raise invalid_parameter(
            f"Unsupported Kubernetes minor version update from {present} to {wanted}", **fields
        )
    kind = "VersionUpdate" if step == 1 else "VersionRollback"
    check_idle(eks, record, kind)
    if step == -1:
        _check_rollback(eks, record, wanted)
    _check_nodes(eks, name, present, wanted)
    subnets = [eks.surroundings.subnet(each) for each in record["spec"]["resourcesVpcConfig"]["subnetIds"]]
    there = [subnet for subnet in subnets if subnet is not None]
    validation.check_free_addresses(there, FREE_ADDRESSES_OF_AN_UPGRADE, **fields)
    errors = [] if params.get("force") else upgrade_errors(eks, name, wanted)
    if errors:
        raise invalid_request(  # (M)
            f"Cannot {kind} to {wanted} because upgrade insights report errors: {'; '.join(errors)}. Resolve"
            " them, or use the force flag to override upgrade-blocking readiness checks.",
            **fields,
        )
    started = updates.start(
        eks,
        name,
        kind,
        [("Version", wanted), ("PlatformVersion", platform_version(wanted))],
        takes=VERSION_TIME,
        change={"version": wanted, "platformVersion": platform_version(wanted)},
        token=params.get("clientRequestToken", ""),
    )
    eks.change(CLUSTERS, record, status="UPDATING")
    return {"update": started}


def end_of_support(record: Obj) -> date:
    """Return the day on which EKS upgrades a cluster by itself: as its upgrade policy has it."""
    version = calendar().get(record["spec"]["version"])
    is_standard = record["spec"]["upgradePolicy"]["supportType"] == "STANDARD"
    return version.end_of_standard if is_standard else version.end_of_extended


def upgrade_by_itself(eks: Eks, record: Obj) -> bool:
    """Begin the upgrade of a cluster whose support has ended; say whether there is a version to go to.

    Nothing can refuse it (EKS user guide, Kubernetes version lifecycle).
    """
    name, wanted = record["spec"]["name"], f"1.{minor(record['spec']['version']) + 1}"
    if wanted not in VERSIONS or wanted not in [each.name for each in offered(eks.now().date())]:
        return False
    rows = [("Version", wanted), ("PlatformVersion", platform_version(wanted))]
    change = {"version": wanted, "platformVersion": platform_version(wanted)}
    updates.start(eks, name, "VersionUpdate", rows, takes=VERSION_TIME, change=change, token=BY_ITSELF)
    eks.change(CLUSTERS, record, status="UPDATING")
    return True


def _check_nodes(eks: Eks, name: str, present: str, wanted: str) -> None:
    behind = [
        record["spec"]["nodegroupName"]
        for record in eks.list(NODEGROUPS, name)
        if record["spec"].get("version") and _stands_in_the_way(record["spec"]["version"], present, wanted)
    ]
    if behind:
        raise invalid_request(
            f"Nodegroups {', '.join(behind)} must be updated to match cluster version"
            f" {present if minor(wanted) > minor(present) else wanted} before updating cluster version",
            clusterName=name,
        )


def _stands_in_the_way(nodes: str, present: str, wanted: str) -> bool:
    """Say whether nodes of a version keep a control plane from another one.

    Upwards kubelet may be three minors older; downwards it may not be newer than what is wanted.
    """
    behind = calendar().rules.kubelet_minors_behind
    if minor(wanted) > minor(present):
        return minor(wanted) - minor(nodes) > behind
    return minor(nodes) > minor(wanted)


def _check_rollback(eks: Eks, record: Obj, wanted: str) -> None:
    name, days = record["spec"]["name"], calendar().rules.rollback_days
    upgrades = [
        update
        for update in eks.list(UPDATES, name)
        if update["spec"]["type"] == "VersionUpdate"
        and update["spec"]["status"] == "Successful"
        and update["change"].get("version") == record["spec"]["version"]
        and update["token"] != BY_ITSELF
    ]
    if not upgrades:
        raise invalid_request(  # (M)
            f"Cluster {name} cannot be rolled back to {wanted}: it was not upgraded from that version",
            clusterName=name,
        )
    latest = max(parse_time(update["dueAt"]) for update in upgrades)
    if eks.now() - latest > timedelta(days=days):
        raise invalid_request(  # (M)
            f"Cluster {name} cannot be rolled back to {wanted}: the upgrade was more than {days} days ago",
            clusterName=name,
        )
