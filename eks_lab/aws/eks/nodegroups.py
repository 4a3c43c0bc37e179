"""CreateNodegroup, DescribeNodegroup, ListNodegroups, DeleteNodegroup."""

from __future__ import annotations

from typing import Any

from eks_lab.aws.eks import nodegroup_validation as validation
from eks_lab.aws.eks import updates
from eks_lab.aws.eks.access import AWS_AUTH, with_node_role
from eks_lab.aws.eks.access_entries import add_node_role
from eks_lab.aws.eks.cluster_validation import LONGEST_GROUP_NAME, check_name, check_quota
from eks_lab.aws.eks.clusters import require_active
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.records import NODEGROUPS, described, text_of
from eks_lab.aws.eks.refusals import in_use, resource_not_found
from eks_lab.aws.eks.surroundings import LaunchTemplate
from eks_lab.aws.eks.tags import check_tags
from eks_lab.sim.objects import Key, Obj

DEFAULT_SCALING = {"minSize": 1, "maxSize": 2, "desiredSize": 2}
"""Of a group that names no sizes (API reference, NodegroupScalingConfig; moto agrees on the desired 2)."""
DEFAULT_TYPE = "t3.medium"
DEFAULT_DISK_GIB = 20


def nodegroup(eks: Eks, cluster: str, name: str) -> Obj:
    """Return the record of a node group.

    Raises:
        AwsError: ResourceNotFoundException, of the cluster or of the group.
    """
    eks.cluster(cluster)
    record = eks.find(NODEGROUPS, cluster, name)
    if record is None:
        raise resource_not_found(
            f"No node group found for name: {name}.", clusterName=cluster, nodegroupName=name
        )
    return record


def create_nodegroup(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin a node group; it is ACTIVE when its nodes are Ready.

    Raises:
        AwsError: what is asked for cannot be; see `nodegroup_validation`.
    """
    cluster = eks.cluster(params["clusterName"])
    name, fields = params["nodegroupName"], validation.fields_of(params)
    existing = eks.find(NODEGROUPS, params["clusterName"], name)
    if existing is not None:
        token = params.get("clientRequestToken")
        if token and existing.get("token") == token:
            return {"nodegroup": described(existing["spec"])}
        raise in_use(
            f"NodeGroup already exists with name {name} and cluster name {params['clusterName']}", **fields
        )
    require_active(cluster)
    check_name("nodegroupName", name, LONGEST_GROUP_NAME, **fields)
    check_tags(params.get("tags") or {}, **fields)
    spec, template = specification(eks, cluster, params)
    check_quota(
        len(eks.list(NODEGROUPS, params["clusterName"])),
        validation.MOST_GROUPS,
        "managed node groups of a cluster",
        **fields,
    )
    record = add(eks, spec, template, token=params.get("clientRequestToken", ""))
    return {"nodegroup": described(record["spec"])}


def add(eks: Eks, spec: Obj, template: LaunchTemplate | None, *, token: str = "") -> Obj:
    """Write a node group that nothing is wrong with, and let its role into the cluster; return its record."""
    let_in(eks, spec["clusterName"], spec["nodeRole"])
    groups = list(template.security_group_ids) if template is not None else []
    return eks.add(
        NODEGROUPS,
        spec["clusterName"],
        spec["nodegroupName"],
        spec=spec,
        generation="1",
        startedAt=text_of(eks.now()),
        templateGroups=groups,
        token=token,
    )


def let_in(eks: Eks, cluster: str, role_arn: str) -> None:
    """Let the role of nodes into a cluster: an access entry, or a line of aws-auth where the mode knows no other."""
    add_node_role(eks, cluster, role_arn, "EC2_LINUX")
    control_plane = eks.control_plane(cluster)
    mode = eks.cluster(cluster)["spec"]["accessConfig"]["authenticationMode"]
    if mode != "CONFIG_MAP" or control_plane is None:
        return
    api = control_plane.api
    plain = f"{role_arn.partition(':role/')[0]}:role/{role_arn.rpartition('/')[2]}"
    present = api.get("configmaps", AWS_AUTH)
    data = with_node_role((present or {}).get("data") or {}, plain)
    if data is None:
        return
    if present is None:
        metadata = {"name": AWS_AUTH.name, "namespace": AWS_AUTH.namespace}
        api.create(
            "configmaps",
            {"metadata": metadata, "data": data},
            namespace=AWS_AUTH.namespace,
            manager="vpcLambda",
        )
    else:
        api.update("configmaps", {**present, "data": data}, manager="vpcLambda")


def specification(
    eks: Eks, cluster: Obj, params: dict[str, Any], *, is_limited: bool = True
) -> tuple[Obj, LaunchTemplate | None]:
    """Return the description of a new node group, and the launch template it uses.

    Args:
        eks: the account's EKS.
        cluster: record of its cluster.
        params: of CreateNodegroup.
        is_limited: False leaves out the quota of nodes.

    Raises:
        AwsError: what is asked for cannot be.
    """
    fields = validation.fields_of(params)
    scaling = _scaling(params.get("scalingConfig") or {})
    if is_limited:
        validation.check_scaling(scaling, **fields)
    validation.check_subnets(eks, params["subnets"], cluster, **fields)
    validation.check_node_role(eks, params["nodeRole"], **fields)
    validation.check_capacity(params, **fields)
    template = validation.launch_template(eks, params.get("launchTemplate"), **fields)
    validation.check_exclusions(params, template, **fields)
    types = list(
        params.get("instanceTypes") or ([] if template and template.instance_type else [DEFAULT_TYPE])
    )
    running = types or [template.instance_type if template else DEFAULT_TYPE]
    is_custom = template is not None and bool(template.image_id)
    ami_type = "CUSTOM" if is_custom else params.get("amiType") or validation.default_ami_type(running)
    version = params.get("version") or cluster["spec"]["version"]
    validation.check_version(version, cluster["spec"]["version"], **fields)
    validation.check_ami_type(ami_type, version, **fields)
    validation.check_instance_types(eks, running, ami_type, **fields)
    release = validation.release_version(eks, ami_type, version, params.get("releaseVersion", ""), **fields)
    labels, taints = params.get("labels") or {}, params.get("taints") or []
    validation.check_labels(labels, **fields)
    validation.check_taints(taints, **fields)
    update_config = params.get("updateConfig") or {"maxUnavailable": 1}
    validation.check_update_config(update_config, **fields)
    if params.get("remoteAccess"):
        validation.check_remote_access(eks, params["remoteAccess"], **fields)
    now, uid = text_of(eks.now()), eks.account.ids.uid()
    name = params["nodegroupName"]
    spec: Obj = {
        "nodegroupName": name,
        "nodegroupArn": eks.arn(f"nodegroup/{params['clusterName']}/{name}/{uid}"),
        "clusterName": params["clusterName"],
        "version": version,
        "releaseVersion": release,
        "createdAt": now,
        "modifiedAt": now,
        "status": "CREATING",
        "capacityType": params.get("capacityType", "ON_DEMAND"),
        "scalingConfig": scaling,
        "subnets": list(dict.fromkeys(params["subnets"])),
        "amiType": ami_type,
        "nodeRole": params["nodeRole"],
        "labels": dict(labels),
        "taints": list(taints),
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{uid}"}]},
        "health": {"issues": []},
        "updateConfig": update_config,
        "tags": dict(params.get("tags") or {}),
    }
    if types:
        spec["instanceTypes"] = types
    if template is None:
        spec["diskSize"] = params.get("diskSize") or DEFAULT_DISK_GIB
    else:
        spec["launchTemplate"] = {"name": template.name, "version": template.version, "id": template.id}
    if params.get("remoteAccess"):
        spec["remoteAccess"] = params["remoteAccess"]
    if params.get("nodeRepairConfig"):
        spec["nodeRepairConfig"] = params["nodeRepairConfig"]
    if not release:
        # A custom image has no release; EKS shows the image in its place.
        spec["releaseVersion"] = template.image_id if template else ""
    return spec, template


def _scaling(given: dict[str, int]) -> dict[str, int]:
    if not given:
        return dict(DEFAULT_SCALING)
    least = given.get("minSize", min(DEFAULT_SCALING["minSize"], given.get("desiredSize", 1)))
    wanted = given.get("desiredSize", max(least, DEFAULT_SCALING["desiredSize"]))
    return {"minSize": least, "maxSize": given.get("maxSize", max(wanted, 2)), "desiredSize": wanted}


def describe_nodegroup(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return one node group."""
    return {"nodegroup": described(nodegroup(eks, params["clusterName"], params["nodegroupName"])["spec"])}


def list_nodegroups(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the names of the node groups of a cluster."""
    eks.cluster(params["clusterName"])
    names = [record["spec"]["nodegroupName"] for record in eks.list(NODEGROUPS, params["clusterName"])]
    return page(names, params, "nodegroups")


def delete_nodegroup(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin the end of a node group: its nodes are drained and terminated.

    Raises:
        AwsError: there is none, or an update of it is under way.
    """
    cluster, name = params["clusterName"], params["nodegroupName"]
    record = nodegroup(eks, cluster, name)
    if record["spec"]["status"] == "DELETING":
        return {"nodegroup": described(record["spec"])}
    running = updates.in_progress(eks, cluster, nodegroup=name)
    if running is not None:
        raise in_use(
            f"Cannot delete nodegroup {name} because it currently has update {running['spec']['id']} in progress",
            **validation.fields_of(params),
        )
    record = eks.put(NODEGROUPS, {**record, "startedAt": text_of(eks.now())})
    record = eks.change(NODEGROUPS, record, status="DELETING", modifiedAt=text_of(eks.now()))
    return {"nodegroup": described(record["spec"])}


def key_of_group(record: Obj) -> Key:
    """Return the key of a node group's record."""
    return Key(record["spec"]["clusterName"], record["spec"]["nodegroupName"])
