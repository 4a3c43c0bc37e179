"""Identity provider configs: a cluster's own OIDC provider for people, one a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from eks_lab.aws.eks import updates
from eks_lab.aws.eks.cluster_updates import check_idle
from eks_lab.aws.eks.cluster_validation import check_name
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.records import CLUSTERS, IDENTITY_PROVIDERS, UPDATES, described
from eks_lab.aws.eks.refusals import in_use, invalid_parameter, resource_not_found
from eks_lab.aws.eks.tags import check_tags
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.runtime import DONE, Result, Watch

TIME = timedelta(minutes=12)
"""The user guide says 15 to 30 minutes on EKS; the console is often faster."""
_MEMBERS = (
    "identityProviderConfigName",
    "issuerUrl",
    "clientId",
    "usernameClaim",
    "usernamePrefix",
    "groupsClaim",
    "groupsPrefix",
    "requiredClaims",
)


def _record(eks: Eks, cluster: str, config: dict[str, str]) -> Obj:
    eks.cluster(cluster)
    if config["type"] != "oidc":
        raise invalid_parameter(f"Identity provider type {config['type']} is not oidc", clusterName=cluster)
    record = eks.find(IDENTITY_PROVIDERS, cluster, config["name"])
    if record is None:
        raise resource_not_found(
            f"Identity provider config {config['name']} not found in cluster {cluster}", clusterName=cluster
        )
    return record


def associate_identity_provider_config(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin to trust an OIDC provider's tokens for people.

    Raises:
        AwsError: the cluster has one, is busy, or the issuer is no https URL.
    """
    cluster, oidc = params["clusterName"], params["oidc"]
    record = eks.cluster(cluster)
    name = oidc["identityProviderConfigName"]
    check_name("identityProviderConfigName", name, clusterName=cluster)
    check_tags(params.get("tags") or {}, clusterName=cluster)
    url = urlsplit(oidc["issuerUrl"])
    if url.scheme != "https" or not url.netloc or url.query or url.fragment:
        raise invalid_parameter(f"issuerUrl {oidc['issuerUrl']} must be an https:// URL", clusterName=cluster)
    if eks.list(IDENTITY_PROVIDERS, cluster):
        raise in_use("Cluster already has an identity provider config associated", clusterName=cluster)
    check_idle(eks, record, "AssociateIdentityProviderConfig")
    spec = {
        **{member: oidc[member] for member in _MEMBERS if member in oidc},
        "identityProviderConfigArn": eks.arn(
            f"identityproviderconfig/{cluster}/oidc/{name}/{eks.account.ids.uid()}"
        ),
        "clusterName": cluster,
        "usernameClaim": oidc.get("usernameClaim", "sub"),
        "tags": dict(params.get("tags") or {}),
        "status": "CREATING",
    }
    eks.add(IDENTITY_PROVIDERS, cluster, name, spec=spec)
    return {"update": _start(eks, params, record, name, "Associate"), "tags": spec["tags"]}


def _start(eks: Eks, params: dict[str, Any], record: Obj, name: str, verb: str) -> dict[str, Any]:
    config = [{"type": "oidc", "name": name}]
    update = updates.start(
        eks,
        params["clusterName"],
        f"{verb}IdentityProviderConfig",
        [("IdentityProviderConfig", config)],
        takes=TIME,
        change={},
        token=params.get("clientRequestToken", ""),
    )
    eks.change(CLUSTERS, record, status="UPDATING")
    return update


def disassociate_identity_provider_config(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin to trust an OIDC provider no more.

    Raises:
        AwsError: there is no such config, or the cluster is busy.
    """
    config = params["identityProviderConfig"]
    found = _record(eks, params["clusterName"], config)
    cluster = eks.cluster(params["clusterName"])
    check_idle(eks, cluster, "DisassociateIdentityProviderConfig")
    eks.change(IDENTITY_PROVIDERS, found, status="DELETING")
    return {"update": _start(eks, params, cluster, config["name"], "Disassociate")}


def describe_identity_provider_config(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return one config."""
    record = _record(eks, params["clusterName"], params["identityProviderConfig"])
    return {"identityProviderConfig": {"oidc": described(record["spec"])}}


def list_identity_provider_configs(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return type and name of a cluster's configs."""
    eks.cluster(params["clusterName"])
    rows = [
        {"type": "oidc", "name": record["spec"]["identityProviderConfigName"]}
        for record in eks.list(IDENTITY_PROVIDERS, params["clusterName"])
    ]
    return page(rows, params, "identityProviderConfigs")


class IdentityProviderController:
    """Ends what the cluster's update of it has ended."""

    name = "eks-identity-provider"
    watches: Sequence[Watch] = (
        Watch(IDENTITY_PROVIDERS),
        Watch(UPDATES, lambda event: (Key(event.obj["metadata"]["namespace"], ""),)),
    )

    def __init__(self, eks: Eks) -> None:
        """Take EKS of one account."""
        self._eks = eks

    def reconcile(self, key: Key) -> Result:
        """Bring the configs of one cluster to what its updates say."""
        eks = self._eks
        if eks.find(CLUSTERS, "", key.namespace) is None or updates.in_progress(eks, key.namespace):
            return DONE
        for record in eks.list(IDENTITY_PROVIDERS, key.namespace):
            if record["spec"]["status"] == "CREATING":
                eks.change(IDENTITY_PROVIDERS, record, status="ACTIVE")
            elif record["spec"]["status"] == "DELETING":
                eks.remove(IDENTITY_PROVIDERS, record)
        return DONE
