"""Configuration values of add-ons: read, checked against the schema, and put into the objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from eks_lab.aws.eks.addon_catalogue import Addon
from eks_lab.aws.eks.refusals import invalid_parameter
from eks_lab.sim.objects import Obj

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def read_values(addon: Addon, text: str, **fields: Any) -> dict[str, Any]:
    """Return configuration values that are valid.

    Args:
        addon: whose schema is asked.
        text: JSON or YAML; empty means none.
        fields: members of the error.

    Raises:
        AwsError: InvalidParameterException with the validator's words.
    """
    if not text.strip():
        return {}
    try:
        values = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        values = None
    if values is None or not isinstance(values, dict):
        raise invalid_parameter(
            "ConfigurationValue is not in valid JSON or YAML format.", addonName=addon.name, **fields
        )
    errors = list(problems(values, addon.schema, addon.schema))
    if errors:
        raise invalid_parameter(
            "ConfigurationValue provided in request is not supported: Json schema validation failed with error:"
            f" [{', '.join(errors)}]",
            addonName=addon.name,
            **fields,
        )
    return values


def problems(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: str = "$") -> list[str]:
    """Return what a JSON Schema finds wrong with a value, in the words of the validator that EKS uses.

    References into the document, types, enumerations, properties and items are known; that is what the schemas of
    the catalogue use.
    """
    if "$ref" in schema:
        target: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        return problems(value, target, root, path)
    kind = schema.get("type")
    if kind and not _is_of(value, kind):
        return [f"{path}: {_kind_of(value)} found, {kind} expected"]
    found: list[str] = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path}: does not have a value in the enumeration {json.dumps(schema['enum'])}")
    if isinstance(value, dict):
        known = schema.get("properties") or {}
        for name, each in value.items():
            if name in known:
                found += problems(each, known[name], root, f"{path}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(
                    f"{path}.{name}: is not defined in the schema and the schema does not allow additional"
                    " properties"
                )
    if isinstance(value, list) and "items" in schema:
        for number, each in enumerate(value):
            found += problems(each, schema["items"], root, f"{path}[{number}]")
    return found


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, (object,)))


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    for name in ("boolean", "integer", "number", "string", "array", "object"):
        if _is_of(value, name):
            return name
    return type(value).__name__


# --- into the objects ---------------------------------------------------------------------------------------


def configured(addon: Addon, objects: list[Obj], values: Mapping[str, Any]) -> list[Obj]:
    """Return the objects of an add-on with its configuration in them.

    Args:
        addon: which.
        objects: fresh ones, which are changed in place.
        values: valid; see `read_values`.
    """
    special = _SPECIAL.get(addon.name)
    if special is not None:
        special(objects, values)
    if addon.name != "aws-ebs-csi-driver":
        for workload in _workloads(objects):
            _common(workload, values, addon.name)
    return objects


def _workloads(objects: list[Obj]) -> list[Obj]:
    return [each for each in objects if each["kind"] in ("DaemonSet", "Deployment")]


def _common(workload: Obj, values: Mapping[str, Any], main: str) -> None:
    """Put in what most add-ons take: resources of the main container, tolerations, affinity, labels, replicas."""
    template = workload["spec"]["template"]
    spec = template["spec"]
    for name in ("tolerations", "affinity", "nodeSelector", "topologySpreadConstraints"):
        if name in values:
            spec[name] = values[name]
    if "resources" in values:
        spec["containers"][0]["resources"] = values["resources"]
    for name, part in (("podAnnotations", "annotations"), ("podLabels", "labels")):
        if values.get(name):
            template["metadata"].setdefault(part, {}).update(values[name])
    replicas = values.get("replicaCount", values.get("replicas"))
    if replicas is not None and workload["kind"] == "Deployment":
        workload["spec"]["replicas"] = replicas


def _vpc_cni(objects: list[Obj], values: Mapping[str, Any]) -> None:
    (daemon,) = _workloads(objects)
    spec = daemon["spec"]["template"]["spec"]
    main, agent = spec["containers"]
    _set_environment(main, values.get("env") or {})
    init = values.get("init") or {}
    _set_environment(spec["initContainers"][0], init.get("env") or {})
    if "resources" in init:
        spec["initContainers"][0]["resources"] = init["resources"]
    if "enableNetworkPolicy" in values:
        value = str(values["enableNetworkPolicy"]).lower()
        agent["args"] = [
            f"--enable-network-policy={value}" if each.startswith("--enable-network-policy=") else each
            for each in agent["args"]
        ]
        for each in objects:
            if each["kind"] == "ConfigMap":
                each["data"]["enable-network-policy-controller"] = value
    node_agent = values.get("nodeAgent") or {}
    for name, flag in (
        ("enableCloudWatchLogs", "--enable-cloudwatch-logs"),
        ("enablePolicyEventLogs", "--enable-policy-event-logs"),
        ("healthProbeBindAddr", "--health-probe-bind-addr"),
        ("metricsBindAddr", "--metrics-bind-addr"),
        ("conntrackCacheCleanupPeriod", "--conntrack-cache-cleanup-period"),
    ):
        if name in node_agent:
            agent["args"] = [each for each in agent["args"] if not each.startswith(f"{flag}=")]
            agent["args"].append(f"{flag}={node_agent[name]}")
    if "resources" in node_agent:
        agent["resources"] = node_agent["resources"]
    config = values.get("eniConfig") or {}
    if config.get("create"):
        for zone, place in (config.get("subnets") or {}).items():
            objects.append(
                {
                    "apiVersion": "crd.k8s.amazonaws.com/v1alpha1",
                    "kind": "ENIConfig",
                    "metadata": {"name": zone},
                    "spec": {"subnet": place["id"], "securityGroups": place.get("securityGroups") or []},
                }
            )
    for name, probe in (
        ("livenessProbeTimeoutSeconds", "livenessProbe"),
        ("readinessProbeTimeoutSeconds", "readinessProbe"),
    ):
        if name in values:
            main[probe]["timeoutSeconds"] = values[name]


def _set_environment(container: Obj, environment: Mapping[str, str]) -> None:
    present = container.setdefault("env", [])
    for name, value in environment.items():
        row = next((each for each in present if each["name"] == name), None)
        if row is None:
            present.append({"name": name, "value": str(value)})
        else:
            row["value"] = str(value)
            row.pop("valueFrom", None)


def _coredns(objects: list[Obj], values: Mapping[str, Any]) -> None:
    for each in objects:
        if each["kind"] == "ConfigMap" and "corefile" in values:
            each["data"]["Corefile"] = values["corefile"]
        if each["kind"] == "PodDisruptionBudget":
            budget = dict(values.get("podDisruptionBudget") or {})
            if budget.pop("enabled", True) and budget:
                each["spec"] = {"selector": each["spec"]["selector"], **budget}
    scaling = values.get("autoScaling") or {}
    if scaling.get("enabled") and "replicaCount" not in values:
        for workload in _workloads(objects):
            workload["spec"]["replicas"] = scaling.get("minReplicas", 2)


def _kube_proxy(objects: list[Obj], values: Mapping[str, Any]) -> None:
    for each in objects:
        if each["metadata"]["name"] == "kube-proxy-config":
            text: str = each["data"]["config"]
            if "mode" in values:
                text = text.replace('mode: "iptables"', f'mode: "{values["mode"]}"')
            if (values.get("ipvs") or {}).get("scheduler"):
                text = text.replace('scheduler: ""', f'scheduler: "{values["ipvs"]["scheduler"]}"')
            each["data"]["config"] = text


def _ebs_csi(objects: list[Obj], values: Mapping[str, Any]) -> None:
    for workload in _workloads(objects):
        is_node = workload["kind"] == "DaemonSet"
        part: Mapping[str, Any] = values.get("node" if is_node else "controller") or {}
        _common(workload, part, "ebs-plugin")
        main = workload["spec"]["template"]["spec"]["containers"][0]
        if "volumeAttachLimit" in part:
            main["args"].append(f"--volume-attach-limit={part['volumeAttachLimit']}")
        if "reservedVolumeAttachments" in part:
            main["args"].append(f"--reserved-volume-attachments={part['reservedVolumeAttachments']}")
        if part.get("extraVolumeTags"):
            tags = ",".join(f"{key}={value}" for key, value in sorted(part["extraVolumeTags"].items()))
            main["args"].append(f"--extra-tags={tags}")
        if is_node and part.get("tolerateAllTaints") is False:
            workload["spec"]["template"]["spec"]["tolerations"] = list(part.get("tolerations") or ())
    if (values.get("defaultStorageClass") or {}).get("enabled"):
        objects.append(
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {
                    "name": "ebs-csi-default-sc",
                    "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
                },
                "provisioner": "ebs.csi.aws.com",
                "allowVolumeExpansion": True,
                "reclaimPolicy": "Delete",
                "volumeBindingMode": "WaitForFirstConsumer",
            }
        )


def _metrics_server(objects: list[Obj], values: Mapping[str, Any]) -> None:
    for workload in _workloads(objects):
        main = workload["spec"]["template"]["spec"]["containers"][0]
        main["args"] = [*(values.get("defaultArgs") or main["args"]), *(values.get("args") or ())]


def _pod_identity_agent(objects: list[Obj], values: Mapping[str, Any]) -> None:
    more = (values.get("agent") or {}).get("additionalArgs") or {}
    for workload in _workloads(objects):
        main = workload["spec"]["template"]["spec"]["containers"][0]
        for flag, value in more.items():
            main["args"] += [flag, str(value)]


def _node_monitoring_agent(objects: list[Obj], values: Mapping[str, Any]) -> None:
    for workload in _workloads(objects):
        _common(workload, values.get("nodeAgent") or {}, "eks-node-monitoring-agent")


_SPECIAL: dict[str, Callable[[list[Obj], Mapping[str, Any]], None]] = {
    "vpc-cni": _vpc_cni,
    "coredns": _coredns,
    "kube-proxy": _kube_proxy,
    "aws-ebs-csi-driver": _ebs_csi,
    "metrics-server": _metrics_server,
    "eks-pod-identity-agent": _pod_identity_agent,
    "eks-node-monitoring-agent": _node_monitoring_agent,
}
