"""The CustomResourceDefinition of ENIConfig, as the add-on's manifest brings it (crd.k8s.amazonaws.com/v1alpha1)."""

from __future__ import annotations

from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj

DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
NAME = "eniconfigs.crd.k8s.amazonaws.com"


def eni_config_definition() -> Obj:
    """Return the definition; its schema keeps every field, as the real one does."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": NAME,
            "labels": {"app.kubernetes.io/name": "aws-node", "k8s-app": "aws-node"},
        },
        "spec": {
            "group": "crd.k8s.amazonaws.com",
            "scope": "Cluster",
            "preserveUnknownFields": False,
            "names": {
                "kind": "ENIConfig",
                "listKind": "ENIConfigList",
                "plural": "eniconfigs",
                "singular": "eniconfig",
            },
            "versions": [
                {
                    "name": "v1alpha1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                    },
                }
            ],
        },
    }


def ensure_definition(api: Api) -> None:
    """Create the definition unless it is there."""
    if api.get(DEFINITIONS, Key("", NAME)) is None:
        api.create(DEFINITIONS, eni_config_definition(), manager="eks")
