"""A whole world in process: the account, its clusters and their clock, with nobody connected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from eks_lab.aws import invariants
from eks_lab.aws.account import STUDENT
from eks_lab.aws.principal import Principal
from eks_lab.aws.world import World, WorldState
from eks_lab.clock import Clock
from eks_lab.sim.apiserver.access import Authorizer
from eks_lab.sim.apiserver.authentication import BearerAuthenticator
from eks_lab.sim.apiserver.tokens import new_key
from eks_lab.sim.cluster import Cluster, ClusterIdentity, ClusterOptions
from eks_lab.sim.objects import Obj, condition_of

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


@cache
def _key(number: int) -> bytes:
    return new_key()


class Unserved:
    """A host that opens no ports and keeps the keys of its clusters."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.bearers: dict[str, Sequence[BearerAuthenticator]] = {}

    def identity(self, name: str) -> ClusterIdentity:
        if name not in self.names:
            self.names.append(name)
        return ClusterIdentity("", _key(self.names.index(name)))

    def open(
        self,
        name: str,
        cluster: Cluster,
        bearers: Sequence[BearerAuthenticator] = (),
        authorizers: Sequence[Authorizer] = (),
    ) -> str:
        self.bearers[name] = bearers
        return f"https://127.0.0.1:{7000 + self.names.index(name)}"

    def close(self, name: str) -> None:
        self.bearers.pop(name)

    def certificate_authority(self, name: str) -> str:
        return "Q0E="


class Wall(Clock):
    """Real time that stands still."""

    def now(self) -> datetime:
        return START


class WorldLab:
    """A world, and short ways to ask and change it."""

    def __init__(self, nodes: int = 3, instance: str = "m5.large") -> None:
        self.options = ClusterOptions(nodes=nodes, instance=instance)
        self.hosting = Unserved()
        self.world = World(self.options, START, self.hosting, Wall())
        self.world.bootstrap()

    def restored(self, kept: WorldState) -> WorldLab:
        """Return the world as a restart makes it; this one is over, because moto has one account a process."""
        other = WorldLab.__new__(WorldLab)
        other.options, other.hosting = self.options, self.hosting
        other.world = World(self.options, START, self.hosting, Wall(), kept)
        return other

    @property
    def student(self) -> Principal:
        """Return the learner's user."""
        account = self.world.account
        found = account.iam.principal_of(account.student_key[0])
        assert found.arn.endswith(STUDENT)
        return found

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Make a call as the learner's user."""
        return self.world.account.call(service, operation, params, principal=self.student)

    def cluster(self, name: str = "lab") -> Cluster:
        """Return a cluster that runs."""
        found = self.world.cluster(name)
        assert found is not None
        return found

    def advance(self, seconds: float) -> None:
        """Play simulated time."""
        self.world.advance(timedelta(seconds=seconds))

    def violations(self) -> list[str]:
        """Return what does not agree."""
        return invariants.violations(self.world.account)

    def instances(self) -> list[Obj]:
        """Return EC2's instances that are not terminated."""
        found = self.call("ec2", "DescribeInstances")["Reservations"]
        every = [each for one in found for each in one["Instances"]]
        return [each for each in every if each["State"]["Name"] != "terminated"]

    def ready_nodes(self, name: str = "lab") -> list[str]:
        """Return the nodes that are Ready."""
        return [
            each["metadata"]["name"]
            for each in self.cluster(name).store.items("nodes")
            if (condition_of(each, "Ready") or {}).get("status") == "True"
        ]

    def running(self, name: str = "lab", namespace: str = "default") -> list[str]:
        """Return the pods that run."""
        return [
            each["metadata"]["name"]
            for each in self.cluster(name).store.items("pods", namespace)
            if (each.get("status") or {}).get("phase") == "Running"
        ]

    def scale_nodes(self, size: int) -> None:
        """Give the node group of the base world another size."""
        self.call(
            "eks",
            "UpdateNodegroupConfig",
            clusterName="lab",
            nodegroupName="workers",
            scalingConfig={"minSize": 0, "maxSize": max(size, 1), "desiredSize": size},
        )

    def deploy(self, name: str, replicas: int) -> None:
        """Make a deployment, or give it another size."""
        api = self.cluster().api
        labels = {"app": name}
        wanted = {
            "metadata": {"name": name, "namespace": "default"},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [{"name": "web", "image": "nginx"}]},
                },
            },
        }
        from eks_lab.sim.objects import Key

        kept = api.get("deployments.apps", Key("default", name))
        if kept is None:
            api.create("deployments.apps", wanted, namespace="default")
        else:
            spec = {**kept["spec"], "replicas": replicas}
            api.update("deployments.apps", {**kept, "spec": spec})
