"""What a cluster runs because it stands in a cloud: one page that names every part."""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.clock import Clock
from eks_lab.ids import Ids
from eks_lab.sim.admission.pod_identity import PodIdentityWebhook
from eks_lab.sim.admission.webhooks import MutatingAdmissionWebhook
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.tokens import TokenAuthority
from eks_lab.sim.cloud import Cloud
from eks_lab.sim.controllers.vpc_cni.controller import VpcCni
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.credentials import PodCredentials
from eks_lab.sim.kubelet.nodes import REGION
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.runtime import Controller

MOST_TOKENS = 4096
"""Tokens that are remembered until they are renewed."""
RENEWED_AT = 0.8
"""Share of a token's life after which the kubelet writes a new one (pkg/kubelet/token/token_manager.go)."""
TOKEN_SECONDS = 3600


def cloud_software(
    clock: Clock, api: Api, ids: Ids, tokens: TokenAuthority, cloud: Cloud, kubelet: KubeletController
) -> tuple[Controller, ...]:
    """Return the controllers of a cluster's cloud side, and give kubelets what they need from it.

    Args:
        clock: simulated time.
        api: of the cluster.
        ids: for identifiers in logs.
        tokens: signs what pods find in their volumes.
        cloud: the account as the cluster sees it.
        kubelet: of all nodes.
    """
    _install_webhook(api, PodIdentityWebhook(cloud.pod_identity_association, REGION))
    around = kubelet.around
    around.token = ProjectedTokens(clock, api, tokens).token
    credentials = PodCredentials(around, cloud)
    around.aws = credentials.run_aws
    network = VpcCni(clock, api, ids, cloud, credentials.caller_of, kubelet.say)
    around.addresses = network
    return (network,)


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
