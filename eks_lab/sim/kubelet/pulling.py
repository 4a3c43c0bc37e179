"""Pulling images: events, errors and back-off in the words of kubelet and containerd (pkg/kubelet/images)."""

from __future__ import annotations

from datetime import timedelta

from eks_lab.sim.kubelet.images import Reference, parse_reference
from eks_lab.sim.kubelet.records import ContainerRecord, PodRecord, Step
from eks_lab.sim.kubelet.surroundings import Surroundings

FIRST_BACK_OFF, LONGEST_BACK_OFF = 10.0, 300.0
"""imageBackOff of the kubelet: 10 s doubling to 5 min."""
NEXT_SYNC = timedelta(seconds=1)
"""From ErrImagePull to ImagePullBackOff: the next sync of the pod."""
RETRY = timedelta(seconds=12)
START = timedelta(seconds=0.2)
"""From an image on the node to a running process: containerd makes the snapshot and the task."""


def begin(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """See to it that the node has the image: it has, it must not pull, or it pulls."""
    image: str = container.spec.get("image", "")
    reference = parse_reference(image)
    now = around.now()
    if reference is None:
        detail = (
            f'Failed to apply default image tag "{image}": couldn\'t parse image name "{image}": '
            "invalid reference format"
        )
        if container.reason != "InvalidImageName":
            around.warning(record, "InspectFailed", detail, container)
            around.warning(record, "Failed", "Error: InvalidImageName", container)
        _wait(container, Step.PULL_BACK_OFF, "InvalidImageName", detail)
        container.due = now + RETRY
        return
    policy = container.spec.get("imagePullPolicy") or "IfNotPresent"
    if around.images.holds(record.node, reference) and policy != "Always":
        around.normal(record, "Pulled", _present(around, image), container)
        _have(container, reference)
        container.due = now + START
        return
    if policy == "Never":
        text = f'Container image "{image}" is not present with pull policy of Never'
        around.warning(record, "ErrImageNeverPull", text, container)
        around.warning(record, "Failed", "Error: ErrImageNeverPull", container)
        _wait(container, Step.PULL_BACK_OFF, "ErrImageNeverPull", text)
        container.due = now + RETRY
        return
    around.normal(record, "Pulling", f'Pulling image "{image}"', container)
    container.step = Step.PULLING
    pull = around.catalogue.pull(
        reference, architecture_of(around, record), has_secret=has_secret(around, record)
    )
    is_cached = around.images.holds(record.node, reference) and not pull.error
    container.due = now + timedelta(seconds=0.25 if is_cached else pull.seconds)


def finish(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Note how pulling ended."""
    image: str = container.spec["image"]
    reference = parse_reference(image)
    if reference is None:
        container.step, container.due = Step.NEW, None
        return
    pull = around.catalogue.pull(
        reference, architecture_of(around, record), has_secret=has_secret(around, record)
    )
    now = around.now()
    if pull.error:
        around.warning(record, "Failed", f'Failed to pull image "{image}": {pull.error}', container)
        around.warning(record, "Failed", "Error: ErrImagePull", container)
        _wait(container, Step.PULL_FAILED, "ErrImagePull", pull.error)
        container.due = now + NEXT_SYNC
        return
    is_cached = around.images.holds(record.node, reference)
    took = "250ms" if is_cached else f"{pull.seconds:.3f}".rstrip("0").rstrip(".") + "s"
    if not is_cached and pull.seconds < 1:
        took = f"{round(pull.seconds * 1000)}ms"
    around.images.add(record.node, reference, pull.size)
    around.normal(
        record,
        "Pulled",
        f'Successfully pulled image "{image}" in {took} ({took} including waiting). Image size: {pull.size} bytes.',
        container,
    )
    _have(container, reference)
    container.pull_back_off = 0.0
    container.due = now + START


def back_off(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Turn ErrImagePull into ImagePullBackOff."""
    image: str = container.spec["image"]
    wait = container.pull_back_off or FIRST_BACK_OFF
    container.pull_back_off = min(wait * 2, LONGEST_BACK_OFF)
    error = container.message
    around.normal(record, "BackOff", f'Back-off pulling image "{image}"', container)
    around.warning(record, "Failed", "Error: ImagePullBackOff", container)
    _wait(
        container,
        Step.PULL_BACK_OFF,
        "ImagePullBackOff",
        f'Back-off pulling image "{image}": ErrImagePull: {error}',
    )
    container.due = around.now() + timedelta(seconds=wait)


def architecture_of(around: Surroundings, record: PodRecord) -> str:
    """Return `amd64` or `arm64`."""
    node = around.node(record.node) or {}
    architecture: str = ((node.get("status") or {}).get("nodeInfo") or {}).get("architecture") or "amd64"
    return architecture


def has_secret(around: Surroundings, record: PodRecord) -> bool:
    """Say whether the pod has a pull secret that exists (its service account's were copied into its spec)."""
    namespace = record.key.namespace
    return any(
        around.api.get("secrets", record.key._replace(namespace=namespace, name=each.get("name", "")))
        is not None
        for each in record.pod["spec"].get("imagePullSecrets") or ()
    )


def _present(around: Surroundings, image: str) -> str:
    text = f'Container image "{image}" already present on machine'
    return text if around.api.version in ("1.33", "1.34") else f"{text} and can be accessed by the pod"


def _have(container: ContainerRecord, reference: Reference) -> None:
    container.step = Step.CREATING
    container.image, container.image_id = reference.full, reference.id


def _wait(container: ContainerRecord, step: Step, reason: str, message: str) -> None:
    container.step, container.reason, container.message = step, reason, message
