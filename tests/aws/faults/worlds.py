"""Worlds for the tests of faults, and what is compared of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from eks_lab.aws.world import World, WorldState
from eks_lab.clock import SystemClock
from eks_lab.sim.apiserver.access import Authorizer
from eks_lab.sim.apiserver.authentication import BearerAuthenticator
from eks_lab.sim.apiserver.tokens import new_key
from eks_lab.sim.cluster import Cluster, ClusterIdentity, ClusterOptions

START = datetime(2026, 11, 23, 2, 56, 41, 783_201, UTC)
"""Between two whole seconds, as it is in practice."""
KEY = new_key()
PASSING = {
    *(
        "events",
        "pods",
        "nodes",
        "endpoints",
        "endpointslices.discovery.k8s.io",
        "leases.coordination.k8s.io",
    ),
    *("replicasets.apps", "controllerrevisions.apps", "csinodes.storage.k8s.io", "podmetrics.metrics.k8s.io"),
    *("volumeattachments.storage.k8s.io", "nodemetrics.metrics.k8s.io", "ipaddresses.networking.k8s.io"),
}
"""Kinds that controllers make and unmake by themselves."""


class Nowhere:
    """Serves nothing."""

    def identity(self, name: str) -> ClusterIdentity:
        return ClusterIdentity("pem", KEY)

    def open(
        self,
        name: str,
        cluster: Cluster,
        bearers: Sequence[BearerAuthenticator] = (),
        authorizers: Sequence[Authorizer] = (),
    ) -> str:
        return f"https://127.0.0.1:1/{name}"

    def close(self, name: str) -> None:
        return None

    def certificate_authority(self, name: str) -> str:
        return "cGVt"


def world(kept: WorldState | None = None) -> World:
    """Return a world: the one that a sandbox starts with, or one that goes on."""
    if kept is None:
        kept = _fresh()
    return World(ClusterOptions(), START, Nowhere(), SystemClock(), kept)


@cache
def _fresh() -> WorldState:
    made = World(ClusterOptions(), START, Nowhere(), SystemClock())
    made.bootstrap()
    return made.state()


def shape(world: World) -> dict[str, Any]:
    """Return what of a world has to be the same when a fault has been taken back."""
    found: dict[str, Any] = {"clusters": world.cluster_names}
    cluster = world.cluster("lab")
    assert cluster is not None
    for rid in cluster.store.resources():
        if rid not in PASSING:
            for obj in cluster.store.items(rid):
                metadata = obj["metadata"]
                found[f"{rid} {metadata.get('namespace', '')}/{metadata['name']}"] = _content(obj)
    found["nodes"] = {
        each["metadata"]["name"]: each["spec"].get("unschedulable", False)
        for each in cluster.api.items("nodes")
    }
    found["pods"] = sorted(
        f"{each['metadata']['namespace']}/{each['metadata'].get('generateName')} {each['status']['phase']}"
        for each in cluster.api.items("pods")
    )
    return {**found, **_records(world), **_account(world)}


def _content(obj: dict[str, Any]) -> dict[str, Any]:
    content = {name: value for name, value in obj.items() if name not in ("metadata", "status")}
    if obj["kind"] == "Service":
        # One that was made anew has another address.
        content["spec"] = {
            name: value for name, value in obj["spec"].items() if not name.startswith("clusterIP")
        }
    return {**content, "labels": obj["metadata"].get("labels"), "annotations": _annotations(obj)}


def _annotations(obj: dict[str, Any]) -> dict[str, str]:
    given = obj["metadata"].get("annotations") or {}
    return {name: value for name, value in given.items() if not name.endswith(("/revision", "/generation"))}


def _records(world: World) -> dict[str, Any]:
    store = world.account.store
    names = (
        "clusters.eks",
        "nodegroups.eks",
        "addons.eks",
        "accessentries.eks",
        "podidentityassociations.eks",
    )
    return {
        name: sorted((each["metadata"]["name"], each["spec"].get("status")) for each in store.items(name))
        for name in (*names, "faults.lab")
    }


def _account(world: World) -> dict[str, Any]:
    account = world.account
    ec2, iam = account.moto.backend("ec2"), account.moto.backend("iam")
    groups = [group for each in ec2.groups.values() for group in each.values()]
    running = [each for each in ec2.find_instances() if not each.is_terminating]
    return {
        "subnets": sorted((each.id, str(each.cidr)) for each in ec2.find_subnets()),
        "associations": {each.id: sorted(each._associations.values()) for each in ec2.route_tables.values()},
        "blocks": {each.id: sorted(_blocks(each)) for each in ec2.vpcs.values()},
        "groups": {each.id: sorted(map(_rule, each.ingress_rules)) for each in groups},
        "loose interfaces": sorted(each.id for each in ec2.enis.values() if each.instance is None),
        "instances": sorted(each.id for each in running),
        "templates": sorted(ec2.launch_templates),
        "volumes": len([each for each in ec2.volumes.values() if not each.attachment]),
        "out of stock": dict(ec2.capacity.missing),
        "roles": {
            each.name: (each.assume_role_policy_document, sorted(each.managed_policies))
            for each in iam.roles.values()
        },
        "providers": sorted(iam.open_id_providers),
    }


def _blocks(vpc: Any) -> list[str]:
    found = vpc.cidr_block_association_set
    return [each["cidr_block"] for each in found if each["cidr_block_state"]["state"] == "associated"]


def _rule(rule: Any) -> str:
    return f"{rule.ip_protocol} {rule.from_port} {rule.to_port} {rule.ip_range} {rule.source_group}"
