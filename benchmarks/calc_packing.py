"""Packing: thousands of pods in seconds, and how far the cost is above the lower bound.

The sets are the usual shapes of a fleet, from a fixed seed: plain requests, zone and host rules, GPUs,
zonal volumes, Spot. Without placement rules the gap has a limit; with rules it is printed, since the
bound leaves most rules out.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import yaml

from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Answer
from eks_lab.calc.packing import CALCULATOR

PLAIN_S, MIXED_S = 3.0, 5.0
GAP_PERCENT = 5.0
TRIES = 3
"""The fastest counts: other work on the machine only makes a run slower."""
SEED = 20261122
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
CATEGORY = "karpenter.k8s.aws/instance-category"

Manifest = dict[str, Any]


def node_pool(name: str, *requirements: tuple[str, str, list[str]], **spec: object) -> Manifest:
    """Return a NodePool with requirements of key, operator and values."""
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": name},
        "spec": {
            "template": {
                "spec": {
                    "nodeClassRef": {
                        "group": "karpenter.k8s.aws",
                        "kind": "EC2NodeClass",
                        "name": "default",
                    },
                    "requirements": [
                        {"key": key, "operator": operator, "values": values}
                        for key, operator, values in requirements
                    ],
                }
            },
            **spec,
        },
    }


EVERY_TYPE = node_pool("every-type")
"""No requirement: all types with a price, of every architecture, on demand and Spot."""
ON_DEMAND = node_pool("on-demand", ("karpenter.sh/capacity-type", "In", ["on-demand"]))
SPOT_FIRST = node_pool(
    "spot-first",
    ("karpenter.sh/capacity-type", "In", ["spot", "on-demand"]),
    (CATEGORY, "In", ["c", "m", "r"]),
)
GENERAL = node_pool(
    "general",
    ("karpenter.sh/capacity-type", "In", ["on-demand"]),
    (CATEGORY, "In", ["c", "m", "r"]),
    weight=10,
)
GPU = node_pool("gpu", ("karpenter.sh/capacity-type", "In", ["on-demand"]), (CATEGORY, "In", ["g", "p"]))


def container(millicores: int, mebibytes: int, **more: str) -> Manifest:
    """Return a container with requests."""
    requests = {"cpu": f"{millicores}m", "memory": f"{mebibytes}Mi", **more}
    return {"name": "main", "image": "app", "resources": {"requests": requests}}


def deployment(name: str, replicas: int, millicores: int, mebibytes: int, **spec: object) -> Manifest:
    """Return a Deployment whose pods carry the label `app: NAME`."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container(millicores, mebibytes)], **spec},
            },
        },
    }


def own_label(name: str) -> Manifest:
    """Return the label selector of a Deployment's pods."""
    return {"matchLabels": {"app": name}}


def spread(name: str, key: str, skew: int = 1) -> list[Manifest]:
    """Return a topology spread constraint of a workload over itself."""
    return [
        {
            "topologyKey": key,
            "maxSkew": skew,
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": own_label(name),
        }
    ]


def apart(name: str, key: str = HOST) -> Manifest:
    """Return required anti-affinity of a workload with itself."""
    term = {"topologyKey": key, "labelSelector": own_label(name)}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def beside(name: str, key: str = ZONE) -> Manifest:
    """Return required affinity to another workload."""
    term = {"topologyKey": key, "labelSelector": own_label(name)}
    return {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def sizes(chance: random.Random) -> tuple[int, int]:
    """Return requests of a pod: 50 millicores to 8 vCPUs, 1 to 8 GiB for each vCPU."""
    millicores = round(math.exp(chance.uniform(math.log(50), math.log(8000))) / 10) * 10
    return max(50, millicores), max(64, round(millicores * chance.uniform(1, 8) / 1000 * 1024 / 32) * 32)


def mixed(pods: int, kinds: int, seed: int = SEED) -> list[Manifest]:
    """Return Deployments of mixed sizes that come to a number of pods."""
    chance = random.Random(seed)
    each, more = divmod(pods, kinds)
    return [deployment(f"app-{n}", each + (n < more), *sizes(chance)) for n in range(kinds)]


def single_pods(pods: int) -> list[Manifest]:
    """Return bare Pods, hardly two of which ask for the same."""
    chance = random.Random(SEED)
    found = []
    for number in range(pods):
        name = f"pod-{number}"
        found.append(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name},
                "spec": {"containers": [container(*sizes(chance))]},
            }
        )
    return found


def ruled(pods: int) -> list[Manifest]:
    """Return a mix of zone spread, host spread, affinity, anti-affinity and no rule, in equal parts."""
    chance = random.Random(SEED)
    found = []
    replicas = 20
    for number in range(pods // replicas):
        name, (millicores, mebibytes) = f"app-{number}", sizes(chance)
        rules: Manifest = {}
        match number % 5:
            case 0:
                rules = {"topologySpreadConstraints": spread(name, ZONE)}
            case 1:
                rules = {"topologySpreadConstraints": spread(name, HOST, 2)}
            case 2:
                rules = {"affinity": apart(name)}
            case 3:
                rules = {"affinity": beside(f"app-{number - 1}")}
        found.append(deployment(name, replicas, millicores, mebibytes, **rules))
    return found


def with_gpus() -> list[Manifest]:
    """Return pods with one, two and four GPUs beside ordinary ones."""
    found = mixed(300, 15)
    for gpus, replicas in ((1, 24), (2, 6), (4, 3)):
        each = deployment(f"train-{gpus}", replicas, 2000 * gpus, 12_000 * gpus)
        spec = each["spec"]["template"]["spec"]
        spec["containers"] = [container(2000 * gpus, 12_000 * gpus, **{"nvidia.com/gpu": str(gpus)})]
        found.append(each)
    return found


def with_volumes() -> list[Manifest]:
    """Return StatefulSets whose volumes lie in zones already, beside ordinary pods."""
    chance = random.Random(SEED)
    found = mixed(300, 15)
    for number in range(20):
        name = f"db-{number}"
        for ordinal in range(6):
            volume = f"{name}-{ordinal}"
            zone = chance.choice(ZONES)
            found += [
                {
                    "apiVersion": "v1",
                    "kind": "PersistentVolume",
                    "metadata": {"name": volume},
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": volume},
                        "nodeAffinity": {
                            "required": {
                                "nodeSelectorTerms": [
                                    {"matchExpressions": [{"key": ZONE, "operator": "In", "values": [zone]}]}
                                ]
                            }
                        },
                    },
                },
                {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "metadata": {"name": f"data-{volume}"},
                    "spec": {"accessModes": ["ReadWriteOnce"], "volumeName": volume},
                },
            ]
        each = deployment(name, 6, *sizes(chance))
        each["kind"] = "StatefulSet"
        each["spec"]["volumeClaimTemplates"] = [
            {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
        ]
        found.append(each)
    return found


def spread_only(pods: int) -> list[Manifest]:
    """Return workloads each spread over zones and nodes."""
    found = mixed(pods, pods // 12)
    for each in found:
        name = each["metadata"]["name"]
        each["spec"]["template"]["spec"]["topologySpreadConstraints"] = [
            *spread(name, ZONE),
            *spread(name, HOST, 2),
        ]
    return found


def ask(manifests: Sequence[Manifest], pools: Sequence[Manifest]) -> Callable[[], Answer]:
    """Return a function that answers for manifests; texts are made before."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    pods, pool = (yaml.dump_all(each, Dumper=dumper) for each in (manifests, pools))
    return lambda: CALCULATOR.compute(
        read_inputs(CALCULATOR, {"pods": pods, "nodepool": pool, "today": "2026-11-22"})
    )


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    questions: list[tuple[str, list[Manifest], list[Manifest], float, float]] = [
        ("10,000 plain pods", mixed(10_000, 100), [EVERY_TYPE], PLAIN_S, GAP_PERCENT),
        ("10,000 different pods, c, m and r", single_pods(10_000), [GENERAL], PLAIN_S, GAP_PERCENT),
        ("10,000 different pods", single_pods(10_000), [EVERY_TYPE], PLAIN_S, GAP_PERCENT),
        ("5,000 pods with rules", ruled(5_000), [ON_DEMAND], MIXED_S, math.inf),
        ("500 mixed sizes", mixed(500, 25), [ON_DEMAND], PLAIN_S, GAP_PERCENT),
        ("60 mixed sizes", mixed(60, 12), [ON_DEMAND], PLAIN_S, GAP_PERCENT),
        ("333 with GPUs", with_gpus(), [GENERAL, GPU], PLAIN_S, math.inf),
        ("420 with zonal volumes", with_volumes(), [GENERAL], MIXED_S, math.inf),
        ("600 spread over zones and nodes", spread_only(600), [ON_DEMAND], PLAIN_S, math.inf),
        ("500 on Spot", mixed(500, 25), [SPOT_FIRST], PLAIN_S, GAP_PERCENT),
    ]
    figures = []
    for what, manifests, pools, seconds, percent in questions:
        compute = ask(manifests, pools)
        taken = math.inf
        for _ in range(TRIES):
            start = time.perf_counter()
            answer = compute()
            taken = min(taken, time.perf_counter() - start)
        result = answer.result
        note = f"{result['placed_pods']} of {result['pods']} pods on {result['nodes']} nodes"
        figures.append((f"{what} (s)", taken, seconds, note))
        gap = result["gap_percent"]
        figures.append(
            (f"{what}, gap (%)", math.inf if gap is None else float(str(gap)), percent, answer.headline)
        )
    return figures
