"""One Kubernetes object of a file, and the set of all objects that are judged together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eks_lab.checker.manifests.reader import Document
from eks_lab.checker.model import Finding, Severity
from eks_lab.checker.rule import Rule
from eks_lab.kube.labels import Selector, SelectorError, from_object
from eks_lab.kube.structure import Path
from eks_lab.kube.types import group_version

_EMPTY: Mapping[str, Any] = {}
_TEMPLATES: Mapping[tuple[str, str], Path] = {
    ("", "Pod"): (),
    ("", "ReplicationController"): ("spec", "template"),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("batch", "Job"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
}


def part(value: Any, *path: str) -> Mapping[str, Any]:
    """Return the map under field names; empty where there is none or something else stands."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else _EMPTY


def items(value: Any, *path: str) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the maps of the list under field names with their positions."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    if not isinstance(value, list):
        return []
    return [(position, item) for position, item in enumerate(value) if isinstance(item, Mapping)]


def text(value: Any, *path: str) -> str:
    """Return the text under field names; empty where there is none."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def number(value: Any, default: int) -> int:
    """Return a whole number, or the default where something else stands."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


@dataclass(slots=True)
class Manifest:
    """One object."""

    document: Document
    path: Path
    """Where it stands in its document: `("items", 2)` in a List."""
    value: Mapping[str, Any]

    @property
    def file(self) -> str:
        """Return the file's name."""
        return self.document.file

    @property
    def api_version(self) -> str:
        """Return apiVersion, empty when there is none."""
        return text(self.value, "apiVersion")

    @property
    def group(self) -> str:
        """Return the API group, empty for the core group."""
        return group_version(self.api_version)[0]

    @property
    def version(self) -> str:
        """Return the API version without its group."""
        return group_version(self.api_version)[1]

    @property
    def kind(self) -> str:
        """Return the kind, empty when there is none."""
        return text(self.value, "kind")

    @property
    def name(self) -> str:
        """Return the name, or the prefix it is generated from."""
        return text(self.value, "metadata", "name") or text(self.value, "metadata", "generateName")

    @property
    def namespace(self) -> str:
        """Return the namespace; `default` when none is written."""
        return text(self.value, "metadata", "namespace") or "default"

    @property
    def spec(self) -> Mapping[str, Any]:
        """Return the spec, empty when there is none."""
        return part(self.value, "spec")

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels that are text."""
        return string_map(part(self.value, "metadata", "labels"))

    @property
    def annotations(self) -> Mapping[str, str]:
        """Return the annotations that are text."""
        return string_map(part(self.value, "metadata", "annotations"))

    def __str__(self) -> str:
        return f"{self.kind or 'object'} {self.name}".strip()

    def line_of(self, *path: str | int) -> int:
        """Return the line of a field of this object, or of its nearest ancestor."""
        return self.document.line_of((*self.path, *path))

    def finding(
        self, rule: Rule, path: Path, message: str, *, fix: str = "", severity: Severity | None = None
    ) -> Finding:
        """Return a finding at a field of this object.

        Args:
            rule: what was broken.
            path: field names and positions from the object's root.
            message: without the object's name, which is put before it.
            fix: what to write here; the rule's own when empty.
            severity: when it differs from the rule's.
        """
        return rule.at(self.file, self.line_of(*path), f"{self}: {message}", fix=fix, severity=severity)


def string_map(value: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the entries whose values are text."""
    return {key: inner for key, inner in value.items() if isinstance(inner, str)}


@dataclass(slots=True)
class PodTemplate:
    """The pods an object makes."""

    owner: Manifest
    path: Path
    """Where the template stands in its owner; empty for a Pod itself."""
    value: Mapping[str, Any]
    """`{"metadata": …, "spec": …}`."""

    @property
    def spec(self) -> Mapping[str, Any]:
        """Return the pod's spec."""
        return part(self.value, "spec")

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels the pods will have."""
        return string_map(part(self.value, "metadata", "labels"))

    def containers(self) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """Yield every container that runs all the time, with its place in the owner."""
        for position, container in items(self.spec, "containers"):
            yield (*self.path, "spec", "containers", position), container

    def all_containers(self) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """Yield init containers too."""
        for position, container in items(self.spec, "initContainers"):
            yield (*self.path, "spec", "initContainers", position), container
        yield from self.containers()

    def finding(self, rule: Rule, path: Path, message: str, **more: Any) -> Finding:
        """Return a finding at a path under the pod's spec."""
        return self.owner.finding(rule, (*self.path, "spec", *path), message, **more)


@dataclass(slots=True)
class ManifestSet:
    """Everything that is judged together."""

    manifests: list[Manifest]
    whole: bool
    """True when nothing else exists: a name nobody defines is then a finding."""
    templates: list[PodTemplate] = field(default_factory=list)
    _by_kind: dict[str, list[Manifest]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index by kind and find the pod templates."""
        for manifest in self.manifests:
            self._by_kind.setdefault(manifest.kind, []).append(manifest)
            path = _TEMPLATES.get((manifest.group, manifest.kind))
            if path is not None:
                value = part(manifest.value, *(step for step in path if isinstance(step, str)))
                self.templates.append(PodTemplate(manifest, path, value))

    def of_kind(self, *kinds: str) -> list[Manifest]:
        """Return the objects of these kinds, whatever their group."""
        return [manifest for kind in kinds for manifest in self._by_kind.get(kind, ())]

    def named(self, kind: str, name: str, namespace: str | None = None) -> Manifest | None:
        """Return an object by name; the namespace does not matter for cluster-wide kinds (None)."""
        for manifest in self._by_kind.get(kind, ()):
            if manifest.name == name and namespace in (None, manifest.namespace):
                return manifest
        return None

    def selected(self, selector: Selector, namespace: str) -> list[PodTemplate]:
        """Return the pod templates of a namespace whose labels a selector matches."""
        return [
            template
            for template in self.templates
            if template.owner.namespace == namespace and selector.matches(template.labels)
        ]


def selector_of(value: Any) -> Selector | None:
    """Read matchLabels and matchExpressions; None where that is not possible, which is told elsewhere."""
    if not isinstance(value, Mapping):
        return None
    try:
        return from_object(value)
    except (SelectorError, AttributeError, TypeError):
        return None
