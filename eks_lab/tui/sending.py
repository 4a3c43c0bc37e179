"""Which generators take a calculator's answer, and the choices it decides. No Textual here.

Only what the answer says is carried over; everything else stays as it was in the generator's form. A value
that a generator cannot take goes along as well: its field says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eks_lab.calc.export import answer_json
from eks_lab.calc.model import Answer
from eks_lab.errors import EksLabError
from eks_lab.generate import registry
from eks_lab.generate.terraform.vpc_plan import choices_from_vpc_plan

Choices = dict[str, object]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A generator that takes an answer."""

    generator: str
    """Its name."""
    choices: Mapping[str, object]
    """What the answer decides, by choice."""


def receivers(answer: Answer) -> list[Receiver]:
    """Return the generators that take an answer, the likeliest first; empty when there is none.

    Args:
        answer: of any calculator. One that a generator refuses (a plan that does not fit its range) is
            offered to no generator.
    """
    found = []
    known = registry.names()
    for generator, choices_of in _ROUTES.get(answer.calculator, ()):
        if generator not in known:
            continue
        try:
            choices = choices_of(answer)
        except EksLabError:
            continue
        if choices is not None:
            found.append(Receiver(generator, choices))
    return found


def _renamed(answer: Answer, names: Mapping[str, str]) -> Choices:
    """Return inputs that are set, under the names they have in a generator."""
    return {
        theirs: answer.inputs[ours] for ours, theirs in names.items() if answer.inputs.get(ours) is not None
    }


def _terraform_of_vpc(answer: Answer) -> Choices:
    return dict(choices_from_vpc_plan(answer_json(answer)))


def _hpa(answer: Answer) -> Choices | None:
    percents = {"cpu-utilization": "cpu_percent", "memory-utilization": "memory_percent"}
    target = percents.get(str(answer.inputs["metric"]))
    if target is None or answer.inputs.get("manifest") is not None:
        return None  # the form has no field for such a metric, and a manifest is there already
    same = ("min_replicas", "max_replicas", "up_window_seconds", "down_window_seconds")
    return {
        **_renamed(answer, {name: name for name in same}),
        # The one that is not scaled by is taken out.
        **dict.fromkeys(percents.values()),
        target: answer.inputs["target"],
    }


def _budget(answer: Answer) -> Choices | None:
    inputs = answer.inputs
    for rule in ("max_unavailable", "min_available"):
        if inputs.get(rule) is not None:
            kept = _renamed(answer, {"replicas": "replicas", "unhealthy_policy": "unhealthy_policy"})
            return {**kept, "rule": rule.replace("_", "-"), "amount": inputs[rule]}
    return None  # nothing to write: the question had no budget


def _spread_deployment(answer: Answer) -> Choices:
    return _renamed(
        answer, {"replicas": "replicas", "max_skew": "max_skew", "when_unsatisfiable": "zone_rule"}
    )


def _gp3(answer: Answer) -> Choices | None:
    figures: Mapping[str, Any] = answer.result
    if answer.inputs["access"] == "ReadWriteMany" or figures.get("gp3_gib") is None:
        return None
    return {
        "iops": figures["gp3_iops"],
        "throughput_mibps": figures["gp3_mib_per_s"],
        "size_gib": figures["gp3_gib"],
        "claim": True,
    }


def _efs(answer: Answer) -> Choices | None:
    size = answer.inputs["gib"]
    if answer.inputs["volume_mode"] == "Block" or not isinstance(size, int | float):
        return None
    return {"size_gib": max(1, round(size))}


_SUBJECT = {"account": "account", "namespace": "namespace", "service_account": "service_account"}


def _irsa(answer: Answer) -> Choices | None:
    if answer.inputs["identity"] != "irsa":
        return None
    # https://oidc.eks.REGION.amazonaws.com/id/ID
    host, _, oidc_id = str(answer.inputs["issuer"]).rpartition("/id/")
    parts = host.removeprefix("https://").split(".")
    issuer = (
        {"region": parts[2], "oidc_id": oidc_id} if parts[:2] == ["oidc", "eks"] and len(parts) > 2 else {}
    )
    return {**_renamed(answer, {**_SUBJECT, "cluster": "cluster"}), **issuer}


def _pod_identity(answer: Answer) -> Choices | None:
    if answer.inputs["identity"] != "pod-identity":
        return None
    kept = _renamed(answer, {**_SUBJECT, "cluster": "cluster", "region": "region"})
    return {**kept, "scope": "service-account"}


def _nodeadm(answer: Answer) -> Choices:
    same = ("instance", "prefix_delegation", "custom_networking")
    choices = _renamed(answer, {name: name for name in same})
    if answer.inputs.get("node_management") == "managed-node-group":
        choices["nodes"] = "managed"
    return {**choices, "max_pods": answer.result["max_pods"]}


def _cni(answer: Answer) -> Choices:
    inputs = answer.inputs
    same = ("instance", "custom_networking", "warm_ip_target", "minimum_ip_target")
    choices = _renamed(answer, {name: name for name in same})
    choices["addresses"] = "prefixes" if inputs["prefix_delegation"] else "secondary"
    if inputs["prefix_delegation"]:
        choices["warm_prefix_target"] = inputs["warm_prefix_target"]
    return choices


_ROUTES: dict[str, tuple[tuple[str, Callable[[Answer], Choices | None]], ...]] = {
    "vpc-plan": (("terraform", _terraform_of_vpc),),
    "hpa": (("hpa", _hpa),),
    "spread": (("pdb", _budget), ("spread-deployment", _spread_deployment)),
    "storage": (("storage-class-gp3", _gp3), ("storage-class-efs", _efs)),
    "trust": (("trust-policy-irsa", _irsa), ("trust-policy-pod-identity", _pod_identity)),
    "max-pods": (("nodeadm-nodeconfig", _nodeadm),),
    "node-ips": (("vpc-cni-values", _cni),),
}
"""Calculator -> generators with what makes their choices of an answer; None where it has nothing to say."""
