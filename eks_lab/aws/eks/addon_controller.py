"""Installs add-ons, watches over their pods, and moves them through their statuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from eks_lab.aws.eks import addon_catalogue, addon_install, updates
from eks_lab.aws.eks.addon_configuration import read_values
from eks_lab.aws.eks.addons import UPDATE_LIMIT
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.records import ADDONS, CLUSTERS, UPDATES, issue, text_of
from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key, Obj, parse_time
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

CREATION = timedelta(seconds=15)
"""Shortest creation: what EKS itself needs."""
PATIENCE = timedelta(minutes=3)
"""How long pods may take before a new add-on is DEGRADED."""
LOOK = timedelta(seconds=5)
STEADY = timedelta(seconds=60)
CONFLICTS = (
    "Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. Conflicts:\n{}"
)
"""aws/containers-roadmap and terraform-provider-aws issues print it."""
TOO_FEW = "The add-on is unhealthy because it doesn't have the desired number of replicas."
"""terraform-aws-eks issue 3001 prints it."""
UNSCHEDULABLE = (
    "The add-on is unhealthy because all the pods are unschedulable no nodes available to schedule pods"
)


def addon_of(event: StoreEvent) -> Iterable[Key]:
    """Map an update to the add-on it moves."""
    name = event.obj["target"]["addon"]
    return (Key(event.obj["metadata"]["namespace"], name),) if name else ()


class AddonController:
    """Brings clusters to what the records of their add-ons say."""

    name = "eks-addon"
    watches: Sequence[Watch] = (Watch(ADDONS), Watch(UPDATES, addon_of))

    def __init__(self, eks: Eks) -> None:
        """Take EKS of one account."""
        self._eks = eks

    def reconcile(self, key: Key) -> Result:
        """Do what is due for one add-on."""
        eks = self._eks
        record = eks.find(ADDONS, key.namespace, key.name)
        cluster = eks.find(CLUSTERS, "", key.namespace)
        control_plane = eks.control_plane(key.namespace)
        if record is None or cluster is None:
            return DONE
        if control_plane is None:
            return Result(LOOK)
        status, api = record["spec"]["status"], control_plane.api
        if status == "DELETING":
            return self._delete(record, cluster, api)
        if status in ("CREATE_FAILED", "DELETE_FAILED"):
            return DONE
        if status in ("CREATING", "UPDATING"):
            if not record.get("installed"):
                record = self._install(record, cluster, api)
                if not record.get("installed"):
                    return DONE
            return self._wait(record, cluster, api)
        update = updates.in_progress(eks, key.namespace, addon=key.name)
        if update is not None:
            # A crash between the two writes of a request: nothing was changed, so the update is over.
            updates.finish(eks, update)
        return self._watch(record, cluster, api)

    # --- the steps --------------------------------------------------------------------------------------------

    def objects(self, record: Obj, cluster: Obj) -> list[Obj]:
        """Return what an add-on consists of now."""
        spec = record["spec"]
        addon = addon_catalogue.addons()[spec["addonName"]]
        values = read_values(addon, spec.get("configurationValues", ""))
        role = spec.get("serviceAccountRoleArn", "")
        return addon_install.objects_of(self._eks, cluster, addon, spec["addonVersion"], values, role)

    def _install(self, record: Obj, cluster: Obj, api: Api) -> Obj:
        eks, is_new = self._eks, record["spec"]["status"] == "CREATING"
        resolve = record["resolve"]
        if is_new and resolve == "PRESERVE":
            # API reference, CreateAddon: on creation PRESERVE is like NONE.
            resolve = "NONE"
        try:
            conflicts = addon_install.apply(api, self.objects(record, cluster), resolve)
        except ApiError as error:
            if error.code == 404:
                # A kind of its own that is not served yet; the queue tries again.
                raise
            return self._refused(record, "AdmissionRequestDenied", error.message)
        if conflicts:
            return self._refused(record, "ConfigurationConflict", CONFLICTS.format("\n".join(conflicts)))
        return eks.put(ADDONS, {**record, "installed": text_of(eks.now())})

    def _refused(self, record: Obj, code: str, message: str) -> Obj:
        eks, spec = self._eks, record["spec"]
        found = issue(code, message, [])
        if spec["status"] == "CREATING":
            return eks.change(ADDONS, record, status="CREATE_FAILED", health={"issues": [found]})
        update = updates.in_progress(eks, spec["clusterName"], addon=spec["addonName"])
        if update is not None:
            updates.finish(eks, update, (code, message, ()))
        before = record.get("before") or {}
        return eks.change(ADDONS, record, **before, status="UPDATE_FAILED", health={"issues": [found]})

    def _wait(self, record: Obj, cluster: Obj, api: Api) -> Result:
        """Wait for the pods of what was just installed."""
        eks, spec = self._eks, record["spec"]
        problems = self._problems(record, cluster, api)
        age = eks.now() - parse_time(record["installed"])
        if age < CREATION:
            return Result(CREATION - age)
        update = updates.in_progress(eks, spec["clusterName"], addon=spec["addonName"])
        if not problems:
            if update is not None:
                updates.finish(eks, update)
            self._say(record, "ACTIVE", [])
            return Result(STEADY)
        if age < (UPDATE_LIMIT if update is not None else PATIENCE):
            return Result(LOOK)
        if update is not None:
            updates.finish(eks, update, *((each["code"], each["message"], ()) for each in problems))
        self._say(record, "DEGRADED", problems)
        return Result(LOOK)

    def _watch(self, record: Obj, cluster: Obj, api: Api) -> Result:
        """Look after an add-on that is installed: DEGRADED when its pods are fewer than they should be."""
        problems = self._problems(record, cluster, api)
        since = record.get("unhealthySince")
        now = self._eks.now()
        if not problems:
            kept = {name: value for name, value in record.items() if name != "unhealthySince"}
            status = record["spec"]["status"]
            self._say(kept, "ACTIVE" if status == "DEGRADED" else status, [])
            return Result(STEADY)
        if since is None:
            self._eks.put(ADDONS, {**record, "unhealthySince": text_of(now)})
            return Result(PATIENCE if record["spec"]["status"] != "DEGRADED" else LOOK)
        left = parse_time(since) + PATIENCE - now
        if left > timedelta(0):
            return Result(min(left, LOOK * 6))
        self._say(record, "DEGRADED", problems)
        return Result(LOOK * 6)

    def _say(self, record: Obj, status: str, problems: list[Obj]) -> None:
        eks, spec = self._eks, record["spec"]
        if status == "UPDATE_FAILED":
            # Its own issue stays until an update succeeds.
            eks.put(ADDONS, record)
            return
        if spec["status"] == status and spec["health"]["issues"] == problems:
            eks.put(ADDONS, record)
            return
        eks.change(ADDONS, record, status=status, health={"issues": problems}, modifiedAt=text_of(eks.now()))

    def _problems(self, record: Obj, cluster: Obj, api: Api) -> list[Obj]:
        found: list[Obj] = []
        for each in self.objects(record, cluster):
            if each["kind"] not in ("Deployment", "DaemonSet"):
                continue
            rid, key = addon_install.place(api, each)
            problem = workload_problem(api, rid, key)
            if problem is not None and problem not in found:
                found.append(problem)
        return found

    def _delete(self, record: Obj, cluster: Obj, api: Api) -> Result:
        eks = self._eks
        left = parse_time(record["startedAt"]) + LOOK - eks.now()
        if left > timedelta(0):
            return Result(left)
        objects = self.objects(record, cluster)
        if record.get("preserve"):
            addon_install.release(api, objects)
        else:
            addon_install.remove(api, objects)
        for update in eks.list(UPDATES, record["spec"]["clusterName"]):
            if update["target"]["addon"] == record["spec"]["addonName"]:
                eks.remove(UPDATES, update)
        eks.remove(ADDONS, record)
        return DONE


def workload_problem(api: Api, rid: str, key: Key) -> Obj | None:
    """Return what is wrong with a Deployment or DaemonSet, None when all its pods are there."""
    present = api.get(rid, key)
    if present is None:
        return issue("K8sResourceNotFound", f"{rid} {key.name} not found in {key.namespace}", [key.name])
    status = present.get("status") or {}
    if status.get("observedGeneration", 0) < present["metadata"].get("generation", 1):
        return issue("InsufficientNumberOfReplicas", TOO_FEW, [key.name])
    if rid.startswith("daemonsets"):
        wanted = status.get("desiredNumberScheduled", 0)
        there = min(status.get("numberReady", 0), status.get("updatedNumberScheduled", 0))
    else:
        wanted = present["spec"].get("replicas", 1)
        there = min(status.get("availableReplicas", 0), status.get("updatedReplicas", 0))
    if there >= wanted:
        return None
    is_homeless = not there and not api.items("nodes")
    return issue("InsufficientNumberOfReplicas", UNSCHEDULABLE if is_homeless else TOO_FEW, [key.name])
