"""NamespaceLifecycle: nothing is created in a namespace that is not there or is going away.

The first plugin of the real admission chain (plugin/pkg/admission/namespace/lifecycle/admission.go); it stands
here because no cluster runs without it.
"""

from __future__ import annotations

from eks_lab.sim.objects import ApiError, Key, forbidden, is_deleting, not_found
from eks_lab.sim.resource import Resource, World

IMMORTAL = frozenset({"default", "kube-system", "kube-public"})


def check_create(resource: Resource, key: Key, world: World) -> None:
    """Refuse a create in a namespace that is missing or terminating.

    Args:
        resource: of the object.
        key: its namespace and name; the name may still be empty.
        world: where namespaces are looked up.

    Raises:
        ApiError: 404 or 403 in the server's words.
    """
    if not resource.namespaced:
        return
    namespace = world.get("namespaces", Key("", key.namespace))
    if namespace is None:
        raise not_found("namespaces", "", key.namespace)
    if is_deleting(namespace):
        error = forbidden(
            resource.plural,
            resource.group,
            key.name,
            f"unable to create new content in namespace {key.namespace} because it is being terminated",
        )
        details = {
            **error.details,
            "causes": [
                {
                    "reason": "NamespaceTerminating",
                    "message": f"namespace {key.namespace} is being terminated",
                    "field": "metadata.namespace",
                }
            ],
        }
        raise ApiError(error.code, error.reason, error.message, details)


def check_delete(resource: Resource, key: Key) -> None:
    """Refuse the deletion of the namespaces no cluster lives without.

    Raises:
        ApiError: 403.
    """
    if resource.id == "namespaces" and key.name in IMMORTAL:
        raise forbidden("namespaces", "", key.name, "this namespace may not be deleted")
