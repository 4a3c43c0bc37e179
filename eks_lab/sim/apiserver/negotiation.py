"""Which form an answer takes: the object, a Table, metadata only (endpoints/handlers/negotiation)."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from eks_lab.sim.objects import ApiError

META = "meta.k8s.io"
DISCOVERY = "apidiscovery.k8s.io"


@dataclass(frozen=True, slots=True)
class Form:
    """The form a client gets."""

    kind: str = ""
    """Empty for the object itself, `Table`, `PartialObjectMetadata`, `PartialObjectMetadataList`, `APIGroupDiscoveryList`."""
    version: str = "v1"
    """Of meta.k8s.io or apidiscovery.k8s.io."""
    is_yaml: bool = False
    """True when the client asked for YAML."""

    @property
    def content_type(self) -> str:
        """Return the Content-Type of an answer in this form."""
        base = "application/yaml" if self.is_yaml else "application/json"
        if self.kind == "APIGroupDiscoveryList":
            return f"{base};g={DISCOVERY};v={self.version};as={self.kind}"
        return base


OBJECT = Form()


@functools.lru_cache(maxsize=256)
def form_of(accept: str, kinds: frozenset[str]) -> Form:
    """Return the first acceptable form.

    Args:
        accept: the header; empty accepts everything.
        kinds: which transformations this endpoint offers.

    Raises:
        ApiError: 406.
    """
    if not accept:
        return OBJECT
    for part in accept.split(","):
        media, *parameters = [each.strip() for each in part.split(";")]
        media = media.lower()
        if media not in ("application/json", "application/yaml", "*/*", "application/*", "text/*"):
            continue
        options = dict(each.split("=", 1) for each in parameters if "=" in each)
        kind = options.get("as", "")
        if kind:
            group = DISCOVERY if kind == "APIGroupDiscoveryList" else META
            if (
                kind not in kinds
                or options.get("g") != group
                or options.get("v") not in ("v1", "v1beta1", "v2")
            ):
                continue
            return Form(kind, options["v"], media == "application/yaml")
        return Form(is_yaml=media == "application/yaml")
    raise ApiError(
        406,
        "NotAcceptable",
        "only the following media types are accepted: application/json, application/yaml, "
        "application/vnd.kubernetes.protobuf, application/cbor",
    )
