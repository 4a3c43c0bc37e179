"""From an answer of the calculator vpc-plan to choices of the Terraform generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eks_lab.errors import InputError

_MODES = {
    "secondary": {"prefix_delegation": False, "custom_networking": False},
    "prefix": {"prefix_delegation": True, "custom_networking": False},
    "custom-networking": {"prefix_delegation": False, "custom_networking": True},
    "custom-networking-prefix": {"prefix_delegation": True, "custom_networking": True},
}
_FIELDS = {
    "nodes": "node_cidrs",
    "public": "public_cidrs",
    "control-plane": "control_plane_cidrs",
    "pods": "pod_cidrs",
}
_HINT = "Make it with: eks-lab calc vpc-plan … --json > plan.json"


def choices_from_vpc_plan(answer: Mapping[str, Any]) -> dict[str, object]:
    """Return the choices that a planned VPC decides.

    Args:
        answer: what `eks-lab calc vpc-plan … --json` prints, as an object.

    Returns:
        `vpc_cidr`, `secondary_ranges`, `zones`, the lists of subnets, and the switches for public and
        control-plane subnets, prefix delegation and custom networking; everything else is for the
        preset and the learner to choose.

    Raises:
        InputError: no answer of that calculator, a plan that does not fit its ranges, or one that this
            generator has no form for (an IPv6 cluster, two pod subnets in a zone).
    """
    inputs, result = answer.get("inputs"), answer.get("result")
    if (
        answer.get("calculator") != "vpc-plan"
        or not isinstance(inputs, Mapping)
        or not isinstance(result, Mapping)
    ):
        raise InputError(f"vpc plan: {answer.get('calculator')!r:.40} is no answer of vpc-plan", hint=_HINT)
    mode = inputs.get("mode")
    if mode not in _MODES:
        raise InputError(
            f"vpc plan: mode {mode!r:.40} has no form in this configuration",
            hint="Plan with mode secondary, prefix, custom-networking or custom-networking-prefix.",
        )
    if result.get("unplaced_nodes_per_zone"):
        raise InputError(
            f"vpc plan: {result['unplaced_nodes_per_zone']} nodes a zone have no place in it",
            hint="Plan with a larger range, or for a shorter horizon.",
        )
    try:
        ranges = str(inputs["cidrs"]).replace(",", " ").replace(";", " ").split()
        added = [str(cidr) for cidr in result["added_cidrs"]]
        zones = int(inputs["zones"])
        subnets = _by_role(result["subnets"], zones)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"vpc plan: the answer is damaged: {error}", hint=_HINT) from None
    custom = _MODES[mode]["custom_networking"]
    if len(subnets["pods"]) > zones:
        raise InputError(
            "vpc plan: it has more than one pod subnet in a zone, and an ENIConfig names one",
            hint="Plan with a second range that holds all pods, for example --cidrs 10.0.0.0/16,100.64.0.0/16.",
        )
    further = subnets["nodes"][zones:]
    if further and custom:
        raise InputError(
            "vpc plan: it has more than one node subnet in a zone beside custom networking",
            hint="Plan with a larger first range.",
        )
    secondary = [*ranges[1:], *added]
    found: dict[str, object] = {
        "vpc_cidr": ranges[0],
        "secondary_ranges": ",".join(secondary) or None,
        "zones": zones,
        "extra_pod_cidrs": ",".join(further) or None,
        "public_subnets": bool(subnets["public"]),
        "control_plane_subnets": bool(subnets["control-plane"]),
        **_MODES[mode],
    }
    for role, field in _FIELDS.items():
        found[field] = ",".join(subnets[role][:zones]) or None
    return found


def _by_role(subnets: Sequence[Mapping[str, Any]], zones: int) -> dict[str, list[str]]:
    """Return the subnets of each role, zone after zone, those that come first in a zone in front."""
    found: dict[str, list[str]] = {}
    for role in _FIELDS:
        zoned: list[list[str]] = [[] for _ in range(zones)]
        for subnet in subnets:
            if subnet["role"] == role:
                zoned[int(subnet["zone_index"])].append(str(subnet["cidr"]))
        rounds = max(map(len, zoned))
        if any(len(zone) not in {0, rounds} for zone in zoned):
            raise ValueError(f"the zones differ in {role} subnets")
        found[role] = [zone[number] for number in range(rounds) for zone in zoned]
    return found
