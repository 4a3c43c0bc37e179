"""The composition root: one page that names every part of the simulated control plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from eks_lab.catalog import instance_types, kubernetes_versions
from eks_lab.clock import SimClock
from eks_lab.errors import InputError
from eks_lab.ids import Ids
from eks_lab.sim.admission.webhook_backends import Backends
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.default_roles import bootstrap_access
from eks_lab.sim.apiserver.secured import install_admission
from eks_lab.sim.apiserver.tokens import ISSUER, LONGEST, TokenAuthority, new_key
from eks_lab.sim.bootstrap import CONTROL_PLANE_ADDRESSES, bootstrap
from eks_lab.sim.cloud import Cloud
from eks_lab.sim.cloud_software import cloud_software
from eks_lab.sim.controllers.cluster_role_aggregation.controller import ClusterRoleAggregation
from eks_lab.sim.controllers.cronjob.controller import CronJobController
from eks_lab.sim.controllers.custom_resource_definition.controller import CustomResourceDefinitionController
from eks_lab.sim.controllers.daemonset.controller import DaemonSetController
from eks_lab.sim.controllers.deployment.controller import DeploymentController
from eks_lab.sim.controllers.disruption.controller import DisruptionController
from eks_lab.sim.controllers.endpoints.controller import EndpointsController
from eks_lab.sim.controllers.endpointslice.controller import EndpointSliceController
from eks_lab.sim.controllers.garbage_collector.controller import GarbageCollector
from eks_lab.sim.controllers.horizontal_pod_autoscaler.controller import HorizontalPodAutoscalerController
from eks_lab.sim.controllers.job.controller import JobController
from eks_lab.sim.controllers.namespace.controller import NamespaceController
from eks_lab.sim.controllers.node_lifecycle.controller import NodeLifecycleController
from eks_lab.sim.controllers.replicaset.controller import ReplicaSetController
from eks_lab.sim.controllers.resource_quota.controller import ResourceQuotaController
from eks_lab.sim.controllers.scheduler.controller import Scheduler
from eks_lab.sim.controllers.service_account.controller import (
    DefaultAccountController,
    RootCaController,
    TokenSecretController,
)
from eks_lab.sim.controllers.statefulset.controller import StatefulSetController
from eks_lab.sim.controllers.taint_eviction.controller import TaintEvictionController
from eks_lab.sim.controllers.ttl.controller import EventTtlController, JobTtlController
from eks_lab.sim.controllers.validating_admission_policy.controller import ValidatingAdmissionPolicyStatus
from eks_lab.sim.controllers.volume_binding.controller import (
    ClaimController,
    ProtectionController,
    VolumeController,
)
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.exporters import exporter_pages
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.nodes import node_object, register
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.pod_usage import MetricsUsage
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.runtime import Controller, Runtime
from eks_lab.sim.store import Store, StoreEvent

VERSIONS = ("1.34", "1.35", "1.36")
"""Kubernetes versions a cluster may have."""
MOST_NODES = 10_000


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """What a cluster starts with."""

    nodes: int = 3
    """Worker nodes; zones take turns."""
    instance: str = "m5.large"
    """EC2 instance type of every node."""
    version: str = "1.36"
    """Kubernetes minor version."""
    seed: int = 7
    """Of uids, generated names and ties."""

    def check(self) -> None:
        """Refuse what cannot be simulated.

        Raises:
            InputError: the message names option, value and what is possible.
        """
        if not 0 <= self.nodes <= MOST_NODES:
            raise InputError(f"nodes: {self.nodes} is not between 0 and {MOST_NODES}")
        instance = instance_types.get(self.instance)
        if not {"x86_64", "arm64"} & set(instance.architectures):
            raise InputError(
                f"instance: {instance.name} runs neither x86_64 nor arm64 nodes",
                hint="Choose another type, for example m5.large.",
            )
        if self.version not in VERSIONS:
            kubernetes_versions.get(self.version)
            raise InputError(
                f"version: Kubernetes {self.version} is not simulated",
                hint=f"Choose one of {', '.join(VERSIONS)}.",
            )


@dataclass(frozen=True, slots=True)
class ClusterIdentity:
    """What proves who a cluster is; it comes from outside, because keys are kept outside."""

    certificate: str = ""
    """Of the certificate authority, in PEM."""
    token_key: bytes = b""
    """That signs service-account tokens, RSA in PEM; empty makes one that is not kept."""
    issuer: str = ""
    """Of those tokens; empty takes the API server's own name."""


@dataclass(frozen=True, slots=True)
class ClusterState:
    """Everything that has to be kept to go on with a cluster."""

    options: ClusterOptions
    now: datetime
    """Of the simulated clock."""
    revision: int
    ids: object
    """State of the sequence of identifiers; None starts one that follows from seed and revision."""
    objects: Sequence[tuple[str, Obj]]
    """Resource and object."""


class Cluster:
    """One simulated EKS cluster: store, API and controllers, without HTTP and without wall time."""

    def __init__(
        self,
        options: ClusterOptions,
        start: datetime,
        kept: ClusterState | None = None,
        identity: ClusterIdentity | None = None,
        *,
        clock: SimClock | None = None,
        cloud: Cloud | None = None,
    ) -> None:
        """Wire a cluster; it is empty until `bootstrap` ran, unless a kept one is restored.

        Args:
            options: nodes, version, seed.
            start: simulated moment at which it begins; ignored with `kept` or `clock`.
            kept: state to go on from.
            identity: certificate and signer of tokens.
            clock: shared with the account it belongs to; None makes its own.
            cloud: instances, interfaces and volumes of that account; None stands on its own.
        """
        self.options = options
        self.clock = clock or SimClock(kept.now if kept else start)
        self.cloud = cloud
        self.ids = Ids(options.seed)
        self.store = Store()
        if kept is not None:
            # Before anybody is built: controllers read what is there in their constructors.
            self.store.load(kept.revision, kept.objects)
            if kept.ids is None:
                self.ids = Ids(options.seed * 1_000_003 + kept.revision)
            else:
                self.ids.restore(kept.ids)
        resources = builtin_resources(options.version)
        self.api = Api(self.store, self.clock, self.ids, options.version, resources)
        self.webhooks = Backends()
        """Register here what answers the webhooks of a Service."""
        self.rbac = install_admission(self.api, self.webhooks)
        identity = identity or ClusterIdentity()
        self.tokens = TokenAuthority(
            self.api, identity.token_key or new_key(), issuer=identity.issuer or ISSUER
        )
        definitions = CustomResourceDefinitionController(self.clock, self.api)
        self.kubelet = KubeletController(
            self.clock, self.api, EventRecorder(self.clock, self.api, self.ids, "kubelet")
        )
        self.webhooks.knock = self.kubelet.knock
        self.kubelet.around.pages.update(exporter_pages(self.kubelet))
        self.controllers: tuple[Controller, ...] = (
            definitions,
            *control_plane(
                self.clock, self.api, self.ids, self.tokens, identity.certificate, MetricsUsage(self.kubelet)
            ),
            *(
                cloud_software(
                    self.clock, self.api, self.ids, self.tokens, cloud, self.kubelet, self._wake_kubelet
                )
                if cloud is not None
                else ()
            ),
            self.kubelet,
        )
        self.runtime = Runtime(self.clock, self.store, self.controllers)
        if kept is not None:
            definitions.restore()
            self.runtime.resync()

    def bootstrap(self, addresses: Sequence[str] = CONTROL_PLANE_ADDRESSES) -> None:
        """Fill a new cluster: namespaces, the `kubernetes` service, classes, default roles, nodes.

        With a cloud there are no nodes yet: they come from instances that join.

        Args:
            addresses: of the control plane in the VPC.
        """
        bootstrap(self.api, addresses)
        bootstrap_access(self.api)
        for number in range(self.options.nodes if self.cloud is None else 0):
            self.add_node(number)
        self.runtime.settle()

    def add_node(self, number: int, instance: str = "") -> Obj:
        """Register a node.

        Args:
            number: decides zone and address: 0, 1, 2 stand in zones a, b, c.
            instance: its type; the cluster's own when empty.

        Returns:
            The node as stored; one that is there already stays as it is.

        Raises:
            InputError: no such instance type.
        """
        node = node_object(number, instance or self.options.instance, "", self.options.version, self.clock)
        return register(self.api, self.clock, node)

    def _wake_kubelet(self, key: Key) -> None:
        self.runtime.enqueue("kubelet", key)

    def state(self) -> ClusterState:
        """Return everything needed to go on later; objects are shared, so this is quick."""
        objects = [(rid, obj) for rid in self.store.resources() for obj in self.store.items(rid)]
        return ClusterState(self.options, self.clock.now(), self.store.revision, self.ids.state(), objects)

    def subscribe(self, callback: Callable[[StoreEvent], None]) -> Callable[[], None]:
        """Call a function after every write; return what ends it."""
        return self.store.subscribe(callback)

    def advance(self, by: timedelta) -> None:
        """Play simulated time."""
        self.runtime.advance(by)

    def get(self, rid: str, name: str, namespace: str = "") -> dict[str, Any] | None:
        """Return a stored object, or None."""
        return self.api.get(rid, Key(namespace, name))


def control_plane(
    clock: SimClock, api: Api, ids: Ids, tokens: TokenAuthority, certificate: str, usage: MetricsUsage
) -> tuple[Controller, ...]:
    """Return every controller of the control plane, in the order that decides ties.

    Args:
        clock: simulated time.
        api: what they read and write.
        ids: for names of events and ties of the scheduler.
        tokens: signs for Secrets of service accounts.
        certificate: of the certificate authority, in PEM.
        usage: what pods use, for the HPA.
    """

    def token_of(account: Obj, secret: Obj) -> str:
        return tokens.issue(account, seconds=LONGEST, bound=("secret", secret))[0]

    def says(component: str) -> EventRecorder:
        return EventRecorder(clock, api, ids, component)

    return (
        NamespaceController(clock, api),
        DefaultAccountController(api),
        RootCaController(api, certificate),
        TokenSecretController(api, token_of, certificate),
        ResourceQuotaController(api),
        ClaimController(clock, api, says("persistentvolume-controller")),
        VolumeController(clock, api, says("persistentvolume-controller")),
        ProtectionController(api),
        CronJobController(clock, api, says("cronjob-controller")),
        JobController(clock, api, says("job-controller")),
        JobTtlController(clock, api),
        DeploymentController(clock, api, says("deployment-controller")),
        StatefulSetController(clock, api, says("statefulset-controller")),
        DaemonSetController(clock, api, says("daemonset-controller")),
        ReplicaSetController(clock, api, says("replicaset-controller")),
        ReplicaSetController(clock, api, says("replication-controller"), "ReplicationController"),
        HorizontalPodAutoscalerController(clock, api, says("horizontal-pod-autoscaler"), usage),
        DisruptionController(clock, api, says("controllermanager")),
        NodeLifecycleController(clock, api, says("node-controller")),
        TaintEvictionController(clock, api, says("taint-eviction-controller")),
        Scheduler(clock, api, says("default-scheduler"), ids),
        EndpointsController(clock, api),
        EndpointSliceController(clock, api),
        GarbageCollector(api, says("garbage-collector-controller")),
        ClusterRoleAggregation(api),
        ValidatingAdmissionPolicyStatus(api),
        EventTtlController(clock, api),
    )
