"""A whole cluster on a FakeCloud, with instances that joined and the add-ons a test asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from eks_lab.sim.apiserver.tokens import new_key
from eks_lab.sim.cluster import Cluster, ClusterIdentity, ClusterOptions, ClusterState
from eks_lab.sim.kubelet.nodes import node_object, register
from eks_lab.sim.kubelet.runtime import ContainerRuntime
from eks_lab.sim.objects import Key, Obj
from tests.sim.cloud.fake_cloud import FakeCloud

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROBE = {"exec": {"command": ["/app/grpc-health-probe", "-addr=:50051"]}, "initialDelaySeconds": 1}
IMAGES = "602401143452.dkr.ecr.us-east-1.amazonaws.com"


@cache
def signer() -> bytes:
    """Return a key for tokens: making one takes long."""
    return new_key()


class CloudCluster:
    """A cluster whose nodes are instances of a FakeCloud."""

    def __init__(
        self,
        type: str = "m5.large",
        nodes: int = 1,
        *,
        cloud: FakeCloud | None = None,
        kept: ClusterState | None = None,
        cni: Mapping[str, str] | None = None,
        has_cni: bool = True,
        max_pods: int | None = None,
        hop_limit: int = 1,
    ) -> None:
        """Start it.

        Args:
            type: of the instances.
            nodes: how many; zones take turns.
            cloud: None makes one.
            kept: state to go on from, instead of starting.
            cni: variables of the container aws-node.
            has_cni: False leaves aws-node out.
            max_pods: of the kubelets.
            hop_limit: of the instances' metadata options.
        """
        self.cloud = cloud or FakeCloud(type)
        options = ClusterOptions(nodes=0, instance=type)
        self.cluster = Cluster(options, START, kept, ClusterIdentity(token_key=signer()), cloud=self.cloud)
        self.api = self.cluster.api
        self.containers = ContainerRuntime(
            self.cluster.kubelet, lambda key: self.cluster.runtime.enqueue("kubelet", key)
        )
        if kept is not None:
            return
        self.cluster.bootstrap()
        if has_cni:
            self.daemon("aws-node", "amazon-k8s-cni:v1.23.0", cni)
        for number in range(nodes):
            self.join(number, type, max_pods=max_pods, hop_limit=hop_limit)

    def join(self, number: int, type: str, *, max_pods: int | None = None, hop_limit: int = 1) -> str:
        """Launch an instance that registers as a node; return the node's name."""
        zone = number % 3
        address = f"10.0.{64 * zone}.{10 + number // 3}"
        instance = self.cloud.launch(f"i-0{number:016x}", address, type, hop_limit=hop_limit)
        node = node_object(
            instance.private_name, type, instance.zone, "1.36", self.cluster.clock, instance_id=instance.id,
            max_pods=max_pods,
        )  # fmt: skip
        register(self.api, self.cluster.clock, node)
        return instance.private_name

    def daemon(
        self, name: str, image: str, environment: Mapping[str, str] | None = None, **labels: str
    ) -> Obj:
        """Create a DaemonSet in kube-system on the hosts' network, as add-ons do."""
        own = {"k8s-app": name, "app.kubernetes.io/name": name, **labels}
        account = {"metadata": {"name": name, "namespace": "kube-system"}}
        self.api.create("serviceaccounts", account, namespace="kube-system")
        spec = {
            "selector": {"matchLabels": {"k8s-app": name}},
            "template": {
                "metadata": {"labels": own},
                "spec": {
                    "hostNetwork": True,
                    "serviceAccountName": name,
                    "priorityClassName": "system-node-critical",
                    "tolerations": [{"operator": "Exists"}],
                    "containers": [
                        {
                            **({"readinessProbe": PROBE} if name == "aws-node" else {}),
                            "name": name,
                            "image": f"{IMAGES}/{image}",
                            "env": [
                                {"name": key, "value": value} for key, value in (environment or {}).items()
                            ],
                        }
                    ],
                },
            },
        }
        daemon = {"metadata": {"name": name, "namespace": "kube-system", "labels": own}, "spec": spec}
        return self.api.create("daemonsets.apps", daemon, namespace="kube-system")

    def set_variables(self, name: str, environment: Mapping[str, str]) -> None:
        """Change the variables of a DaemonSet; its pods are replaced."""
        daemon = self.api.read("daemonsets.apps", Key("kube-system", name))
        env = [{"name": key, "value": value} for key, value in environment.items()]
        patch = {"spec": {"template": {"spec": {"containers": [{"name": name, "env": env}]}}}}
        self.api.patch("daemonsets.apps", Key("kube-system", name), patch, type="strategic")
        assert daemon is not None

    def pods(self, count: int, name: str = "web", node: str = "", **spec: Any) -> None:
        """Create pods `web-0` and so on."""
        for number in range(count):
            self.pod(f"{name}-{number}", node=node, **spec)

    def pod(
        self, name: str, image: str = "registry.k8s.io/pause:3.10", *, node: str = "", **spec: Any
    ) -> Obj:
        """Create a pod of one container; `container` holds more of its fields."""
        container = {"name": "main", "image": image, **spec.pop("container", {})}
        metadata = {"name": name, "namespace": "default", **spec.pop("metadata", {})}
        whole = {"containers": [container], "terminationGracePeriodSeconds": 0, **spec}
        if node:
            whole["nodeName"] = node
        return self.api.create("pods", {"metadata": metadata, "spec": whole}, namespace="default")

    def delete_pod(self, name: str) -> None:
        """Delete a pod at once."""
        self.api.delete("pods", Key("default", name), grace_seconds=0)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.cluster.advance(timedelta(seconds=seconds))

    def read(self, name: str, namespace: str = "default") -> Obj:
        """Return a pod."""
        return self.api.read("pods", Key(namespace, name))

    def addresses(self) -> dict[str, str]:
        """Return pod -> address of the pods of the namespace default that have one."""
        return {
            pod["metadata"]["name"]: pod["status"]["podIP"]
            for pod in self.api.items("pods", "default")
            if (pod.get("status") or {}).get("podIP")
        }

    def said(self, name: str, reason: str = "", namespace: str = "default") -> list[str]:
        """Return the messages of the events about an object."""
        return [
            event["message"]
            for event in self.api.items("events", namespace)
            if event["involvedObject"]["name"] == name and reason in ("", event["reason"])
        ]

    def log(self, daemon: str, node: str = "", container: str = "") -> str:
        """Return the log of a pod of kube-system whose name begins so."""
        for pod in self.api.items("pods", "kube-system"):
            if pod["metadata"]["name"].startswith(daemon) and node in ("", pod["spec"].get("nodeName")):
                return "\n".join(self.containers.logs(pod, container))
        raise AssertionError(f"no pod of {daemon}")

    def node(self, number: int = 0) -> Obj:
        """Return a node."""
        return self.api.items("nodes")[number]

    def ready(self, number: int = 0) -> Obj:
        """Return the Ready condition of a node."""
        conditions: list[Obj] = self.node(number)["status"]["conditions"]
        return next(each for each in conditions if each["type"] == "Ready")

    def taken(self, number: int = 0) -> int:
        """Return how many addresses of the subnets a node's interfaces take."""
        return sum(
            1 + len(each.addresses) + 16 * len(each.prefixes)
            for each in self.cloud.interfaces(self.instance(number))
        )

    def enis(self, number: int = 0) -> int:
        """Return how many interfaces a node has."""
        return len(self.cloud.interfaces(self.instance(number)))

    def instance(self, number: int = 0) -> str:
        """Return the instance of a node."""
        provider: str = self.node(number)["spec"]["providerID"]
        return provider.rpartition("/")[2]
