"""Ordinary manifests: Pods, Deployments, StatefulSets, Jobs, ReplicaSets, and what belongs to them.

Every workload counts with the pods it keeps running; a pod or ReplicaSet whose owner stands in the
text too is counted there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from eks_lab.calc.packer import fields
from eks_lab.calc.packer.fields import Fields, Place
from eks_lab.calc.packer.pod_spec import ReadPod, read_pod, selector
from eks_lab.calc.packer.pods import (
    VOLUMES,
    Claim,
    DisruptionBudget,
    Manifests,
    Member,
    PodClass,
    PodSpec,
)
from eks_lab.calc.packer.rules import PodTerm, Selector
from eks_lab.calc.packer.volumes import Volume, VolumeBook
from eks_lab.calc.packer.yaml_documents import read_documents
from eks_lab.errors import InputError

FIELD = "pods"
MOST_PODS = 100_000
"""More than this is no question for a page; EKS itself wants a word with you beyond 50,000."""
_VERSIONS = {
    "Pod": ("", "v1"),
    "Deployment": ("apps", "v1"),
    "ReplicaSet": ("apps", "v1"),
    "StatefulSet": ("apps", "v1"),
    "DaemonSet": ("apps", "v1"),
    "Job": ("batch", "v1"),
    "PodDisruptionBudget": ("policy", "v1"),
    "PersistentVolumeClaim": ("", "v1"),
    "PersistentVolume": ("", "v1"),
    "StorageClass": ("storage.k8s.io", "v1"),
    "Namespace": ("", "v1"),
}
_FORMER_GROUPS = frozenset({"extensions"})
_WORKLOADS = ("Pod", "Deployment", "ReplicaSet", "StatefulSet", "Job")
_OWNERS = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "Job"})
_FINISHED = frozenset({"Succeeded", "Failed"})
_EXAMPLE_HINT = (
    "Give Pods, Deployments, StatefulSets, Jobs or ReplicaSets, as kubectl get -o yaml prints them."
)


@dataclass(slots=True)
class _Object:
    """One object of the text."""

    kind: str
    namespace: str
    name: str
    content: Fields
    place: Place


@dataclass(slots=True)
class _Batch:
    """Equal pods of one workload, before selectors and shared claims are known."""

    pod: ReadPod
    requests: tuple[tuple[str, int], ...]
    zones: frozenset[str] | None
    claims: tuple[Claim, ...]
    member: Member


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    objects: dict[str, list[_Object]] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    book: VolumeBook = field(default_factory=VolumeBook)
    batches: list[_Batch] = field(default_factory=list)
    pods: int = 0
    unknown_claims: set[str] = field(default_factory=set)
    specs: dict[tuple[int, str, frozenset[tuple[str, str]]], tuple[Fields, ReadPod]] = field(
        default_factory=dict
    )


def read_manifests(text: str) -> Manifests:
    """Read manifests.

    Args:
        text: one or many YAML documents, lists (`kind: List`) among them.

    Returns:
        Classes of equal pods in the order of their first appearance, and what belongs to them.

    Raises:
        InputError: no YAML, no pods, too many, or a field that is not usable; the message names the
            document and the field.
    """
    reading = _Reading()
    for document in read_documents(text, FIELD):
        label = f"{FIELD}, document {document.number}"
        for found in _objects(document.content, label):
            known = _is_known(found)
            if known:
                reading.objects.setdefault(found.kind, []).append(found)
            else:
                reading.ignored[found.kind] += 1
    _note_volumes(reading)
    _read_workloads(reading)
    daemons = tuple(_daemon(found) for found in reading.objects.get("DaemonSet", []))
    if not reading.batches:
        raise InputError(f"{FIELD}: no pod among the documents", hint=_EXAMPLE_HINT)
    namespaces = {
        found.name: _labels(found.content, found.place) for found in reading.objects.get("Namespace", [])
    }
    budgets = tuple(_budget(found) for found in reading.objects.get("PodDisruptionBudget", []))
    return Manifests(
        classes=_classes(reading.batches, budgets),
        daemons=daemons,
        budgets=budgets,
        namespaces=namespaces,
        warnings=(*reading.warnings, *_what_was_ignored(reading)),
    )


def _objects(content: object, label: str) -> Iterator[_Object]:
    place = Place(label, "")
    if not isinstance(content, dict):
        raise InputError(f"{label}: {fields.shown(content)} is no manifest", hint=_EXAMPLE_HINT)
    kind = fields.text(content, "kind", place)
    version = fields.text(content, "apiVersion", place)
    if kind.endswith("List") and isinstance(content.get("items"), list):
        inner = kind.removesuffix("List")
        for index, item in enumerate(content["items"]):
            if isinstance(item, dict) and inner:
                # Items of a typed list carry neither kind nor version.
                item = {"kind": inner, "apiVersion": version, **item}
            yield from _objects(item, f"{label}, items[{index}]")
        return
    metadata = fields.mapping(content, "metadata", place)
    at = place / "metadata"
    name = fields.text(metadata, "name", at, fields.text(metadata, "generateName", at, ""))
    namespace = fields.text(metadata, "namespace", at, "default")
    here = Place(f"{label} ({kind} {name})" if name else f"{label} ({kind})", "")
    if kind in _VERSIONS and not name:
        raise (here / "metadata.name").refusal("Required value")
    yield _Object(kind, namespace, name, content, here)


def _is_known(found: _Object) -> bool:
    if found.kind not in _VERSIONS:
        return False
    given = str(found.content["apiVersion"])
    group, _, version = given.rpartition("/")
    wanted_group, wanted = _VERSIONS[found.kind]
    if group != wanted_group and group not in _FORMER_GROUPS:
        return False
    if group != wanted_group or version != wanted:
        full = f"{wanted_group}{'/' if wanted_group else ''}{wanted}"
        raise found.place.refusal(
            f'no matches for kind "{found.kind}" in version "{given}"', hint=f"Write apiVersion: {full}."
        )
    return True


def _note_volumes(reading: _Reading) -> None:
    for found in reading.objects.get("StorageClass", []):
        reading.book.add_class(found.name, found.content, found.place)
    for found in reading.objects.get("PersistentVolume", []):
        reading.book.add_volume(found.name, found.content, found.place)
    for found in reading.objects.get("PersistentVolumeClaim", []):
        reading.book.add_claim(found.namespace, found.name, found.content, found.place)


def _read_workloads(reading: _Reading) -> None:
    owners = {
        (found.kind, found.namespace, found.name)
        for kind in _OWNERS
        for found in reading.objects.get(kind, [])
    }
    owned: Counter[str] = Counter()
    daemon_pods = finished = running = 0
    for kind in _WORKLOADS:
        for found in reading.objects.get(kind, []):
            owner = _owner(found)
            if owner is not None and (owner[0], found.namespace, owner[1]) in owners:
                owned[kind] += 1
                continue
            if owner is not None and owner[0] == "DaemonSet":
                daemon_pods += 1
                continue
            if kind == "Pod" and _is_finished(found):
                finished += 1
                continue
            running += _read_workload(found, reading)
    for kind, count in owned.items():
        reading.warnings.append(f"{count} {kind}s belong to workloads of the text and are counted there.")
    if daemon_pods:
        reading.warnings.append(
            f"{daemon_pods} pods of DaemonSets are left out: DaemonSet manifests and the overhead count"
            " them, on every node."
        )
    if finished:
        reading.warnings.append(f"{finished} pods have finished and are left out.")
    if running:
        reading.warnings.append(f"{running} pods run on a node already: here all are placed afresh.")
    if reading.unknown_claims:
        named = ", ".join(sorted(reading.unknown_claims)[:3])
        reading.warnings.append(
            f"{len(reading.unknown_claims)} claims are not in the text ({named}): they count as EBS volumes that"
            " are made where the pod goes. A claim that is bound keeps its zone."
        )


def _owner(found: _Object) -> tuple[str, str] | None:
    metadata = fields.mapping(found.content, "metadata", found.place)
    if not metadata.get("ownerReferences"):
        return None
    for reference, at in fields.mappings(metadata, "ownerReferences", found.place / "metadata"):
        if reference.get("controller"):
            return fields.text(reference, "kind", at, ""), fields.text(reference, "name", at, "")
    return None


def _is_finished(found: _Object) -> bool:
    status = found.content.get("status")
    return isinstance(status, dict) and status.get("phase") in _FINISHED


def _labels(content: Fields, place: Place) -> dict[str, str]:
    metadata = fields.mapping(content, "metadata", place)
    return fields.text_mapping(metadata, "labels", place / "metadata")


def _replicas(found: _Object) -> int:
    if found.kind == "Pod":
        return 1
    spec = fields.required_mapping(found.content, "spec", found.place)
    at = found.place / "spec"
    if found.kind == "Job":
        at_once = fields.whole(spec, "parallelism", at, 1)
        return (
            0
            if fields.flag(spec, "suspend", at)
            else min(at_once, fields.whole(spec, "completions", at, at_once))
        )
    return fields.whole(spec, "replicas", at, 1)


def _read_workload(found: _Object, reading: _Reading) -> int:
    """Add the pods of a workload; return how many run already."""
    count = _replicas(found)
    reading.pods += count
    if reading.pods > MOST_PODS:
        raise found.place.refusal(
            f"with its {count:,} pods there are more than {MOST_PODS:,}",
            hint="Give fewer; a fleet of that size is planned in parts.",
        )
    pod = _pod_of(found, reading)
    if not count:
        return 0
    whose = Member(found.kind, found.namespace, found.name, count)
    shared = _claims(pod, found, reading)
    own = _claims_of_replicas(found, count, reading) if found.kind == "StatefulSet" else {}
    if not own:
        reading.batches.append(_batch(pod, shared, whose))
    for volumes, replicas in Counter(own.values()).items():
        reading.batches.append(_batch(pod, (*shared, *volumes), replace(whose, count=replicas)))
    return count if pod.is_bound else 0


def _pod_of(found: _Object, reading: _Reading) -> ReadPod:
    content, place = found.content, found.place
    if found.kind != "Pod":
        spec = fields.required_mapping(content, "spec", place)
        content = fields.required_mapping(spec, "template", place / "spec")
        place = place / "spec.template"
    metadata = fields.mapping(content, "metadata", place)
    labels = fields.text_mapping(metadata, "labels", place / "metadata")
    annotations = fields.mapping(metadata, "annotations", place / "metadata")
    pod_spec = fields.required_mapping(content, "spec", place)
    # Pods made from one template of the YAML reader share the very same spec.
    key = (id(pod_spec), found.namespace, frozenset(labels.items()))
    known = reading.specs.get(key)
    if known is not None and not annotations:
        return known[1]
    pod = read_pod(
        pod_spec,
        place / "spec",
        namespace=found.namespace,
        labels=labels,
        annotations={str(name): value for name, value in annotations.items()},
    )
    if not annotations:
        reading.specs[key] = (pod_spec, pod)
    return pod


Named = tuple[str, Volume]


def _claims(pod: ReadPod, found: _Object, reading: _Reading) -> tuple[Named, ...]:
    named = []
    for use in pod.claims:
        if use.is_template:
            named.append(("", reading.book.template(use.content, found.place / "spec.volumes")))
            continue
        volume = reading.book.volume(found.namespace, use.name)
        if not volume.is_known:
            reading.unknown_claims.add(use.name)
        named.append((f"{found.namespace}/{use.name}", volume))
    return tuple(named)


def _claims_of_replicas(found: _Object, count: int, reading: _Reading) -> dict[int, tuple[Named, ...]]:
    """Return the claims from templates by ordinal; empty without templates."""
    spec = fields.mapping(found.content, "spec", found.place)
    templates = fields.mappings(spec, "volumeClaimTemplates", found.place / "spec")
    if not templates:
        return {}
    made = []
    for template, at in templates:
        metadata = fields.mapping(template, "metadata", at)
        made.append((fields.text(metadata, "name", at / "metadata"), reading.book.template(template, at)))
    claims: dict[int, tuple[Named, ...]] = {}
    for ordinal in range(count):
        own: list[Named] = []
        for name, fresh in made:
            volume = reading.book.volume(found.namespace, f"{name}-{found.name}-{ordinal}")
            # Each replica has its claim for itself, so its name ties it to nobody.
            own.append(("", volume if volume.is_known else fresh))
        claims[ordinal] = tuple(own)
    return claims


def _batch(pod: ReadPod, named: Iterable[Named], member: Member) -> _Batch:
    volumes = list(named)
    if not volumes:
        return _Batch(pod, pod.spec.requests, None, (), member)
    zones: frozenset[str] | None = None
    claims = []
    attached = 0
    for name, volume in volumes:
        attached += volume.is_zonal
        if volume.zones is not None:
            zones = volume.zones if zones is None else zones & volume.zones
        if name:
            claims.append(
                Claim(
                    name,
                    is_shared=volume.is_zonal and (volume.zones is None or len(volume.zones) > 1),
                    is_for_one_pod=volume.is_for_one_pod,
                )
            )
    requests = dict(pod.spec.requests)
    if attached:
        requests[VOLUMES] = requests.get(VOLUMES, 0) + attached
    return _Batch(pod, tuple(sorted(requests.items())), zones, tuple(claims), member)


def _daemon(found: _Object) -> PodSpec:
    spec = fields.required_mapping(found.content, "spec", found.place)
    template = fields.required_mapping(spec, "template", found.place / "spec")
    place = found.place / "spec.template"
    pod = read_pod(
        fields.required_mapping(template, "spec", place),
        place / "spec",
        namespace=found.namespace,
        labels=_labels(template, place),
        annotations={},
    )
    return pod.spec


def _budget(found: _Object) -> DisruptionBudget:
    spec = fields.required_mapping(found.content, "spec", found.place)
    at = found.place / "spec"
    bounds = {key: _count_or_percent(spec, key, at) for key in ("minAvailable", "maxUnavailable")}
    if (bounds["minAvailable"] is None) == (bounds["maxUnavailable"] is None):
        raise at.refusal("give minAvailable or maxUnavailable, one of the two")
    return DisruptionBudget(
        name=f"{found.namespace}/{found.name}",
        namespace=found.namespace,
        selector=selector(spec, "selector", at),
        min_available=bounds["minAvailable"],
        max_unavailable=bounds["maxUnavailable"],
    )


def _count_or_percent(spec: Fields, key: str, place: Place) -> int | str | None:
    value = spec.get(key)
    if value is None:
        return None
    if isinstance(value, str):
        digits = value.removesuffix("%")
        if value.endswith("%") and digits.isascii() and digits.isdigit() and len(digits) <= 3:
            return value
        raise (place / key).refusal(f"{fields.shown(value)} is neither a number nor a percentage")
    return fields.whole(spec, key, place, 0)


def _classes(batches: list[_Batch], budgets: Iterable[DisruptionBudget]) -> tuple[PodClass, ...]:
    """Return the pods by equal specs; only labels some selector looks at make a difference."""
    keys = _selected_keys(batches, budgets)
    uses: Counter[str] = Counter()
    for batch in batches:
        for claim in batch.claims:
            uses[claim.name] += batch.member.count
    classes: dict[tuple[object, ...], PodClass] = {}
    for batch in batches:
        labels = batch.pod.labels
        selected = tuple(sorted((key, labels[key]) for key in keys if key in labels)) if keys else ()
        claims = tuple(
            claim
            for claim in batch.claims
            if uses[claim.name] > 1 and (claim.is_shared or claim.is_for_one_pod)
        )
        key = (batch.pod.spec, selected, batch.requests, batch.zones, claims)
        found = classes.get(key)
        if found is None:
            spec = batch.pod.spec
            if selected or claims or batch.zones is not None or batch.requests is not spec.requests:
                spec = replace(
                    spec, labels=selected, requests=batch.requests, volume_zones=batch.zones, claims=claims
                )
            found = classes[key] = PodClass(len(classes), spec)
        found.members.append(batch.member)
    return tuple(classes.values())


def _selected_keys(batches: list[_Batch], budgets: Iterable[DisruptionBudget]) -> frozenset[str]:
    selectors: set[Selector | None] = {budget.selector for budget in budgets}
    seen: set[int] = set()
    for batch in batches:
        spec = batch.pod.spec
        if id(spec) in seen or not spec.has_pod_rules:
            continue
        seen.add(id(spec))
        terms: list[PodTerm] = [*spec.near, *spec.apart]
        terms += [term for _, term in (*spec.rather_near, *spec.rather_apart)]
        selectors |= {term.selector for term in terms}
        selectors |= {spread.selector for spread in spec.spreads}
    return frozenset(
        expression.key for found in selectors if found is not None for expression in found.expressions
    )


def _what_was_ignored(reading: _Reading) -> list[str]:
    found = []
    if reading.ignored.pop("NodePool", 0):
        found.append("NodePools among the pods are not read: give them as nodepool.")
    if reading.ignored.pop("CronJob", 0):
        found.append("CronJobs are left out: give the Job of the busiest moment.")
    if reading.ignored.pop("HorizontalPodAutoscaler", 0):
        found.append("HorizontalPodAutoscalers are left out: the replicas of the manifests count.")
    others = sum(reading.ignored.values())
    if others:
        kinds = ", ".join(sorted(reading.ignored)[:4])
        found.append(f"{others} objects of kinds without pods are left out ({kinds}).")
    return found
