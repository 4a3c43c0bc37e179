"""Names, pods and claims of a StatefulSet: pure functions."""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.sim.objects import Obj, labels_of, owner_reference
from eks_lab.sim.pod_state import available_in, is_ready, phase_of
from eks_lab.sim.pod_template import pod_from_template
from eks_lab.sim.revisions import HASH_LABEL

POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name"
POD_INDEX_LABEL = "apps.kubernetes.io/pod-index"


def start_of(owner: Obj) -> int:
    """Return the first ordinal."""
    start: int = (owner["spec"].get("ordinals") or {}).get("start", 0)
    return start


def replicas_of(owner: Obj) -> int:
    """Return the wished number of pods."""
    replicas: int = owner["spec"].get("replicas", 1)
    return replicas


def ordinal_of(owner: Obj, pod: Obj) -> int:
    """Return the ordinal in a pod's name, or -1 when the name is not one of the set's."""
    prefix = f"{owner['metadata']['name']}-"
    name = pod["metadata"]["name"]
    digits = name[len(prefix) :] if name.startswith(prefix) else ""
    return int(digits) if digits.isdigit() else -1


def revision_of(pod: Obj) -> str:
    """Return the name of the ControllerRevision a pod was made from."""
    return labels_of(pod).get(HASH_LABEL, "")


def is_running_and_ready(pod: Obj) -> bool:
    """Say whether the pod runs and is ready."""
    return phase_of(pod) == "Running" and is_ready(pod)


def is_terminating(pod: Obj) -> bool:
    """Say whether the pod is being deleted."""
    return "deletionTimestamp" in pod["metadata"]


def available(owner: Obj, pod: Obj, now: datetime) -> timedelta | None:
    """Return zero when the pod runs, is ready and old enough, the time left, or None when it is not ready."""
    if not is_running_and_ready(pod):
        return None
    return available_in(pod, owner["spec"].get("minReadySeconds", 0), now)


def is_healthy(pod: Obj) -> bool:
    """Say whether a rolling update may go past the pod."""
    return is_running_and_ready(pod) and not is_terminating(pod)


def pod_for(owner: Obj, template: Obj, revision: str, ordinal: int) -> Obj:
    """Return the pod of an ordinal, with its identity and its claims."""
    metadata, spec = owner["metadata"], owner["spec"]
    name = f"{metadata['name']}-{ordinal}"
    labels = {HASH_LABEL: revision, POD_NAME_LABEL: name, POD_INDEX_LABEL: str(ordinal)}
    pod = pod_from_template(template, owner, name=name, labels=labels)
    pod["metadata"]["generateName"] = f"{metadata['name']}-"
    wanted = {"hostname": name}
    if spec.get("serviceName"):
        wanted["subdomain"] = spec["serviceName"]
    pod_spec = {**pod["spec"], **wanted}
    claims = claim_names(owner, ordinal)
    if claims:
        volumes = [each for each in pod_spec.get("volumes") or () if each["name"] not in claims]
        pod_spec["volumes"] = [
            *(
                {"name": volume, "persistentVolumeClaim": {"claimName": claim}}
                for volume, claim in claims.items()
            ),
            *volumes,
        ]
    return {**pod, "spec": pod_spec}


def claim_names(owner: Obj, ordinal: int) -> dict[str, str]:
    """Return name of the claim template -> name of the claim of an ordinal."""
    name = f"{owner['metadata']['name']}-{ordinal}"
    templates = [_template_name(each) for each in owner["spec"].get("volumeClaimTemplates") or ()]
    return {template: f"{template}-{name}" for template in templates}


def _template_name(template: Obj) -> str:
    """Return the name of a claim template; nobody demands one, and the claim's own name is refused then."""
    return (template.get("metadata") or {}).get("name") or ""


def claims_for(owner: Obj, ordinal: int) -> list[Obj]:
    """Return the claims of an ordinal as they would be created."""
    metadata, names = owner["metadata"], claim_names(owner, ordinal)
    selector = (owner["spec"].get("selector") or {}).get("matchLabels") or {}
    found = []
    for template in owner["spec"].get("volumeClaimTemplates") or ():
        given = template.get("metadata") or {}
        claim: Obj = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": names[_template_name(template)],
                "namespace": metadata["namespace"],
                "labels": {**(given.get("labels") or {}), **selector},
            },
            "spec": template["spec"],
        }
        if given.get("annotations"):
            claim["metadata"]["annotations"] = given["annotations"]
        references = claim_owners(owner, None)
        if references:
            claim["metadata"]["ownerReferences"] = references
        found.append(claim)
    return found


def claim_owners(owner: Obj, condemned: Obj | None) -> list[Obj]:
    """Return the owner references that the retention policy wants on a claim.

    Args:
        owner: the StatefulSet.
        condemned: the claim's pod, when it is to be scaled away.
    """
    policy = owner["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    references = []
    if policy.get("whenDeleted") == "Delete":
        references.append(owner_reference(owner))
    if policy.get("whenScaled") == "Delete" and condemned is not None:
        references = [owner_reference(condemned, controller=False)]
    return references
