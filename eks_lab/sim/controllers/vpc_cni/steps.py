"""Carries the steps of a node's pool out: calls of EC2, and what ipamd says about them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

from eks_lab.clock import Clock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.cloud import Caller, Cloud, CloudError, Interface
from eks_lab.sim.controllers.vpc_cni import words
from eks_lab.sim.controllers.vpc_cni.decide import Assign, Attach, Detach, Limits, Step, Unassign
from eks_lab.sim.controllers.vpc_cni.ipamd import Ipamd
from eks_lab.sim.controllers.vpc_cni.subnet_choice import Placement, placements
from eks_lab.sim.objects import Obj, timestamp

ATTACHES_IN = timedelta(seconds=4)
"""From CreateNetworkInterface until the instance's metadata show the interface; up to 10 s on EC2."""
ASSIGNS_IN = timedelta(seconds=0.5)
EXHAUSTED = frozenset({"InsufficientFreeAddressesInSubnet", "InsufficientCidrBlocks"})
"""Codes of a subnet that has nothing left."""

Log = Callable[[Ipamd, str, str], None]
"""Ipamd, level and message: adds a line to its log."""


class Steps:
    """Grows and shrinks what nodes hold."""

    def __init__(self, clock: Clock, api: Api, ids: Ids, cloud: Cloud, log: Log) -> None:
        """Wire it up.

        Args:
            clock: the cluster's time.
            api: where ENIConfigs are.
            ids: for request identifiers in the log.
            cloud: EC2.
            log: of the node's ipamd.
        """
        self._clock = clock
        self._api = api
        self._ids = ids
        self._cloud = cloud
        self._log = log

    def take(self, ipamd: Ipamd, caller: Caller, node: Obj, step: Step, limits: Limits) -> None:
        """Carry one step out.

        Args:
            ipamd: of the node; it notes what is new.
            caller: whose credentials the calls carry.
            node: as stored.
            step: from `decide`.
            limits: it was decided with.

        Raises:
            CloudError: EC2 refuses, in every subnet that may be tried.
        """
        now = self._clock.now()
        match step:
            case Assign():
                try:
                    self._assign(ipamd, caller, step, limits)
                except CloudError as error:
                    if error.code not in EXHAUSTED:
                        raise
                    self._go_elsewhere(ipamd, node, caller, error, step, limits)
            case Attach(count):
                interfaces = self._cloud.interfaces(ipamd.instance.id)
                self._attach(ipamd, caller, count, limits, self._placements(ipamd, node, interfaces))
            case Unassign(interface, values):
                is_prefix = "/" in values[0]
                take = self._cloud.unassign_prefixes if is_prefix else self._cloud.unassign_addresses
                take(caller, interface, values)
                what = f"{len(values)} {'prefixes' if is_prefix else 'IPs'}"
                self._log(
                    ipamd, "info", f"Successfully freed {what} from ENI {interface}: {', '.join(values)}"
                )
            case Detach(interface):
                self._cloud.delete_interface(caller, interface)
                ipamd.attached_at.pop(interface, None)
                self._log(ipamd, "info", f"Successfully freed ENI {interface}")
        ipamd.usable_from = {value: moment for value, moment in ipamd.usable_from.items() if moment > now}

    def _assign(self, ipamd: Ipamd, caller: Caller, step: Assign, limits: Limits) -> None:
        is_prefix = limits.mode == "prefix"
        call = self._cloud.assign_prefixes if is_prefix else self._cloud.assign_addresses
        what, where = "prefixes" if is_prefix else "IPs", f"ENI {step.interface}"
        try:
            values = call(caller, step.interface, step.count)
        except CloudError as error:
            if error.code not in EXHAUSTED or step.count == 1:
                raise
            # Not as many as wanted: one is better than none.
            self._log(ipamd, "warn", f"failed to allocate all available {what} on {where}: {error}")
            values = call(caller, step.interface, 1)
        ipamd.note_new(values, self._clock.now() + ASSIGNS_IN)
        self._log(
            ipamd, "info", f"Successfully assigned {len(values)} {what} to {where}: {', '.join(values)}"
        )

    def _go_elsewhere(
        self, ipamd: Ipamd, node: Obj, caller: Caller, error: CloudError, step: Assign, limits: Limits
    ) -> None:
        """Take a new interface in another subnet when an interface's own subnet has nothing left.

        Raises:
            CloudError: the refusal of the interface's own subnet, when nothing else is left to try.
        """
        interfaces = self._cloud.interfaces(ipamd.instance.id)
        exhausted = {each.subnet_id for each in interfaces if each.id == step.interface}
        busy = ipamd.busy(self._clock.now())
        free = sum(each not in busy for one in ipamd.holdings(interfaces) for each in one.addresses)
        is_short = limits.mode == "prefix" or ipamd.settings.has_ip_targets or free < limits.places
        places = self._placements(ipamd, node, interfaces, exhausted)
        if not is_short or limits.attachable <= 0 or not places:
            raise error
        self.tell_refusal(ipamd, error)
        self._attach(ipamd, caller, min(step.count, limits.places), limits, places)

    def _placements(
        self, ipamd: Ipamd, node: Obj, interfaces: Sequence[Interface], without: Collection[str] = ()
    ) -> list[Placement]:
        found = placements(self._api, self._cloud, ipamd.settings, node, ipamd.instance, interfaces)
        return [each for each in found if each.subnet not in without]

    def _attach(
        self, ipamd: Ipamd, caller: Caller, count: int, limits: Limits, places: Sequence[Placement]
    ) -> None:
        """Create an interface in the first of some subnets that has room."""
        instance, now = ipamd.instance, self._clock.now()
        used = {each.device_index for each in self._cloud.interfaces(instance.id)}
        index = next(each for each in range(len(used) + 1) if each not in used)
        what = "CreateNetworkInterface"
        failure = CloudError("InvalidSubnetID.NotFound", "no subnet is left to try", operation=what)
        for place in places:
            try:
                made = self._cloud.create_interface(
                    caller,
                    instance.id,
                    index,
                    place.subnet,
                    place.security_groups,
                    addresses=0 if limits.mode == "prefix" else count,
                    prefixes=count if limits.mode == "prefix" else 0,
                    description=f"aws-K8S-{instance.id}",
                    tags=self._tags(ipamd),
                )
            except CloudError as error:
                failure = CloudError(error.code, error.message, operation=what, status=error.status)
                if error.code not in EXHAUSTED:
                    break
                continue
            ipamd.attached_at[made.id] = now
            ipamd.note_new((*made.addresses, *made.prefixes), now + ATTACHES_IN)
            where = f"ENI {made.id}, subnet {made.subnet_id}, device {made.device_index}"
            self._log(ipamd, "info", f"Successfully created and attached a new ENI: {where}")
            return
        raise failure

    def _tags(self, ipamd: Ipamd) -> dict[str, str]:
        name = ipamd.settings.cluster_name
        return {
            **ipamd.settings.tags,
            **({"cluster.k8s.amazonaws.com/name": name} if name else {}),
            "node.k8s.amazonaws.com/instance_id": ipamd.instance.id,
            "node.k8s.amazonaws.com/createdAt": timestamp(self._clock.now()),
        }

    def tell_refusal(self, ipamd: Ipamd, error: CloudError) -> None:
        """Write into the log what EC2 refused."""
        verb = error.operation or "AssignPrivateIpAddresses"
        named = CloudError(error.code, error.message, operation=verb, status=error.status)
        self._log(ipamd, "error", f"Failed to {verb}: {words.api_error(named, self._ids.uid())}")
