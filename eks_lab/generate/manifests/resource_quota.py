"""What a namespace may use in all, and what a container gets that says nothing.

Source: Kubernetes, Resource Quotas and Limit Ranges (widely known, not read again for this).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import flag, integer, name_of, namespace
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
apiVersion: v1
kind: ResourceQuota
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  hard:
    requests.cpu: "{{ cpu_cores }}" #? Requests of all pods together. A pod without a request is refused from now on.
    requests.memory: {{ memory_gib }}Gi
    limits.memory: {{ memory_limit_gib }}Gi #? What the pods could take in the worst case.
    pods: "{{ pods }}" #? Each takes an address of the VPC, too.
    persistentvolumeclaims: "{{ claims }}"
    requests.storage: {{ storage_gib }}Gi #? Of all claims together: disks cost money whether they are used or not.
    services.loadbalancers: "{{ load_balancers }}" #? Each costs money by the hour and is reachable from somewhere.
{% if limit_range %}
---
# Defaults, so that a container that says nothing still fits under the quota.
apiVersion: v1
kind: LimitRange
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  limits:
    - type: Container
      defaultRequest: #? For containers that request nothing.
        cpu: {{ default_cpu_millicores }}m
        memory: {{ default_memory_mib }}Mi
      default: #? Limits for containers that name none. None for CPU: it would only slow them down.
        memory: {{ default_memory_mib }}Mi
      max: #? A larger container is refused: it would not fit on your nodes anyway.
        memory: {{ max_memory_gib }}Gi
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the quota, and the limit range when it is wanted."""
    chosen = Chosen("resource-quota", choices)
    memory, limit = chosen.integer("memory_gib"), chosen.integer("memory_limit_gib")
    if limit < memory:
        raise refuse(
            "memory_limit_gib",
            f"limits of {limit} GiB in all are less than requests of {memory} GiB, and a limit is never below a request",
            f"Give at least {memory}.",
        )
    default_mib, largest = chosen.integer("default_memory_mib"), chosen.integer("max_memory_gib")
    if chosen.flag("limit_range"):
        if default_mib > largest * 1024:
            raise refuse(
                "default_memory_mib",
                f"{default_mib} MiB is more than the largest container of {largest} GiB",
                "Lower it, or raise max-memory-gib.",
            )
        if (
            default_mib > memory * 1024
            or chosen.integer("default_cpu_millicores") > chosen.integer("cpu_cores") * 1000
        ):
            raise refuse(
                "default_memory_mib" if default_mib > memory * 1024 else "default_cpu_millicores",
                "not even one container with the defaults fits under the quota",
                "Lower the default, or raise the quota.",
            )
    notes = ["Pods that run already stay; only new ones are refused: look at kubectl describe resourcequota."]
    if not chosen.flag("limit_range"):
        notes.append("Without a LimitRange every pod that states no requests and no memory limit is refused.")
    file = chosen.file(
        "quota.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_subdomain),
        namespace=chosen.text("namespace", identifiers.dns_label),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="resource-quota",
    title="Quota and limit range",
    summary="Bounds what a namespace may use, with defaults for containers that say nothing.",
    produces="manifest",
    inputs=(
        name_of("both objects", "team"),
        namespace("payments"),
        integer("cpu_cores", "CPU", 16, "CPU requests of all pods together.", "cores", 1, 100_000),
        integer("memory_gib", "Memory", 64, "Memory requests of all pods together.", "GiB", 1, 1_000_000),
        integer(
            "memory_limit_gib",
            "Memory limits",
            96,
            "Memory limits of all pods together.",
            "GiB",
            1,
            1_000_000,
        ),
        integer("pods", "Pods", 100, "Pods that may exist at once.", "pods", 1, 150_000),
        integer("claims", "Claims", 20, "PersistentVolumeClaims that may exist.", "claims", 0, 10_000),
        integer("storage_gib", "Storage", 500, "Storage of all claims together.", "GiB", 0, 10_000_000),
        integer("load_balancers", "Load balancers", 1, "Services of type LoadBalancer.", "Services", 0, 100),
        flag("limit_range", "Limit range", True, "Add defaults for containers."),
        integer(
            "default_cpu_millicores",
            "Default CPU",
            100,
            "Request of a container without one.",
            "millicores",
            1,
            64_000,
        ),
        integer(
            "default_memory_mib", "Default memory", 256, "Request and limit without one.", "MiB", 4, 1_000_000
        ),
        integer(
            "max_memory_gib", "Largest container", 16, "Most memory one container may have.", "GiB", 1, 24_576
        ),
    ),
    render=render,
    lesson="practices.reliability-and-cost",
)
