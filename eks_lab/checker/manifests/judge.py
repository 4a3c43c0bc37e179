"""Reads manifest files, judges each object on its own and then all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from eks_lab.checker.manifests import (
    api_versions,
    autoscaling,
    budgets,
    containers,
    fargate,
    identity,
    ingresses,
    karpenter,
    network_policies,
    quotas,
    reading,
    services,
    shape,
    storage,
    workloads,
)
from eks_lab.checker.manifests.manifest import Manifest, ManifestSet, part
from eks_lab.checker.manifests.reader import Document, UnreadableError, read_documents
from eks_lab.checker.model import CheckOptions, Finding
from eks_lab.checker.rule import WARNING, Rule
from eks_lab.kube import types
from eks_lab.kube.types import Schema

DUPLICATE_OBJECT = Rule(
    "k8s-duplicate-object",
    WARNING,
    "Two objects of one kind, namespace and name: the one applied last wins, whichever file that is.",
    "Give one of them another name, or merge them.",
)
_JUDGES: Sequence[Callable[[ManifestSet], Iterator[Finding]]] = (
    workloads.check,
    containers.check,
    services.check,
    ingresses.check,
    storage.check,
    autoscaling.check,
    budgets.check,
    karpenter.check,
    identity.check,
    fargate.check,
    network_policies.check,
    quotas.check,
)
RULES: tuple[Rule, ...] = (
    *reading.RULES,
    *api_versions.RULES,
    *shape.RULES,
    DUPLICATE_OBJECT,
    *workloads.RULES,
    *containers.RULES,
    *services.RULES,
    *ingresses.RULES,
    *storage.RULES,
    *autoscaling.RULES,
    *budgets.RULES,
    *karpenter.RULES,
    *identity.RULES,
    *fargate.RULES,
    *network_policies.RULES,
    *quotas.RULES,
)
"""Every rule about manifests, for the documentation: id, severity, what it finds, fix and lesson."""


def check_manifests(files: Mapping[str, str], options: CheckOptions) -> list[Finding]:
    """Judge manifests.

    Args:
        files: name -> text: YAML with any number of documents, JSON, `kind: List`, kustomize output.
        options: the Kubernetes version to judge by (the nearest one whose types ship) and whether the files
            are everything there is.

    Returns:
        Every finding, sorted. What cannot be read is one finding of the rule `k8s-syntax` a file; the documents
        before it are judged all the same.
    """
    schemas = types.load(types.nearest(options.kubernetes_version))
    findings: list[Finding] = []
    manifests: list[Manifest] = []
    for name, text in files.items():
        try:
            for document in read_documents(name, text):
                findings.extend(reading.surprises(document))
                manifests.extend(_objects(document))
        except UnreadableError as error:
            findings.append(reading.SYNTAX.at(name, error.line, error.message, fix=error.fix))
    own = _own_definitions(manifests)
    judged: list[Manifest] = []
    for manifest in manifests:
        if api_versions.is_tool_file(manifest):
            continue
        findings.extend(api_versions.version_findings(manifest, schemas, own))
        schema = api_versions.schema_of(manifest, schemas, own)
        if schema is not None:
            findings.extend(shape.shape_findings(manifest, schema))
        judged.append(manifest)
    together = ManifestSet(judged, options.whole_set)
    findings.extend(_duplicates(judged))
    for judge in _JUDGES:
        findings.extend(judge(together))
    return sorted(set(findings))


def _objects(document: Document) -> Iterator[Manifest]:
    """Yield the objects of a document; a List is taken apart."""
    value = document.value
    if isinstance(value, dict):
        inner = value.get("items")
        if isinstance(inner, list) and str(value.get("kind", "")).endswith("List"):
            for position, item in enumerate(inner):
                if isinstance(item, dict):
                    yield Manifest(document, ("items", position), item)
            return
        yield Manifest(document, (), value)
    else:
        yield Manifest(document, (), {})


def _own_definitions(manifests: list[Manifest]) -> dict[tuple[str, str, str], Schema]:
    """Return the schemas of custom resources that are defined in the files."""
    own: dict[tuple[str, str, str], Schema] = {}
    for manifest in manifests:
        if manifest.kind != "CustomResourceDefinition":
            continue
        group, kind = manifest.spec.get("group"), part(manifest.spec, "names").get("kind")
        versions = manifest.spec.get("versions")
        for version in versions if isinstance(versions, list) else ():
            schema = part(version, "schema", "openAPIV3Schema")
            if isinstance(group, str) and isinstance(kind, str) and schema:
                own[group, str(version.get("name")), kind] = Schema(schema)
    return own


def _duplicates(manifests: list[Manifest]) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str, str], Manifest] = {}
    for manifest in manifests:
        if not part(manifest.value, "metadata").get("name"):
            continue
        key = (manifest.group, manifest.kind, manifest.namespace, manifest.name)
        first = seen.setdefault(key, manifest)
        if first is not manifest:
            yield manifest.finding(
                DUPLICATE_OBJECT,
                ("metadata", "name"),
                f"also stands in {first.file} on line {first.line_of('metadata', 'name')}",
            )
