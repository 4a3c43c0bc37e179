"""UpdateNodegroupConfig and UpdateNodegroupVersion."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from eks_lab.aws.eks import nodegroup_validation as validation
from eks_lab.aws.eks import updates
from eks_lab.aws.eks.clusters import require_active
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.nodegroup_instances import node_taints
from eks_lab.aws.eks.nodegroups import nodegroup
from eks_lab.aws.eks.records import NODEGROUPS, UPDATES, text_of
from eks_lab.aws.eks.refusals import in_use, invalid_parameter, invalid_request
from eks_lab.sim.objects import Key, Obj

CONFIG_TIME = timedelta(seconds=30)
VERSION_LIMIT = timedelta(days=1)
"""An update of the version ends when its nodes are replaced; this is only when nobody waits any more."""


def _check_idle(eks: Eks, record: Obj, what: str) -> None:
    spec = record["spec"]
    cluster, name, status = spec["clusterName"], spec["nodegroupName"], spec["status"]
    fields = {"clusterName": cluster, "nodegroupName": name}
    running = updates.in_progress(eks, cluster, nodegroup=name)
    if running is not None:
        raise in_use(
            f"Cannot {what} because nodegroup {name} currently has update {running['spec']['id']} in progress",
            **fields,
        )
    if status not in ("ACTIVE", "DEGRADED"):
        raise in_use(f"Nodegroup {name} cannot be updated as it is currently not in Active State", **fields)


def update_nodegroup_config(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Change sizes, labels, taints, update or repair configuration; nodes that are there get labels and taints.

    Raises:
        AwsError: there is nothing to change, a value is refused, or another update is under way.
    """
    cluster, name = params["clusterName"], params["nodegroupName"]
    record = nodegroup(eks, cluster, name)
    repeated = updates.started_with(eks, cluster, params.get("clientRequestToken", ""))
    if repeated is not None:
        return {"update": repeated}
    fields = validation.fields_of(params)
    spec = record["spec"]
    change: dict[str, Any] = {}
    rows: list[tuple[str, Any]] = []
    if params.get("scalingConfig"):
        change["scalingConfig"] = {**spec["scalingConfig"], **params["scalingConfig"]}
        validation.check_scaling(change["scalingConfig"], **fields)
        for member, row in (("minSize", "MinSize"), ("maxSize", "MaxSize"), ("desiredSize", "DesiredSize")):
            if member in params["scalingConfig"]:
                rows.append((row, str(params["scalingConfig"][member])))
    if params.get("labels"):
        change["labels"], more = _labels(spec["labels"], params["labels"], fields)
        rows += more
    if params.get("taints"):
        change["taints"], more = _taints(spec["taints"], params["taints"], fields)
        rows += more
    if params.get("updateConfig"):
        validation.check_update_config(params["updateConfig"], **fields)
        change["updateConfig"] = params["updateConfig"]
        for member, row in (
            ("maxUnavailable", "MaxUnavailable"),
            ("maxUnavailablePercentage", "MaxUnavailablePercentage"),
            ("updateStrategy", "UpdateStrategy"),
        ):
            if member in params["updateConfig"]:
                rows.append((row, str(params["updateConfig"][member])))
    validation.check_capacity(params, **fields)
    if params.get("nodeRepairConfig"):
        change["nodeRepairConfig"] = params["nodeRepairConfig"]
        rows.append(("NodeRepairConfig", params["nodeRepairConfig"]))
    if not change:
        raise invalid_parameter("No changes needed for the nodegroup config provided", **fields)  # (M)
    _check_idle(eks, record, "ConfigUpdate")
    started = updates.start(
        eks,
        cluster,
        "ConfigUpdate",
        rows,
        takes=CONFIG_TIME,
        change={},
        nodegroup=name,
        token=params.get("clientRequestToken", ""),
    )
    before = record["spec"]
    # Auto Scaling decides anew at once: what was refused a moment ago is tried again.
    record = {name: value for name, value in record.items() if name != "retryAt"}
    record = eks.change(NODEGROUPS, record, **change, status="UPDATING", modifiedAt=text_of(eks.now()))
    _mark_nodes(eks, before, record["spec"])
    return {"update": started}


def _labels(
    present: dict[str, str], wanted: dict[str, Any], fields: dict[str, str]
) -> tuple[dict[str, str], list[tuple[str, Any]]]:
    added, removed = wanted.get("addOrUpdateLabels") or {}, wanted.get("removeLabels") or []
    validation.check_labels(added, **fields)
    both = sorted(set(added) & set(removed))
    if both:
        raise invalid_parameter(f"Labels {both} are both added and removed", **fields)  # (M)
    after = {key: value for key, value in {**present, **added}.items() if key not in removed}
    rows: list[tuple[str, Any]] = []
    if added:
        rows.append(("LabelsToAdd", added))
    if removed:
        rows.append(("LabelsToRemove", removed))
    return after, rows


def _taints(
    present: list[dict[str, str]], wanted: dict[str, Any], fields: dict[str, str]
) -> tuple[list[dict[str, str]], list[tuple[str, Any]]]:
    added, removed = wanted.get("addOrUpdateTaints") or [], wanted.get("removeTaints") or []
    validation.check_taints(added, **fields)
    gone = {(each.get("key"), each.get("effect")) for each in (*added, *removed)}
    after = [each for each in present if (each.get("key"), each.get("effect")) not in gone] + list(added)
    rows: list[tuple[str, Any]] = []
    if added:
        rows.append(("TaintsToAdd", added))
    if removed:
        rows.append(("TaintsToRemove", removed))
    return after, rows


def _mark_nodes(eks: Eks, before: Obj, after: Obj) -> None:
    """Bring labels and taints of the nodes that are there to what the group says now."""
    control_plane = eks.control_plane(after["clusterName"])
    if control_plane is None or (before["labels"], before["taints"]) == (after["labels"], after["taints"]):
        return
    api = control_plane.api
    old = {(each.key, each.effect) for each in node_taints(before["taints"])}
    new = [
        {
            name: value
            for name, value in (("key", each.key), ("value", each.value), ("effect", each.effect))
            if value
        }
        for each in node_taints(after["taints"])
    ]
    mine = old | {(each["key"], each["effect"]) for each in new}
    for instance in eks.fleet.instances(after["clusterName"], after["nodegroupName"]):
        node = api.get("nodes", Key("", instance.node_name)) if instance.node_name else None
        if node is None:
            continue
        labels = {
            key: value
            for key, value in (node["metadata"].get("labels") or {}).items()
            if key not in before["labels"]
        }
        others = [
            each for each in node["spec"].get("taints") or () if (each["key"], each["effect"]) not in mine
        ]
        metadata = {**node["metadata"], "labels": {**labels, **after["labels"]}}
        spec = {name: value for name, value in node["spec"].items() if name != "taints"}
        if others or new:
            spec["taints"] = [*others, *new]
        api.update("nodes", {**node, "metadata": metadata, "spec": spec})


def update_nodegroup_version(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin to replace the nodes of a group by those of another version, image release or launch template.

    Raises:
        AwsError: the version does not fit the cluster, nothing would change, or another update is under way.
    """
    cluster_name, name = params["clusterName"], params["nodegroupName"]
    record = nodegroup(eks, cluster_name, name)
    repeated = updates.started_with(eks, cluster_name, params.get("clientRequestToken", ""))
    if repeated is not None:
        return {"update": repeated}
    fields, spec = validation.fields_of(params), record["spec"]
    cluster = eks.cluster(cluster_name)
    require_active(cluster)
    change: dict[str, Any] = {}
    rows: list[tuple[str, Any]] = []
    groups = record.get("templateGroups") or []
    template = None
    if params.get("launchTemplate"):
        if not spec.get("launchTemplate"):
            raise invalid_request(
                "Cannot update nodegroup to use a launch template: it was created without one", **fields
            )  # (M)
        template = validation.launch_template(eks, params["launchTemplate"], **fields)
    if template is not None:
        if template.id != spec["launchTemplate"]["id"]:
            raise invalid_request(
                "Launch template cannot be changed to another one, only its version", **fields
            )
        if bool(template.image_id) != (spec["amiType"] == "CUSTOM"):
            raise invalid_request(
                "Nodegroup cannot be changed between a custom AMI and one of EKS by a launch template version",
                **fields,
            )  # (M)
        change["launchTemplate"] = {"name": template.name, "version": template.version, "id": template.id}
        rows += [("LaunchTemplateName", template.name), ("LaunchTemplateVersion", template.version)]
        groups = list(template.security_group_ids)
    if spec["amiType"] == "CUSTOM":
        for member in ("version", "releaseVersion"):
            if params.get(member):
                shown = "kubernetesVersion" if member == "version" else member
                raise invalid_parameter(
                    f"You cannot specify the field {shown} when using custom AMIs.", **fields
                )
        if template is not None:
            change |= {"releaseVersion": template.image_id, "version": cluster["spec"]["version"]}
    else:
        wanted = params.get("version") or (
            spec["version"] if params.get("launchTemplate") else cluster["spec"]["version"]
        )
        validation.check_version(wanted, cluster["spec"]["version"], **fields)
        validation.check_ami_type(spec["amiType"], wanted, **fields)
        release = validation.release_version(
            eks, spec["amiType"], wanted, params.get("releaseVersion", ""), **fields
        )
        change |= {"version": wanted, "releaseVersion": release}
        rows = [("Version", wanted), ("ReleaseVersion", release), *rows]
    if all(spec.get(member) == value for member, value in change.items()):
        raise invalid_parameter(
            f"Nodegroup {name} is already at the desired version {spec['version']} and release"
            f" {spec['releaseVersion']}",
            **fields,
        )  # (M)
    _check_idle(eks, record, "VersionUpdate")
    started = updates.start(
        eks,
        cluster_name,
        "VersionUpdate",
        rows,
        takes=VERSION_LIMIT,
        change={},
        nodegroup=name,
        token=params.get("clientRequestToken", ""),
    )
    update = eks.find(UPDATES, cluster_name, started["id"])
    assert update is not None
    before = {
        "generation": record["generation"],
        "templateGroups": record.get("templateGroups") or [],
        "spec": {member: spec[member] for member in change if member in spec},
    }
    eks.put(UPDATES, {**update, "before": before, "force": bool(params.get("force"))})
    record = {**record, "generation": str(int(record["generation"]) + 1), "templateGroups": groups}
    eks.change(NODEGROUPS, record, **change, status="UPDATING", modifiedAt=text_of(eks.now()))
    return {"update": started}
