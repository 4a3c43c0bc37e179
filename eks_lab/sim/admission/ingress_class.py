"""DefaultIngressClass: an Ingress without a class gets the default one (plugin/pkg/admission/network/defaultingressclass)."""

from __future__ import annotations

from eks_lab.sim.admission.plugin import Plugin
from eks_lab.sim.admission.storage import newest
from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Attributes, World

INGRESSES = "ingresses.networking.k8s.io"
CLASSES = "ingressclasses.networking.k8s.io"
IS_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
OLD_CLASS = "kubernetes.io/ingress.class"


class DefaultIngressClass(Plugin):
    """Chooses the default class; of several the one made last."""

    name: str = "DefaultIngressClass"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Set the class of a new Ingress."""
        if (
            obj is None
            or request.resource.id != INGRESSES
            or request.operation != "CREATE"
            or request.subresource
        ):
            return
        spec: Obj = obj.setdefault("spec", {})
        if spec.get("ingressClassName") is not None or OLD_CLASS in (
            obj["metadata"].get("annotations") or {}
        ):
            return
        chosen = newest(
            [
                each
                for each in world.items(CLASSES)
                if (each["metadata"].get("annotations") or {}).get(IS_DEFAULT) == "true"
            ]
        )
        if chosen is not None:
            spec["ingressClassName"] = chosen["metadata"]["name"]
