"""ControllerRevisions: the templates a StatefulSet or a DaemonSet had (pkg/controller/history)."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.sim.api import Api
from eks_lab.sim.claims import claim, index_orphans
from eks_lab.sim.objects import ApiError, Obj, evolve, key_of, labels_of, owner_reference
from eks_lab.sim.pod_template import template_hash

REVISIONS = "controllerrevisions.apps"
HASH_LABEL = "controller-revision-hash"
OWN_HASH_LABEL = "controller.kubernetes.io/hash"
MANAGER = "kube-controller-manager"


def index(api: Api) -> None:
    """Keep the indexes that this module looks into."""
    index_orphans(api, REVISIONS)


def history_of(api: Api, owner: Obj) -> list[Obj]:
    """Return the revisions of an owner, oldest first."""
    found = claim(api, owner, REVISIONS, owner["spec"].get("selector"), MANAGER)
    return sorted(
        found, key=lambda each: (each["revision"], each["metadata"]["creationTimestamp"], key_of(each))
    )


def data_of(owner: Obj) -> Obj:
    """Return what a revision keeps: a strategic patch that puts the template back."""
    return {"spec": {"template": {**owner["spec"]["template"], "$patch": "replace"}}}


def template_of(revision: Obj) -> Obj:
    """Return the pod template that a revision keeps."""
    template = revision["data"]["spec"]["template"]
    return {key: value for key, value in template.items() if key != "$patch"}


def current_revision(
    api: Api, owner: Obj, history: Sequence[Obj], *, label: str
) -> tuple[Obj, list[Obj], int | None]:
    """Return the revision of the owner's present template, made or renumbered where needed.

    Args:
        api: where revisions are kept.
        owner: StatefulSet or DaemonSet.
        history: its revisions, oldest first.
        label: what else labels a new revision with its hash.

    Returns:
        The revision, the history with it at the end, and the collision count when it changed.
    """
    data = data_of(owner)
    latest = history[-1]["revision"] if history else 0
    same = [each for each in history if each["data"] == data]
    if same:
        found = same[-1]
        if found["revision"] != latest:
            found = api.update(REVISIONS, {**found, "revision": latest + 1}, manager=MANAGER)
        others = [each for each in history if each["metadata"]["uid"] != found["metadata"]["uid"]]
        return found, [*others, found], None
    collisions = (owner.get("status") or {}).get("collisionCount")
    changed: int | None = None
    while True:
        value = template_hash(data, collisions)
        try:
            made = _create(api, owner, data, value, latest + 1, label)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
            collisions = changed = (collisions or 0) + 1
            continue
        return made, [*history, made], changed


def _create(api: Api, owner: Obj, data: Obj, value: str, number: int, label: str) -> Obj:
    metadata = owner["metadata"]
    labels = {**((owner["spec"]["template"].get("metadata") or {}).get("labels") or {}), label: value}
    revision: Obj = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": f"{metadata['name'][:223]}-{value}",
            "namespace": metadata["namespace"],
            "labels": labels,
            "annotations": {
                key: text
                for key, text in (metadata.get("annotations") or {}).items()
                if key != "kubectl.kubernetes.io/last-applied-configuration"
            },
            "ownerReferences": [owner_reference(owner)],
        },
        "data": data,
        "revision": number,
    }
    if not revision["metadata"]["annotations"]:
        revision = {
            **revision,
            "metadata": {k: v for k, v in revision["metadata"].items() if k != "annotations"},
        }
    return api.create(REVISIONS, revision, namespace=metadata["namespace"], manager=MANAGER)


def truncate(api: Api, owner: Obj, history: Sequence[Obj], used: set[str]) -> None:
    """Delete the oldest revisions that no pod uses, down to revisionHistoryLimit.

    Args:
        api: where revisions are kept.
        owner: StatefulSet or DaemonSet.
        history: its revisions, oldest first.
        used: names, or hashes, of revisions in use.
    """
    limit = owner["spec"].get("revisionHistoryLimit", 10)
    idle = [each for each in history if not ({each["metadata"]["name"], hash_of(each)} & used)]
    for each in idle[: max(len(idle) - limit, 0)]:
        api.delete(REVISIONS, key_of(each), uid=each["metadata"]["uid"])


def hash_of(revision: Obj) -> str:
    """Return the hash that ends a revision's name."""
    labels = labels_of(revision)
    return labels.get(OWN_HASH_LABEL) or labels.get(HASH_LABEL, "")


def with_label(template: Obj, value: str) -> Obj:
    """Return a template whose pods carry a revision label."""
    return evolve(template, ("metadata", "labels", HASH_LABEL), value)
