"""What a world holds, under the names that references use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.reachability import SOMEWHERE, is_public, route_to
from eks_lab.errors import UnavailableError
from eks_lab.sim.objects import Key

if TYPE_CHECKING:
    from eks_lab.aws.world import World

CLUSTERS = "clusters.eks"
NODEGROUPS = "nodegroups.eks"


class Discovered(Mapping[str, Any]):
    """The names; each is looked up when it is asked for, so that it is always the present state.

    account      id, region
    cluster      name, version, role_arn, vpc, security_group, endpoint, certificate_authority, issuer, oidc
                 (the issuer without `https://`), oidc_arn, service_cidr
    nodegroup    name, role_arn, role (its name), subnets, instance: the first node group of the cluster
    subnets      private, public, control_plane (lists of ids, by zone), zones (of the private ones), cidrs
    nodes        names of the ready nodes
    student      arn
    """

    def __init__(self, world: World, cluster: str) -> None:
        """Look into a world.

        Args:
            world: the account and its clusters.
            cluster: the one that faults concern.
        """
        self._world = world
        self._cluster = cluster
        self._found = {
            "account": self._account,
            "cluster": self._cluster_values,
            "nodegroup": self._nodegroup,
            "subnets": self._subnets,
            "nodes": self._nodes,
            "student": self._student,
        }

    def __getitem__(self, name: str) -> Any:
        """Return a value.

        Raises:
            KeyError: there is no such name.
            UnavailableError: the world has no cluster, or no node group, any more.
        """
        return self._found[name]()

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._found)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._found)

    def _account(self) -> dict[str, str]:
        account = self._world.account
        return {"id": account.id, "region": account.region}

    def _record(self) -> Mapping[str, Any]:
        record = self._world.account.store.get(CLUSTERS, Key("", self._cluster))
        if record is None or self._world.cluster(self._cluster) is None:
            raise UnavailableError(
                f"the cluster {self._cluster} is not there",
                hint="Begin anew with: eks-lab sandbox reset",
            )
        spec: Mapping[str, Any] = record["spec"]
        return spec

    def _cluster_values(self) -> dict[str, str]:
        world, spec = self._world, self._record()
        issuer = world.issuer(self._cluster)
        network = spec["resourcesVpcConfig"]
        return {
            "name": self._cluster,
            "version": spec["version"],
            "role_arn": spec["roleArn"],
            "vpc": network["vpcId"],
            "security_group": network["clusterSecurityGroupId"],
            "endpoint": world.endpoint(self._cluster),
            "certificate_authority": world.certificate_authority(self._cluster),
            "issuer": issuer,
            "oidc": issuer.removeprefix("https://"),
            "oidc_arn": f"arn:aws:iam::{world.account.id}:oidc-provider/{issuer.removeprefix('https://')}",
            "service_cidr": spec["kubernetesNetworkConfig"]["serviceIpv4Cidr"],
        }

    def _nodegroup(self) -> dict[str, Any]:
        groups = self._world.account.store.items(NODEGROUPS, self._cluster)
        if not groups:
            raise UnavailableError(f"the cluster {self._cluster} has no node group")
        spec = groups[0]["spec"]
        return {
            "name": spec["nodegroupName"],
            "role_arn": spec["nodeRole"],
            "role": spec["nodeRole"].rpartition("/")[2],
            "subnets": list(spec["subnets"]),
            "instance": (spec.get("instanceTypes") or ["m5.large"])[0],
        }

    def _subnets(self) -> dict[str, list[str]]:
        """Sort the subnets of the cluster's VPC by their way out: an internet gateway, something else, nothing."""
        account = self._world.account
        ec2 = mended.region(account.id, account.region)
        vpc = self._record()["resourcesVpcConfig"]["vpcId"]
        found: dict[str, list[str]] = {
            "private": [], "public": [], "control_plane": [], "zones": [], "cidrs": [],
        }  # fmt: skip
        places = [each for each in ec2.find_subnets() if each.vpc_id == vpc]
        for subnet in sorted(places, key=lambda each: (each.availability_zone, IPv4Network(str(each.cidr)))):
            route = route_to(ec2, subnet.id, SOMEWHERE)
            if route is None:
                found["control_plane"].append(subnet.id)
            elif is_public(ec2, subnet.id):
                found["public"].append(subnet.id)
            else:
                found["private"].append(subnet.id)
                found["zones"].append(subnet.availability_zone)
                found["cidrs"].append(str(subnet.cidr))
        return found

    def _nodes(self) -> list[str]:
        cluster = self._world.cluster(self._cluster)
        return [each["metadata"]["name"] for each in cluster.api.items("nodes")] if cluster else []

    def _student(self) -> dict[str, str]:
        from eks_lab.aws.account import STUDENT

        return {"arn": f"arn:aws:iam::{self._world.account.id}:user/{STUDENT}", "name": STUDENT}
