"""Bodies of requests that store nothing by themselves: options, evictions, bindings, scales, reviews."""

from __future__ import annotations

from eks_lab.kube.types import GroupVersionKind
from eks_lab.sim.api import Api
from eks_lab.sim.api.decoding import decode_kind
from eks_lab.sim.apiserver import bodies
from eks_lab.sim.apiserver.access import Call
from eks_lab.sim.objects import Obj

BINDING = GroupVersionKind("", "v1", "Binding")
DELETE_OPTIONS = GroupVersionKind("", "v1", "DeleteOptions")
EVICTION = GroupVersionKind("policy", "v1", "Eviction")
SCALE = GroupVersionKind("autoscaling", "v1", "Scale")
TOKEN_REQUEST = GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest")


def typed_body(api: Api, call: Call, kind: GroupVersionKind) -> Obj:
    """Return the object in a body, with every field of the type that its kind has.

    Args:
        api: knows the kinds.
        call: whose body it is.
        kind: what the URL takes.

    Raises:
        ApiError: 400 it cannot be read or a field has a wrong type, 415 a media type nobody reads.
    """
    content_type = call.request.headers.get("content-type", "")
    return decode_kind(api, kind, bodies.read_object(call.request.body, content_type, kind.kind, []))
