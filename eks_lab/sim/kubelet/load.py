"""Requests: who sends how many, and which pods they reach."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from eks_lab.sim.kubelet.network import PodNetwork
from eks_lab.sim.kubelet.records import PodRecord
from eks_lab.sim.kubelet.surroundings import Surroundings


def requests_of(around: Surroundings, records: list[PodRecord], at: datetime) -> dict[str, float]:
    """Return pod uid -> requests a second that reach it at a moment.

    Every pod behind a Service gets the same share, as iptables' random choice gives it on average.

    Args:
        around: the cluster.
        records: of all pods.
        at: the moment.
    """
    found: dict[str, float] = {}
    for record in records:
        for url, rate in loads_of(record, at).items():
            try:
                parts = urlsplit(url if "://" in url else f"http://{url}")
                port = parts.port
            except ValueError:
                continue
            port = port or (443 if parts.scheme == "https" else 80)
            targets, _error = PodNetwork(around, record.key.namespace, record.key).targets(
                parts.hostname or "", port
            )
            for pod, _number in targets:
                uid = pod["metadata"]["uid"]
                found[uid] = found.get(uid, 0.0) + rate / len(targets)
    return found


def loads_of(record: PodRecord, at: datetime) -> dict[str, float]:
    """Return URL -> requests a second that a pod sends at a moment."""
    found: dict[str, float] = {}
    for container in record.containers:
        process, began = container.process, container.started_at
        if process is None or began is None or not process.may_load or not container.is_up:
            continue
        for url, rate in process.loads((at - began).total_seconds()).items():
            found[url] = found.get(url, 0.0) + rate
    return found
