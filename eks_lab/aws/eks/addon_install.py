"""Puts the objects of add-ons into clusters and takes them out, with server-side apply as EKS does."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from pathlib import Path
from string import Template
from typing import Any

import yaml

from eks_lab.aws.eks import addon_catalogue
from eks_lab.aws.eks.addon_catalogue import Addon
from eks_lab.aws.eks.addon_configuration import configured
from eks_lab.aws.eks.context import Eks
from eks_lab.sim.api import Api
from eks_lab.sim.api.copies import private_copy
from eks_lab.sim.controllers.vpc_cni.definition import eni_config_definition
from eks_lab.sim.objects import ApiError, Key, Obj

MANIFESTS = Path(__file__).with_name("addon_manifests")
MANAGER = "eks"
"""Field manager of everything that EKS installs (EKS user guide, "Determine fields you can customize")."""
REGISTRY = "602401143452.dkr.ecr.{}.amazonaws.com"
"""Amazon's registry of EKS images in most regions (EKS user guide, add-ons-images)."""
ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
SELF_MANAGED = ("vpc-cni", "kube-proxy", "coredns")
"""What a new cluster has with bootstrapSelfManagedAddons."""
DNS_NUMBER = 10
"""Of the address of the service kube-dns in the service range."""


def objects_of(
    eks: Eks, cluster: Obj, addon: Addon, version: str, values: Mapping[str, Any], role_arn: str = ""
) -> list[Obj]:
    """Return the objects of an add-on in the order in which they are applied.

    Args:
        eks: the account's EKS.
        cluster: record of the cluster.
        addon: that can be installed.
        version: `v1.21.1-eksbuild.1`.
        values: valid configuration.
        role_arn: for its service account (IRSA).
    """
    spec = cluster["spec"]
    service_range = IPv4Network(spec["kubernetesNetworkConfig"]["serviceIpv4Cidr"])
    release = addon.release_of(version)
    number, _, build = version.partition("-")
    words = {
        "cluster": spec["name"],
        "region": eks.account.region,
        "vpc": spec["resourcesVpcConfig"]["vpcId"],
        "endpoint": spec.get("endpoint", ""),
        "registry": REGISTRY.format(eks.account.region),
        "version": version,
        "release": release,
        "number": number.removeprefix("v"),
        "minimal": f"{number}-minimal-{build}" if build else number,
        "dns": str(service_range[DNS_NUMBER]),
    }
    objects = [private_copy(each) for each in _parsed(addon.name, tuple(words.items()))]
    if addon.name == "vpc-cni":
        objects.insert(0, eni_config_definition())
    objects = configured(addon, objects, values)
    if role_arn:
        for each in objects:
            if each["kind"] == "ServiceAccount" and each["metadata"]["name"] == addon.service_account:
                each["metadata"].setdefault("annotations", {})[ROLE_ANNOTATION] = role_arn
    return objects


@functools.lru_cache(maxsize=64)
def _parsed(name: str, words: tuple[tuple[str, str], ...]) -> tuple[Obj, ...]:
    text = Template((MANIFESTS / f"{name}.yaml").read_text("utf-8")).substitute(dict(words))
    return tuple(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


# --- applying -----------------------------------------------------------------------------------------------


def place(api: Api, obj: Obj) -> tuple[str, Key]:
    """Return resource and key of an object.

    Raises:
        ApiError: 404, its kind is not served.
    """
    group = obj["apiVersion"].rpartition("/")[0]
    for resource in api.resources():
        if (resource.group, resource.kind) == (group, obj["kind"]):
            return resource.id, Key(obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
    raise ApiError(404, "NotFound", f'no matches for kind "{obj["kind"]}" in version "{obj["apiVersion"]}"')


def apply(api: Api, objects: Sequence[Obj], resolve: str) -> list[str]:
    """Apply objects.

    Args:
        api: of the cluster.
        objects: of one add-on.
        resolve: NONE changes nothing when others own a field, OVERWRITE takes it, PRESERVE leaves it.

    Returns:
        What stands in the way, one line a field as EKS lists them; then nothing was changed.

    Raises:
        ApiError: an object is refused for another reason.
    """
    if resolve == "NONE":
        conflicts = [line for each in objects for line in _conflicts(api, each)]
        if conflicts:
            return conflicts
    for each in objects:
        rid, key = place(api, each)
        if resolve != "PRESERVE":
            api.patch(rid, key, each, type="apply", manager=MANAGER, force=resolve == "OVERWRITE")
            continue
        wanted = each
        for path in _conflicting(api, each):
            wanted = without(wanted, path)
        api.patch(rid, key, wanted, type="apply", manager=MANAGER)
    return []


def _conflicting(api: Api, obj: Obj) -> list[str]:
    """Return the paths of fields that others own and that an apply would change."""
    rid, key = _served(api, obj)
    if not rid:
        return []
    try:
        api.patch(rid, key, obj, type="apply", manager=MANAGER, dry_run=True)
    except ApiError as error:
        if error.code != 409:
            raise
        return [cause["field"] for cause in error.details.get("causes") or ()]
    return []


def _served(api: Api, obj: Obj) -> tuple[str, Key]:
    """Return resource and key; an empty resource for a kind that the same add-on is about to define."""
    try:
        return place(api, obj)
    except ApiError:
        return "", Key("", "")


def _conflicts(api: Api, obj: Obj) -> list[str]:
    group = obj["apiVersion"].rpartition("/")[0]
    kind = f"{obj['kind']}.{group}" if group else obj["kind"]
    return [f"{kind} {obj['metadata']['name']} - {path}" for path in _conflicting(api, obj)]


def without(value: Any, path: str) -> Any:
    """Return an object without the field at a path as server-side apply writes it.

    Args:
        value: the object, or the part of it that the path begins at.
        path: `.spec.template.spec.containers[name="coredns"].image`; a key may contain dots.
    """
    if not path:
        return None
    if path.startswith(".") and isinstance(value, dict):
        rest = path[1:]
        fitting = [key for key in value if rest == key or rest.startswith((f"{key}.", f"{key}["))]
        if not fitting:
            return value
        key = max(fitting, key=len)
        inner = without(value[key], rest[len(key) :])
        if inner is None:
            return {name: each for name, each in value.items() if name != key}
        return {**value, key: inner}
    if path.startswith("[") and isinstance(value, list):
        end = _bracket_end(path)
        selector, rest = path[1:end], path[end + 1 :]
        kept = []
        for number, each in enumerate(value):
            if _is_selected(each, number, selector):
                inner = without(each, rest)
                if inner is not None:
                    kept.append(inner)
            else:
                kept.append(each)
        return kept
    return value


def _bracket_end(path: str) -> int:
    is_quoted = False
    for number, letter in enumerate(path):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter == "]" and not is_quoted:
            return number
    return len(path)


def _is_selected(item: Any, number: int, selector: str) -> bool:
    if isinstance(item, dict):
        pairs = [part.partition("=") for part in selector.split(",")]
        return all(str(item.get(name, "")) == value.strip('"') for name, _equals, value in pairs if _equals)
    return selector.strip('="') == str(item) or selector == str(number)


def remove(api: Api, objects: Sequence[Obj]) -> None:
    """Delete objects, last first; those that are gone are passed over."""
    for each in reversed(objects):
        rid, key = _served(api, each)
        if rid and api.get(rid, key) is not None:
            api.delete(rid, key)


def release(api: Api, objects: Sequence[Obj]) -> None:
    """Leave objects to the user: EKS owns no field of them any more (delete-addon --preserve)."""
    for each in objects:
        rid, key = _served(api, each)
        present = api.get(rid, key) if rid else None
        if present is None:
            continue
        managers = [
            {**owner, "manager": "before-first-apply"} if owner.get("manager") == MANAGER else owner
            for owner in present["metadata"].get("managedFields") or ()
        ]
        api.update(rid, {**present, "metadata": {**present["metadata"], "managedFields": managers}})


def bootstrap_self_managed(eks: Eks, cluster: Obj) -> None:
    """Install the add-ons that a new cluster has and nobody manages."""
    control_plane = eks.control_plane(cluster["spec"]["name"])
    if control_plane is None:
        return
    for name in SELF_MANAGED:
        addon = addon_catalogue.addons()[name]
        version = addon.default(cluster["spec"]["version"])
        apply(control_plane.api, objects_of(eks, cluster, addon, version, {}), "OVERWRITE")
