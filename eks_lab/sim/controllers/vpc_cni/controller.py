"""Keeps the warm pool of every node and gives pods their addresses. See the README beside this file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from eks_lab.calc import eni
from eks_lab.catalog import instance_types
from eks_lab.clock import Clock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.cloud import Caller, Cloud, CloudError, Interface
from eks_lab.sim.controllers.vpc_cni import words
from eks_lab.sim.controllers.vpc_cni.decide import Assign, Attach, Detach, Limits, next_step
from eks_lab.sim.controllers.vpc_cni.definition import ensure_definition
from eks_lab.sim.controllers.vpc_cni.ipamd import Ipamd
from eks_lab.sim.controllers.vpc_cni.settings import settings_of
from eks_lab.sim.controllers.vpc_cni.steps import EXHAUSTED, Steps
from eks_lab.sim.controllers.vpc_cni.subnet_choice import (
    ENI_CONFIGS,
    eni_config,
    eni_config_name,
)
from eks_lab.sim.objects import (
    Key,
    Obj,
    annotations_of,
    condition_of,
    evolve,
    key_of,
    labels_of,
    parse_time,
    timestamp,
)
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

DAEMON = "aws-node"
POD_BY_NODE = "node"
"""Index: node name -> pods."""
MANAGER = "kubelet"
LOOK_EVERY = timedelta(seconds=5)
"""ipPoolMonitorInterval of ipamd."""
STARTS_IN = timedelta(seconds=3)
"""From the container's start to the first answer, and to the CNI's configuration on the node."""
SHORTEST_LIFE = timedelta(minutes=1)
"""minENILifeTime: an interface is not given back sooner."""
QUIET = timedelta(seconds=120)
"""How long ipamd asks for nothing after a subnet had no addresses, or no /28, left (insufficientCidrErrorCooldown)."""
RETRY = timedelta(seconds=30)
"""After a refusal that has nothing to do with addresses, or without an ENIConfig."""
MOST_STEPS = 20
"""Assignments at one look."""

Say = Callable[[Obj, str, str], None]
"""Pod, container and line: adds it to the container's log."""


class VpcCni:
    """The ipamd of every node; keys are nodes. Implements the kubelet's Addresses."""

    name: ClassVar[str] = "vpc-cni"

    def __init__(
        self,
        clock: Clock,
        api: Api,
        ids: Ids,
        cloud: Cloud,
        caller_of: Callable[[Obj], Caller],
        say: Say,
        fail_probes: Callable[[Obj, str, frozenset[str]], None],
    ) -> None:
        """Wire it up.

        Args:
            clock: the cluster's time.
            api: where nodes and pods are.
            ids: for request identifiers in the log.
            cloud: EC2.
            caller_of: pod -> whose credentials its calls carry; raises CloudError when there are none.
            say: writes into a container's log.
            fail_probes: pod, container and the kinds of probes of it that fail.
        """
        self._clock = clock
        self._api = api
        self._cloud = cloud
        self._caller_of = caller_of
        self._say = say
        self._fail_probes = fail_probes
        self._nodes: dict[str, Ipamd] = {}
        self._steps = Steps(clock, api, ids, cloud, self._log)
        api.store.add_index("pods", POD_BY_NODE, _node_of)
        self.watches: Sequence[Watch] = (
            Watch("pods", _keys_of_pod),
            Watch("nodes", _keys_of_node),
            Watch(ENI_CONFIGS, self._keys_of_config),
        )

    def _keys_of_config(self, event: StoreEvent) -> Iterable[Key]:
        return [key_of(node) for node in self._api.items("nodes")]

    # --- pods' addresses (implements eks_lab.sim.kubelet.addresses.Addresses) -----------------------------------

    def allocate(self, node: Obj, pod: Obj) -> str:
        """Return an address of one of the node's interfaces; empty when none is free."""
        ipamd = self._ipamd(node)
        if ipamd is None or not ipamd.is_initialised or not self._answers(ipamd):
            return ""
        now = self._clock.now()
        address = ipamd.free_address(self._cloud.interfaces(ipamd.instance.id), now)
        if address:
            ipamd.assigned[address] = pod["metadata"]["uid"]
            ipamd.usable_from.pop(address, None)
            return address
        self._log(ipamd, "error", "DataStore has no available IP/Prefix addresses", "datastore")
        reply = (
            "Send AddNetworkReply: IPv4Addr: , IPv6Addr: , DeviceNumber: -1, err: AssignPodIPv4Address: "
            "no available IP/Prefix addresses"
        )
        self._log(ipamd, "info", reply, "rpc")
        return ""

    def refusal(self, node: Obj) -> tuple[str, str]:
        """Return reason and text of the event that says why `allocate` gave nothing."""
        ipamd = self._ipamd(node)
        if ipamd is None or not ipamd.is_initialised:
            return "NetworkNotReady", f"network is not ready: {words.NOT_INITIALISED}"
        return "", words.NO_ADDRESS if self._answers(ipamd) else words.NO_IPAMD

    def adopt(self, node: Obj, pod: Obj, address: str) -> None:
        """Note an address that a pod has from before."""
        ipamd = self._ipamd(node)
        if ipamd is not None:
            ipamd.assigned[address] = pod["metadata"]["uid"]

    def release(self, node_name: str, address: str) -> None:
        """Take an address back; it cools down before another pod may have it."""
        ipamd = self._nodes.get(node_name)
        if ipamd is not None and ipamd.assigned.pop(address, None) is not None:
            ipamd.cooling[address] = self._clock.now() + ipamd.settings.cool_down

    # --- the pool ------------------------------------------------------------------------------------------------

    def reconcile(self, key: Key) -> Result:
        """Look after one node: is ipamd up, is the node's network ready, is the pool as it should be."""
        node = self._api.get("nodes", key)
        ipamd = self._ipamd(node) if node is not None else None
        if node is None or ipamd is None:
            self._nodes.pop(key.name, None)
            return DONE
        now = self._clock.now()
        self._follow_pod(ipamd, node)
        if self._answers(ipamd):
            if ipamd.look_at is None or ipamd.look_at <= now:
                ipamd.look_at = now + LOOK_EVERY
                if self._look(ipamd, node):
                    # Nothing to do: the next write of a pod, or what comes due by itself, is soon enough.
                    ipamd.look_at = None
            if not ipamd.problem and not ipamd.refusal:
                ipamd.is_initialised = True
        self._tell_health(ipamd)
        self._write_ready(node, ipamd)
        wait = ipamd.next_moment(now)
        return Result(wait) if wait is not None else DONE

    def _ipamd(self, node: Obj) -> Ipamd | None:
        """Return a node's ipamd; a new one learns from pods and conditions what the old one knew."""
        name = node["metadata"]["name"]
        instance_id = (node["spec"].get("providerID") or "").rpartition("/")[2]
        known = self._nodes.get(name)
        if known is not None and known.instance.id == instance_id:
            return known
        instance = self._cloud.instance(instance_id) if instance_id else None
        if instance is None or instance.state in ("shutting-down", "terminated"):
            return None
        ipamd = self._nodes[name] = Ipamd(name, instance)
        ready = condition_of(node, "Ready")
        # A node that was ready before keeps the CNI's configuration; one that just registered never had it.
        ipamd.is_initialised = (
            ready is not None
            and ready["status"] == "True"
            and ready["lastTransitionTime"] != node["metadata"]["creationTimestamp"]
        )
        for pod in self._api.store.indexed("pods", POD_BY_NODE, name):
            address = (pod.get("status") or {}).get("podIP")
            if address and not pod["spec"].get("hostNetwork") and not is_finished(pod):
                ipamd.assigned[address] = pod["metadata"]["uid"]
        return ipamd

    def _daemon(self, node: str) -> Obj | None:
        """Return the aws-node pod of a node whose containers run."""
        for pod in self._api.store.indexed("pods", POD_BY_NODE, node):
            if labels_of(pod).get("k8s-app") != DAEMON or pod["metadata"]["namespace"] != "kube-system":
                continue
            for status in (pod.get("status") or {}).get("containerStatuses") or ():
                if status["name"] == DAEMON and "running" in (status.get("state") or {}):
                    return pod
        return None

    def _follow_pod(self, ipamd: Ipamd, node: Obj) -> None:
        """Start or stop with the aws-node pod, and read its variables."""
        pod = self._daemon(ipamd.node)
        now = self._clock.now()
        if pod is None:
            ipamd.pod, ipamd.starts_at = "", None
            return
        if pod["metadata"]["uid"] != ipamd.pod:
            ipamd.pod = pod["metadata"]["uid"]
            began = _started(pod)
            ipamd.starts_at = (began or now) + STARTS_IN
            ipamd.look_at = ipamd.quiet_until = None
            ipamd.refusal = ""
            ipamd.settings = settings_of(_variables(pod))
            ensure_definition(self._api)
            self._log(ipamd, "info", "Starting L-IPAMD v1.23.0 ...")
            self._log(ipamd, "info", f"Testing communication with server: node {ipamd.node}")
            modes = f"prefix delegation enabled: {str(ipamd.settings.prefix_delegation).lower()}, "
            modes += f"custom networking enabled: {str(ipamd.settings.custom_networking).lower()}"
            self._log(ipamd, "info", modes)
        had_problem, ipamd.problem = ipamd.problem, ""
        if ipamd.settings.custom_networking and eni_config(self._api, ipamd.settings, node) is None:
            name = eni_config_name(ipamd.settings, node)
            what = f'ENIConfig.crd.k8s.amazonaws.com "{name}" not found'
            ipamd.problem = f"eniconfig: eniconfig is not available: {what}"
        elif had_problem:
            ipamd.look_at = None

    def _tell_health(self, ipamd: Ipamd) -> None:
        """Fail the probes of aws-node while its ipamd cannot start; where EC2 refuses it ends and is restarted."""
        pod = self._daemon(ipamd.node)
        if pod is None:
            return
        failing = frozenset[str]()
        if not ipamd.is_initialised and ipamd.refusal:
            failing = frozenset({"readiness", "liveness"})
        elif not ipamd.is_initialised and ipamd.problem:
            failing = frozenset({"readiness"})
        self._fail_probes(pod, DAEMON, failing)

    def _answers(self, ipamd: Ipamd) -> bool:
        return ipamd.starts_at is not None and ipamd.starts_at <= self._clock.now()

    def _limits(self, ipamd: Ipamd, interfaces: Sequence[Interface]) -> Limits:
        settings, instance = ipamd.settings, instance_types.get(ipamd.instance.type)
        usable = eni.usable_enis(
            instance.default_card_enis,
            max_eni=settings.max_eni,
            custom_networking=settings.custom_networking,
        )
        most = eni.usable_enis(instance.default_card_enis, max_eni=settings.max_eni)
        mode = eni.address_mode(instance, prefix_delegation=settings.prefix_delegation)
        return Limits(usable, most - len(interfaces), instance.ipv4_per_eni - 1, mode)

    def _look(self, ipamd: Ipamd, node: Obj) -> bool:
        """Take the steps that are due; True when the pool is as it should be, or nothing can be done now."""
        now = self._clock.now()
        if ipamd.problem:
            self._log(ipamd, "error", f"Failed to get pod ENI config: {ipamd.problem}")
            ipamd.look_at = now + RETRY
            return False
        for _ in range(MOST_STEPS):
            interfaces = self._cloud.interfaces(ipamd.instance.id)
            limits = self._limits(ipamd, interfaces)
            if limits.usable == 0:
                return True
            step = next_step(ipamd.settings, limits, ipamd.holdings(interfaces), ipamd.busy(now))
            if step is None:
                ipamd.refusal = ""
                return True
            is_growth = isinstance(step, Assign | Attach)
            if is_growth and ipamd.quiet_until is not None:
                if now < ipamd.quiet_until:
                    return True
                ipamd.quiet_until = None
            if isinstance(step, Detach) and ipamd.age_of(step.interface, now) < SHORTEST_LIFE:
                return False
            try:
                self._steps.take(ipamd, self._caller(ipamd), node, step, limits)
            except CloudError as error:
                self._refused(ipamd, error)
                return False
            ipamd.refusal = ""
            if not isinstance(step, Assign):
                return False
        return False

    def _caller(self, ipamd: Ipamd) -> Caller:
        pod = self._daemon(ipamd.node)
        if pod is None:
            raise CloudError("NoCredentialProviders", "no valid providers in chain", status=401)
        return self._caller_of(pod)

    def _refused(self, ipamd: Ipamd, error: CloudError) -> None:
        self._steps.tell_refusal(ipamd, error)
        if error.code in EXHAUSTED:
            ipamd.quiet_until = self._clock.now() + QUIET
            text = (
                "Unable to attach IPs/Prefixes for the ENI, subnet doesn't seem to have enough IPs/Prefixes. "
            )
            self._log(ipamd, "error", f"{text}Consider using new subnet or carve a reserved range")
            return
        ipamd.refusal = str(error)
        ipamd.look_at = self._clock.now() + RETRY

    def _log(self, ipamd: Ipamd, level: str, message: str, caller: str = "ipamd") -> None:
        pod = self._daemon(ipamd.node)
        if pod is not None:
            self._say(pod, DAEMON, words.line(self._clock.now(), level, message, caller))

    # --- the node ------------------------------------------------------------------------------------------------

    def _write_ready(self, node: Obj, ipamd: Ipamd) -> None:
        """Say as the kubelet whether the node's network is ready; a kubelet that fell silent says nothing."""
        ready = condition_of(node, "Ready")
        if ready is None or ready["status"] == "Unknown":
            return
        is_ready = ready["status"] == "True"
        if is_ready == ipamd.is_initialised or (
            not is_ready and ready.get("message") != words.NOT_INITIALISED
        ):
            return
        now = timestamp(self._clock.now())
        wanted = (
            {"status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"}
            if ipamd.is_initialised
            else {"status": "False", "reason": "KubeletNotReady", "message": words.NOT_INITIALISED}
        )
        conditions = [
            {**each, **wanted, "lastHeartbeatTime": now, "lastTransitionTime": now}
            if each["type"] == "Ready"
            else each
            for each in node["status"]["conditions"]
        ]
        self._api.update_status("nodes", evolve(node, ("status", "conditions"), conditions), manager=MANAGER)


def _started(pod: Obj) -> datetime | None:
    """Return when the container aws-node began."""
    for status in (pod.get("status") or {}).get("containerStatuses") or ():
        running = (status.get("state") or {}).get("running")
        if status["name"] == DAEMON and running:
            return parse_time(running["startedAt"])
    return None


def _variables(pod: Obj) -> dict[str, str]:
    for container in pod["spec"]["containers"]:
        if container["name"] == DAEMON:
            return {each["name"]: each.get("value") or "" for each in container.get("env") or ()}
    return {}


def _node_of(pod: Obj) -> Iterable[str]:
    name = pod["spec"].get("nodeName")
    return (name,) if name else ()


def _keys_of_pod(event: StoreEvent) -> Iterable[Key]:
    """The node of a pod that came by an address, ended, or is aws-node itself."""
    pod, old = event.obj, event.old
    node = pod["spec"].get("nodeName")
    if not node:
        return ()
    if event.type == "MODIFIED" and old is not None and labels_of(pod).get("k8s-app") != DAEMON:
        before, after = old.get("status") or {}, pod.get("status") or {}
        if before.get("podIP") == after.get("podIP") and before.get("phase") == after.get("phase"):
            return ()
    return (Key("", node),)


def _keys_of_node(event: StoreEvent) -> Iterable[Key]:
    """A node that came, went, or whose readiness, labels or annotations changed; heartbeats alone are nothing to us."""
    old, node = event.old, event.obj
    if event.type == "MODIFIED" and old is not None:
        before, after = condition_of(old, "Ready") or {}, condition_of(node, "Ready") or {}
        is_same = labels_of(old) == labels_of(node) and annotations_of(old) == annotations_of(node)
        if is_same and all(before.get(field) == after.get(field) for field in ("status", "message")):
            return ()
    return (key_of(node),)
