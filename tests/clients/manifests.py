"""Objects as users write them."""

from __future__ import annotations

from typing import Any

Manifest = dict[str, Any]


def config_map(name: str, labels: dict[str, str] | None = None, **data: str) -> Manifest:
    """Return a ConfigMap."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, **({"labels": labels} if labels else {})},
        "data": data,
    }


def pod(name: str, image: str = "nginx:1.27", **more: Any) -> Manifest:
    """Return a Pod of one container, `main`; `more` goes into the container."""
    container = {"name": "main", "image": image, **more}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 0},
    }


def deployment(name: str, replicas: int = 1, image: str = "nginx:1.27") -> Manifest:
    """Return a Deployment."""
    inner = pod(name, image)
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": inner["spec"]["containers"]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
    }


def definition(plural: str, kind: str, group: str = "lab.example.com") -> Manifest:
    """Return a CustomResourceDefinition with status, scale and a checked field `spec.size`."""
    spec = {
        "type": "object",
        "required": ["size"],
        "properties": {
            "size": {"type": "integer", "minimum": 1},
            "colour": {"type": "string", "default": "red"},
        },
    }
    status = {"type": "object", "properties": {"size": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"spec": spec, "status": status}}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {
            "status": {},
            "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"},
        },
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [version],
        },
    }
