"""Volumes that tie pods to zones: claims, volumes and storage classes of the manifests.

An EBS volume lives in one zone, and a node attaches only so many. EFS and other shared file systems
tie nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.calc.packer.fields import Fields, Place, mapping, mappings, text, text_mapping, texts
from eks_lab.calc.packer.rules import HOSTNAME, REGION, ZONE, current_key

NOWHERE: frozenset[str] = frozenset()
"""Zones of a volume no new node can reach, such as a disk inside one node."""
_SHARED_MODES = frozenset({"ReadWriteMany", "ReadOnlyMany"})


@dataclass(frozen=True, slots=True)
class Volume:
    """What a claim means for its pod."""

    zones: frozenset[str] | None
    """Where it lies; None while it lies nowhere."""
    is_zonal: bool
    """Whether it is attached to a node of one zone, as EBS volumes are."""
    is_for_one_pod: bool
    """ReadWriteOncePod."""
    is_known: bool
    """Whether the manifests hold the claim."""


class VolumeBook:
    """Claims, volumes and storage classes, to be asked for one claim at a time."""

    def __init__(self) -> None:
        """Start without any."""
        self._claims: dict[tuple[str, str], tuple[Fields, Place]] = {}
        self._volumes: dict[str, tuple[Fields, Place]] = {}
        self._bound: dict[tuple[str, str], str] = {}
        self._classes: dict[str, tuple[Fields, Place]] = {}
        self._resolved: dict[tuple[str, str], Volume] = {}

    def add_claim(self, namespace: str, name: str, content: Fields, place: Place) -> None:
        """Take note of a PersistentVolumeClaim."""
        self._claims[namespace, name] = (content, place)

    def add_volume(self, name: str, content: Fields, place: Place) -> None:
        """Take note of a PersistentVolume."""
        self._volumes[name] = (content, place)
        claim = mapping(mapping(content, "spec", place), "claimRef", place / "spec")
        if claim:
            here = place / "spec.claimRef"
            self._bound[text(claim, "namespace", here, "default"), text(claim, "name", here)] = name

    def add_class(self, name: str, content: Fields, place: Place) -> None:
        """Take note of a StorageClass."""
        self._classes[name] = (content, place)

    def volume(self, namespace: str, claim: str) -> Volume:
        """Return what a claim means.

        Raises:
            InputError: a field of claim, volume or class is not usable.
        """
        key = (namespace, claim)
        if key not in self._resolved:
            self._resolved[key] = self._resolve(key)
        return self._resolved[key]

    def template(self, content: Fields, place: Place) -> Volume:
        """Return what a claim made from a template means."""
        return self._of_spec(mapping(content, "spec", place), place / "spec", is_known=True)

    def _resolve(self, key: tuple[str, str]) -> Volume:
        if key not in self._claims:
            bound = self._bound.get(key)
            if bound is None:
                return Volume(zones=None, is_zonal=True, is_for_one_pod=False, is_known=False)
            content, place = self._volumes[bound]
            return self._of_volume(content, place, is_for_one_pod=False)
        content, place = self._claims[key]
        spec = mapping(content, "spec", place)
        found = self._of_spec(spec, place / "spec", is_known=True)
        bound = text(spec, "volumeName", place / "spec", "") or self._bound.get(key, "")
        if bound in self._volumes:
            volume, at = self._volumes[bound]
            return self._of_volume(volume, at, is_for_one_pod=found.is_for_one_pod)
        zone = _zone_of_labels(content, place)
        return found if zone is None else Volume(zone, found.is_zonal, found.is_for_one_pod, is_known=True)

    def _of_spec(self, spec: Fields, place: Place, *, is_known: bool) -> Volume:
        modes = frozenset(texts(spec, "accessModes", place))
        class_name = text(spec, "storageClassName", place, "")
        is_zonal = not modes & _SHARED_MODES and "efs" not in class_name
        zones = None
        if class_name in self._classes:
            content, at = self._classes[class_name]
            if text(content, "provisioner", at, "") == "efs.csi.aws.com":
                is_zonal = False
            zones = _zones_of_class(content, at)
        return Volume(
            zones=zones if is_zonal else None,
            is_zonal=is_zonal,
            is_for_one_pod="ReadWriteOncePod" in modes,
            is_known=is_known,
        )

    def _of_volume(self, content: Fields, place: Place, *, is_for_one_pod: bool) -> Volume:
        spec = mapping(content, "spec", place)
        at = place / "spec"
        driver = text(mapping(spec, "csi", at), "driver", at / "csi", "")
        modes = frozenset(texts(spec, "accessModes", at))
        is_zonal = driver == "ebs.csi.aws.com" or not (driver or modes & _SHARED_MODES)
        zones = _zones_of_affinity(spec, at)
        if zones is None:
            zones = _zone_of_labels(content, place)
        return Volume(
            zones=zones,
            is_zonal=is_zonal,
            is_for_one_pod=is_for_one_pod or "ReadWriteOncePod" in modes,
            is_known=True,
        )


def _zones_of_affinity(spec: Fields, place: Place) -> frozenset[str] | None:
    """Return the zones of `nodeAffinity.required`, which must be In a list; None without one."""
    required = mapping(mapping(spec, "nodeAffinity", place), "required", place / "nodeAffinity")
    at = place / "nodeAffinity.required"
    zones: set[str] = set()
    terms = mappings(required, "nodeSelectorTerms", at)
    for term, here in terms:
        in_term: set[str] | None = None
        for expression, there in mappings(term, "matchExpressions", here):
            key = current_key(text(expression, "key", there))
            values = set(texts(expression, "values", there))
            if key == HOSTNAME:
                return NOWHERE
            if key == ZONE and text(expression, "operator", there) == "In":
                in_term = values if in_term is None else in_term & values
            elif key not in (ZONE, REGION):
                continue
        if in_term is None:
            return None
        zones |= in_term
    return frozenset(zones) if terms else None


def _zone_of_labels(content: Fields, place: Place) -> frozenset[str] | None:
    metadata = mapping(content, "metadata", place)
    for key, value in text_mapping(metadata, "labels", place / "metadata").items():
        if current_key(key) == ZONE:
            return frozenset(value.split("__"))
    return None


def _zones_of_class(content: Fields, place: Place) -> frozenset[str] | None:
    zones: set[str] = set()
    found = False
    for term, here in mappings(content, "allowedTopologies", place):
        for expression, there in mappings(term, "matchLabelExpressions", here):
            if current_key(text(expression, "key", there)) == ZONE:
                zones |= set(texts(expression, "values", there))
                found = True
    return frozenset(zones) if found else None
