"""What a cluster runs because it stands in a cloud: one page that names every part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from eks_lab.clock import Clock
from eks_lab.ids import Ids
from eks_lab.sim.admission.pod_identity import PodIdentityWebhook
from eks_lab.sim.admission.webhooks import MutatingAdmissionWebhook
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.tokens import TokenAuthority
from eks_lab.sim.cloud import Cloud
from eks_lab.sim.controllers.attach_detach.controller import AttachDetach
from eks_lab.sim.controllers.cloud_node.controller import CloudNode
from eks_lab.sim.controllers.ebs_csi.claims import ClaimProvisioning
from eks_lab.sim.controllers.ebs_csi.driver import NAME as DRIVER
from eks_lab.sim.controllers.ebs_csi.driver import DriverError, EbsDriver
from eks_lab.sim.controllers.ebs_csi.reclaiming import VolumeReclaiming
from eks_lab.sim.controllers.ebs_csi.registration import CsiNodeRegistration
from eks_lab.sim.controllers.metrics_serving.controller import MetricsServing
from eks_lab.sim.controllers.pod_gc.controller import PodGarbageCollector
from eks_lab.sim.controllers.vpc_cni.controller import VpcCni
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.credentials import PodCredentials
from eks_lab.sim.kubelet.nodes import REGION
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.runtime import Controller
from eks_lab.sim.service_pods import is_serving, selected_pods

MOST_TOKENS = 4096
"""Tokens that are remembered until they are renewed."""
RENEWED_AT = 0.8
"""Share of a token's life after which the kubelet writes a new one (pkg/kubelet/token/token_manager.go)."""
TOKEN_SECONDS = 3600


def cloud_software(
    clock: Clock,
    api: Api,
    ids: Ids,
    tokens: TokenAuthority,
    cloud: Cloud,
    kubelet: KubeletController,
    wake: Callable[[Key], None],
) -> tuple[Controller, ...]:
    """Return the controllers of a cluster's cloud side, and give kubelets what they need from it.

    Args:
        clock: simulated time.
        api: of the cluster.
        ids: for identifiers in logs.
        tokens: signs what pods find in their volumes.
        cloud: the account as the cluster sees it.
        kubelet: of all nodes.
        wake: enqueues a key with the kubelet.
    """

    def says(component: str) -> EventRecorder:
        return EventRecorder(clock, api, ids, component)

    _install_webhook(api, PodIdentityWebhook(cloud.pod_identity_association, REGION))
    around = kubelet.around
    around.token = ProjectedTokens(clock, api, tokens).token
    credentials = PodCredentials(around, cloud)
    around.aws = credentials.run_aws
    network = VpcCni(clock, api, ids, cloud, credentials.caller_of, kubelet.say, kubelet.fail_probes)
    around.addresses = network
    driver = EbsDriver(clock, api, ids, cloud, credentials.caller_of, kubelet.say)
    attaching = AttachDetach(clock, api, says("attachdetach-controller"), driver, DriverError, wake)
    around.attaching = attaching.waiting_for
    around.has_dns = ClusterDns(api).answers
    around.has_power = Power(cloud).has_power
    around.wake = wake
    return (
        MetricsServing(clock, api),
        CloudNode(clock, api, says("cloud-node-lifecycle-controller"), cloud),
        PodGarbageCollector(clock, api),
        network,
        CsiNodeRegistration(api, cloud),
        ClaimProvisioning(clock, api, says(f"{DRIVER}_ebs-csi-controller"), driver),
        VolumeReclaiming(api, says(f"{DRIVER}_ebs-csi-controller"), driver),
        attaching,
    )


class ClusterDns:
    """Whether a pod of CoreDNS answers behind the Service kube-dns."""

    def __init__(self, api: Api) -> None:
        """Look into a cluster."""
        self._api = api

    def answers(self) -> bool:
        """Say whether names are resolved in pods."""
        service = self._api.get("services", Key("kube-system", "kube-dns"))
        return service is not None and any(
            is_serving(pod, service) for pod in selected_pods(self._api, service)
        )


class Power:
    """Whether the machine behind a node runs."""

    def __init__(self, cloud: Cloud) -> None:
        """Ask a cloud."""
        self._cloud = cloud

    def has_power(self, node: Obj) -> bool:
        """Say whether a node's instance runs; nodes without one are taken for running."""
        name = (node["spec"].get("providerID") or "").rpartition("/")[2]
        instance = self._cloud.instance(name) if name else None
        return instance is None or instance.state in ("pending", "running")


def _install_webhook(api: Api, webhook: PodIdentityWebhook) -> None:
    """Put EKS's own webhook where the cluster's mutating webhooks are called."""
    plugins = list(api.admission)
    places = [number for number, each in enumerate(plugins) if isinstance(each, MutatingAdmissionWebhook)]
    plugins.insert(places[0] if places else len(plugins), webhook)
    api.admission = tuple(plugins)


class ProjectedTokens:
    """The tokens that kubelets write into projected volumes, and renew."""

    def __init__(self, clock: Clock, api: Api, tokens: TokenAuthority) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._tokens = tokens
        self._kept: dict[tuple[str, str], tuple[str, datetime]] = {}

    def token(self, pod: Obj, projection: Obj) -> str:
        """Return a token of a pod's service account that is valid now.

        Args:
            pod: it is bound to.
            projection: `audience`, `expirationSeconds` and `path` of the volume's source.

        Returns:
            The JWT; empty when the account is gone.
        """
        now = self._clock.now()
        key = (pod["metadata"]["uid"], projection.get("audience") or "")
        known = self._kept.get(key)
        if known is not None and now < known[1]:
            return known[0]
        name = pod["spec"].get("serviceAccountName") or "default"
        account = self._api.get("serviceaccounts", Key(pod["metadata"]["namespace"], name))
        if account is None:
            return ""
        seconds = projection.get("expirationSeconds") or TOKEN_SECONDS
        audiences = [projection["audience"]] if projection.get("audience") else []
        text, _identifier = self._tokens.issue(
            account, audiences=audiences, seconds=seconds, bound=("pod", pod)
        )
        if len(self._kept) >= MOST_TOKENS:
            self._kept.clear()
        self._kept[key] = (text, now + timedelta(seconds=seconds * RENEWED_AT))
        return text
