"""DescribeAddonVersions and DescribeAddonConfiguration: the catalogue as the API shows it."""

from __future__ import annotations

import json
from typing import Any

from eks_lab.aws.eks.addon_catalogue import Addon, addons, get
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.refusals import invalid_parameter, resource_not_found
from eks_lab.aws.eks.versions import offered


def describe_addon_versions(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the add-ons and their versions, filtered.

    Raises:
        AwsError: ResourceNotFoundException for an unknown add-on, InvalidParameterException for a Kubernetes
            version that EKS does not offer.
    """
    name, wanted = params.get("addonName"), params.get("kubernetesVersion")
    on_offer = [version.name for version in offered(eks.now().date())]
    if name and get(name) is None:
        raise resource_not_found(f"Addon {name} not found", addonName=name)
    if wanted and wanted not in on_offer:
        raise invalid_parameter(f"Unsupported Kubernetes version {wanted}", addonName=name or "")
    rows = []
    for addon in addons().values():
        if name and addon.name != name:
            continue
        if params.get("types") and addon.type not in params["types"]:
            continue
        if params.get("publishers") and addon.publisher not in params["publishers"]:
            continue
        if params.get("owners") and addon.owner not in params["owners"]:
            continue
        row = _row(addon, [wanted] if wanted else on_offer)
        if row["addonVersions"]:
            rows.append(row)
    return page(rows, params, "addons")


def _row(addon: Addon, kubernetes: list[str]) -> dict[str, Any]:
    versions = []
    for each in addon.versions:
        fitting = [version for version in reversed(kubernetes) if each.fits(version)]
        if not fitting:
            continue
        versions.append(
            {
                "addonVersion": each.version,
                "architecture": ["amd64", "arm64"],
                "computeTypes": ["ec2", "hybrid"] if addon.name != "vpc-cni" else ["ec2"],
                "compatibilities": [
                    {
                        "clusterVersion": version,
                        "platformVersions": ["*"],
                        "defaultVersion": addon.default(version) == each.version,
                    }
                    for version in fitting
                ],
                "requiresConfiguration": False,
                "requiresIamPermissions": addon.needs_iam,
            }
        )
    return {
        "addonName": addon.name,
        "type": addon.type,
        "addonVersions": versions,
        "publisher": addon.publisher,
        "owner": addon.owner,
        "defaultNamespace": addon.namespace,
    }


def describe_addon_configuration(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return what may be configured in a version of an add-on.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    name, version = params["addonName"], params["addonVersion"]
    addon = get(name)
    if addon is None or version not in [each.version for each in addon.versions]:
        raise resource_not_found(f"Addon {name} with version {version} not found", addonName=name)
    answer: dict[str, Any] = {
        "addonName": name,
        "addonVersion": version,
        "configurationSchema": json.dumps(addon.schema, separators=(",", ":")),
        "podIdentityConfiguration": [],
    }
    if addon.service_account:
        answer["podIdentityConfiguration"] = [
            {"serviceAccount": addon.service_account, "recommendedManagedPolicies": list(addon.policies)}
        ]
    return answer
