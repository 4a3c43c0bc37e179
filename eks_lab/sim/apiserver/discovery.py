"""Discovery in both forms: APIGroupList with APIResourceList, and the aggregated APIGroupDiscoveryList."""

from __future__ import annotations

import base64
import hashlib

import orjson

from eks_lab.sim.apiserver.answers import Answer, json_answer, not_found_page
from eks_lab.sim.apiserver.catalogue import (
    SUBRESOURCE_VERBS,
    Catalogue,
    Served,
    foreign_group,
    subresources_of,
)
from eks_lab.sim.apiserver.negotiation import Form, form_of
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Resource

_KINDS = frozenset({"APIGroupDiscoveryList"})


class Discovery:
    """Answers `/api`, `/apis` and what is one level below; kept as bytes until the catalogue changes."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Describe a catalogue."""
        self._catalogue = catalogue
        self._made_for = -1
        self._kept: dict[tuple[str, Form], tuple[Answer, str]] = {}

    def answer(self, request: HttpRequest) -> Answer:
        """Answer a discovery path; 404 when it names nothing.

        Raises:
            ApiError: 406.
        """
        path = request.path.rstrip("/")
        form = form_of(request.headers.get("accept", ""), _KINDS)
        if path not in ("/api", "/apis"):
            form = Form(is_yaml=form.is_yaml)
        if self._made_for != self._catalogue.generation:
            self._kept = {}
            self._made_for = self._catalogue.generation
        known = self._kept.get((path, form))
        if known is None:
            document = self._document(path, form)
            if document is None:
                return not_found_page()
            answer = json_answer(200, document, form.content_type)
            tag = f'"{hashlib.sha512(answer.body).hexdigest().upper()}"'
            known = self._kept[(path, form)] = (answer, tag)
        answer, tag = known
        headers = {"ETag": tag, "Vary": "Accept"} if form.kind else {}
        if form.kind and request.headers.get("if-none-match") == tag:
            return Answer(304, b"", answer.content_type, headers)
        return Answer(200, answer.body, answer.content_type, headers)

    def _document(self, path: str, form: Form) -> Obj | None:
        parts = path.strip("/").split("/")
        groups = self._catalogue.groups()
        if form.kind:
            wanted = [""] if path == "/api" else [group for group in groups if group]
            return {
                "kind": "APIGroupDiscoveryList",
                "apiVersion": f"apidiscovery.k8s.io/{form.version}",
                "metadata": {},
                "items": [self._aggregated(group) for group in wanted],
            }
        if path == "/api":
            address = {"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [address]}
        if path == "/apis":
            listed = [self._group(group) for group in groups if group]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
        if parts[0] == "api" and len(parts) == 2:
            return self._resources("", parts[1])
        if parts[0] == "apis" and len(parts) == 2 and parts[1] in groups:
            return {"kind": "APIGroup", "apiVersion": "v1", **self._group(parts[1])}
        if parts[0] == "apis" and len(parts) == 3:
            return self._resources(parts[1], parts[2])
        return None

    def _group(self, group: str) -> Obj:
        versions = [
            {"groupVersion": f"{group}/{version}", "version": version}
            for version in self._catalogue.groups()[group]
        ]
        return {"name": group, "versions": versions, "preferredVersion": versions[0]}

    def _resources(self, group: str, version: str) -> Obj | None:
        if version not in self._catalogue.groups().get(group, ()):
            return None
        listed: list[Obj] = []
        for served in self._catalogue.served(group, version):
            resource = served.resource
            entry: Obj = {
                "name": resource.plural,
                "singularName": resource.singular or resource.kind.lower(),
                "namespaced": resource.namespaced,
                "kind": resource.kind,
                "verbs": list(resource.verbs),
            }
            if resource.short_names:
                entry["shortNames"] = list(resource.short_names)
            if resource.categories:
                entry["categories"] = list(resource.categories)
            if "list" in resource.verbs:
                entry["storageVersionHash"] = storage_hash(resource)
            listed.append(entry)
            for name, kind in subresources_of(resource).items():
                its_group, its_version = foreign_group(kind)
                sub: Obj = {
                    "name": f"{resource.plural}/{name}",
                    "singularName": "",
                    "namespaced": resource.namespaced,
                    "kind": kind,
                    "verbs": list(SUBRESOURCE_VERBS.get(name, ("get",))),
                }
                if its_group:
                    sub |= {"group": its_group, "version": its_version}
                listed.append(sub)
        group_version = f"{group}/{version}" if group else version
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": group_version,
            "resources": listed,
        }

    def _aggregated(self, group: str) -> Obj:
        versions = []
        for version in self._catalogue.groups().get(group, ()):
            served = self._catalogue.served(group, version)
            versions.append(
                {
                    "version": version,
                    "resources": [_aggregated_resource(each) for each in served],
                    "freshness": "Current",
                }
            )
        return {"metadata": {"name": group, "creationTimestamp": None}, "versions": versions}


def _aggregated_resource(served: Served) -> Obj:
    resource = served.resource
    own_group, own_version = resource.group_version(served.version)
    kind = {"group": own_group, "version": own_version, "kind": resource.kind}
    entry: Obj = {
        "resource": resource.plural,
        "responseKind": kind,
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular or resource.kind.lower(),
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    subresources = []
    for name, its_kind in subresources_of(resource).items():
        group, version = foreign_group(its_kind)
        subresources.append(
            {
                "subresource": name,
                "responseKind": {
                    "group": group or own_group,
                    "version": version or own_version,
                    "kind": its_kind,
                },
                "verbs": list(SUBRESOURCE_VERBS.get(name, ("get",))),
            }
        )
    if subresources:
        entry["subresources"] = subresources
    return entry


def storage_hash(resource: Resource) -> str:
    """Return `storageVersionHash`: group, version and kind a resource is stored as (discovery.StorageVersionHash)."""
    # Events of both groups are stored as those of the core group.
    group = "" if resource.group == "events.k8s.io" else resource.group
    text = f"{group}/{resource.version}/{resource.kind}"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()


def version_document(version: str) -> bytes:
    """Return the body of `/version`, as EKS dresses it.

    Args:
        version: Kubernetes minor version: `1.36`.
    """
    major, _, minor = version.partition(".")
    return orjson.dumps(
        {
            "major": major,
            "minor": minor,
            "gitVersion": f"v{version}.0-eks-lab",
            "gitCommit": "",
            "gitTreeState": "clean",
            "buildDate": "1970-01-01T00:00:00Z",
            "goVersion": "",
            "compiler": "",
            "platform": "linux/amd64",
        },
        option=orjson.OPT_INDENT_2,
    )
