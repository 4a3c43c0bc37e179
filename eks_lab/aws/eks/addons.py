"""CreateAddon, DescribeAddon, ListAddons, UpdateAddon, DeleteAddon."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from eks_lab.aws.eks import addon_catalogue, pod_identity, updates
from eks_lab.aws.eks.addon_catalogue import Addon
from eks_lab.aws.eks.addon_configuration import read_values
from eks_lab.aws.eks.cluster_validation import trusts
from eks_lab.aws.eks.clusters import require_active
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.records import ADDONS, ASSOCIATIONS, described, text_of
from eks_lab.aws.eks.refusals import in_use, invalid_parameter, not_in_simulation, resource_not_found
from eks_lab.aws.eks.tags import check_tags
from eks_lab.sim.objects import Obj

UPDATE_LIMIT = timedelta(minutes=15)
"""An update whose pods are not ready by then has failed."""


def addon_record(eks: Eks, cluster: str, name: str) -> Obj:
    """Return the record of an add-on.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    eks.cluster(cluster)
    record = eks.find(ADDONS, cluster, name)
    if record is None:
        raise resource_not_found(
            f"No addon: {name} found in cluster: {cluster}", clusterName=cluster, addonName=name
        )
    return record


def _fields(params: dict[str, Any]) -> dict[str, str]:
    return {"clusterName": params["clusterName"], "addonName": params["addonName"]}


def create_addon(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin to install an add-on.

    Raises:
        AwsError: there is no such add-on or version, it is there, or its configuration is refused.
    """
    cluster, name = eks.cluster(params["clusterName"]), params["addonName"]
    fields = _fields(params)
    existing = eks.find(ADDONS, params["clusterName"], name)
    if existing is not None:
        token = params.get("clientRequestToken")
        if token and existing.get("token") == token:
            return {"addon": described(existing["spec"])}
        raise in_use("Addon already exists.", **fields)
    addon = addon_catalogue.get(name)
    kubernetes = cluster["spec"]["version"]
    if addon is None:
        raise invalid_parameter(
            f"Addon {name} specified is not supported in {kubernetes} kubernetes version", **fields
        )
    require_active(cluster)
    version = params.get("addonVersion") or addon.default(kubernetes)
    _check_version(addon, version, kubernetes, fields)
    if not addon.can_install:
        installable = sorted(each.name for each in addon_catalogue.addons().values() if each.can_install)
        raise not_in_simulation(
            f"Installing the add-on {name}",
            f"one of {', '.join(installable)}.",
            "its objects are put into the cluster and kept in order.",
            **fields,
        )
    check_tags(params.get("tags") or {}, **fields)
    read_values(addon, params.get("configurationValues", ""), clusterName=params["clusterName"])
    _check_roles(eks, params, fields)
    wished = (params.get("namespaceConfig") or {}).get("namespace", addon.namespace)
    if wished != addon.namespace:
        raise not_in_simulation(
            f"The namespace {wished} for an add-on",
            f"{addon.namespace}.",
            "add-ons that allow it are installed into a namespace of one's choice.",
            **fields,
        )
    record = add(eks, params, addon, version)
    return {"addon": described(record["spec"])}


def add(eks: Eks, params: dict[str, Any], addon: Addon, version: str) -> Obj:
    """Write an add-on that nothing is wrong with, and its associations; return its record."""
    cluster, now = params["clusterName"], text_of(eks.now())
    arn = eks.arn(f"addon/{cluster}/{addon.name}/{eks.account.ids.uid()}")
    spec: Obj = {
        "addonName": addon.name,
        "clusterName": cluster,
        "status": "CREATING",
        "addonVersion": version,
        "health": {"issues": []},
        "addonArn": arn,
        "createdAt": now,
        "modifiedAt": now,
        "tags": dict(params.get("tags") or {}),
    }
    if addon.owner != "aws":
        spec |= {"publisher": addon.publisher, "owner": addon.owner}
    if params.get("serviceAccountRoleArn"):
        spec["serviceAccountRoleArn"] = params["serviceAccountRoleArn"]
    if params.get("configurationValues"):
        spec["configurationValues"] = params["configurationValues"]
    associations = _associate(eks, cluster, addon, arn, params.get("podIdentityAssociations") or [])
    if associations:
        spec["podIdentityAssociations"] = associations
    return eks.add(
        ADDONS,
        cluster,
        addon.name,
        spec=spec,
        resolve=params.get("resolveConflicts", "NONE"),
        startedAt=now,
        token=params.get("clientRequestToken", ""),
    )


def _check_version(addon: Addon, version: str, kubernetes: str, fields: dict[str, str]) -> None:
    if version not in [each.version for each in addon.fitting(kubernetes)]:
        raise invalid_parameter("Addon version specified is not supported", **fields)


def _check_roles(eks: Eks, params: dict[str, Any], fields: dict[str, str]) -> None:
    arn = params.get("serviceAccountRoleArn")
    if arn and params.get("podIdentityAssociations"):
        raise invalid_parameter(
            "serviceAccountRoleArn and podIdentityAssociations cannot both be specified", **fields
        )
    if arn and eks.surroundings.role(arn) is None:
        raise invalid_parameter(f"Role {arn} does not exist", **fields)
    for association in params.get("podIdentityAssociations") or ():
        role = eks.surroundings.role(association["roleArn"])
        if role is None:
            raise invalid_parameter("Role provided in the request does not exist.", **fields)
        if not trusts(role.trust, pod_identity.PRINCIPAL, pod_identity.ACTIONS):
            raise invalid_parameter(
                f"Trust policy of the role {association['roleArn']} does not allow"
                f" {' and '.join(pod_identity.ACTIONS)} to {pod_identity.PRINCIPAL}",
                **fields,
            )


def _associate(eks: Eks, cluster: str, addon: Addon, arn: str, wanted: list[dict[str, str]]) -> list[str]:
    """Make the associations of an add-on; one that its owner had already is changed."""
    found = []
    for each in wanted:
        present = pod_identity.association_of(eks, cluster, addon.namespace, each["serviceAccount"])
        if present is not None:
            now = text_of(eks.now())
            record = eks.change(ASSOCIATIONS, present, roleArn=each["roleArn"], ownerArn=arn, modifiedAt=now)
        else:
            params = {"clusterName": cluster, "namespace": addon.namespace, **each}
            record = pod_identity.add(eks, params, owner=arn)
        found.append(record["spec"]["associationArn"])
    return found


def describe_addon(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return one add-on."""
    return {"addon": described(addon_record(eks, params["clusterName"], params["addonName"])["spec"])}


def list_addons(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the names of the add-ons that EKS manages in a cluster; self-managed ones are not among them."""
    eks.cluster(params["clusterName"])
    names = [record["spec"]["addonName"] for record in eks.list(ADDONS, params["clusterName"])]
    return page(names, params, "addons")


def update_addon(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin to change version, configuration or role of an add-on.

    Raises:
        AwsError: it is busy, the version does not fit, or a value is refused.
    """
    cluster_name, name = params["clusterName"], params["addonName"]
    fields = _fields(params)
    record = addon_record(eks, cluster_name, name)
    repeated = updates.started_with(eks, cluster_name, params.get("clientRequestToken", ""))
    if repeated is not None:
        return {"update": repeated}
    cluster, spec = eks.cluster(cluster_name), record["spec"]
    addon = addon_catalogue.addons()[name]
    running = updates.in_progress(eks, cluster_name, addon=name)
    if running is not None:
        raise in_use(f"Addon {name} cannot be updated as it is currently in UPDATING state", **fields)
    if spec["status"] in ("CREATING", "DELETING"):
        raise in_use(f"Addon {name} cannot be updated as it is currently in {spec['status']} state", **fields)
    version = params.get("addonVersion") or spec["addonVersion"]
    _check_version(addon, version, cluster["spec"]["version"], fields)
    values = params.get("configurationValues", spec.get("configurationValues", ""))
    read_values(addon, values, clusterName=cluster_name)
    _check_roles(eks, params, fields)
    resolve = params.get("resolveConflicts", "NONE")
    rows: list[tuple[str, Any]] = [("AddonVersion", version), ("ResolveConflicts", resolve)]
    # Parts that are not named stay as they are, the version apart, which is the one that is there.
    change: dict[str, Any] = {"addonVersion": version}
    if "configurationValues" in params:
        change["configurationValues"] = values or None
        rows.append(("ConfigurationValues", values))
    if params.get("serviceAccountRoleArn"):
        change["serviceAccountRoleArn"] = params["serviceAccountRoleArn"]
        rows.append(("ServiceAccountRoleArn", params["serviceAccountRoleArn"]))
    if "podIdentityAssociations" in params:
        wanted = params["podIdentityAssociations"]
        change["podIdentityAssociations"] = (
            _associate(eks, cluster_name, addon, spec["addonArn"], wanted) or None
        )
        _disassociate(eks, cluster_name, spec, change["podIdentityAssociations"] or [])
        rows.append(("PodIdentityAssociations", wanted))
    started = updates.start(
        eks,
        cluster_name,
        "AddonUpdate",
        rows,
        takes=UPDATE_LIMIT,
        change={},
        addon=name,
        token=params.get("clientRequestToken", ""),
    )
    before = {member: spec.get(member) for member in change}
    kept = {member: value for member, value in record.items() if member != "installed"}
    record = {**kept, "resolve": resolve, "startedAt": text_of(eks.now()), "before": before}
    eks.change(ADDONS, record, **change, status="UPDATING", modifiedAt=text_of(eks.now()))
    return {"update": started}


def _disassociate(eks: Eks, cluster: str, spec: Obj, kept: list[str]) -> None:
    """Take away the associations that an add-on owns and does not list any more."""
    for record in eks.list(ASSOCIATIONS, cluster):
        is_owned = record["spec"].get("ownerArn") == spec["addonArn"]
        if is_owned and record["spec"]["associationArn"] not in kept:
            eks.remove(ASSOCIATIONS, record)


def delete_addon(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin to remove an add-on; with `preserve` its objects stay and are the user's.

    Raises:
        AwsError: there is none, or it is being updated.
    """
    cluster, name = params["clusterName"], params["addonName"]
    record = addon_record(eks, cluster, name)
    if record["spec"]["status"] == "DELETING":
        return {"addon": described(record["spec"])}
    if updates.in_progress(eks, cluster, addon=name) is not None:
        raise in_use(
            f"Addon {name} cannot be deleted as it is currently in UPDATING state", **_fields(params)
        )
    _disassociate(eks, cluster, record["spec"], [])
    record = {**record, "preserve": params.get("preserve", False), "startedAt": text_of(eks.now())}
    record = eks.change(ADDONS, record, status="DELETING", modifiedAt=text_of(eks.now()))
    return {"addon": described(record["spec"])}
