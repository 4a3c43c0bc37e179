"""The verbs delete and deletecollection."""

from __future__ import annotations

from eks_lab.sim.api import ListOptions
from eks_lab.sim.apiserver.access import Call
from eks_lab.sim.apiserver.answers import Answer, success_status
from eks_lab.sim.apiserver.negotiation import Form, form_of
from eks_lab.sim.apiserver.selectors import predicate_of
from eks_lab.sim.apiserver.showing import ONE, Showing, api_version_of, encoded, in_version
from eks_lab.sim.apiserver.typed_bodies import DELETE_OPTIONS, typed_body
from eks_lab.sim.objects import Key, Obj, invalid, invalid_object, not_supported

RETURNS_DELETED = frozenset(
    {
        "persistentvolumeclaims",
        "persistentvolumes",
        "pods",
        "podtemplates",
        "resourcequotas",
        "serviceaccounts",
        "services",
    }
)
"""Resources whose deletion answers with the object (registry stores with ReturnDeletedObject)."""


class Deleting(Showing):
    """Answers deletions."""

    def _delete_options(self, call: Call) -> Obj:
        request = call.request
        options: Obj = {}
        if request.body:
            options = typed_body(self.api, call, DELETE_OPTIONS)
        for name in ("gracePeriodSeconds", "propagationPolicy"):
            if request.param(name) and options.get(name) is None:
                options[name] = request.number(name) if name == "gracePeriodSeconds" else request.param(name)
        if request.param("orphanDependents"):
            options.setdefault("orphanDependents", request.flag("orphanDependents"))
        if request.query.get("dryRun"):
            options["dryRun"] = request.query["dryRun"]
        _check_delete_options(options)
        if "orphanDependents" in options and "propagationPolicy" not in options:
            options["propagationPolicy"] = "Orphan" if options["orphanDependents"] else "Background"
        return options

    def delete(self, call: Call) -> Answer:
        """Delete an object; answers with it while it is held, else with a Status.

        Raises:
            ApiError: in the server's words.
        """
        options = self._delete_options(call)
        resource = call.resource
        key = Key(call.namespace if resource.namespaced else "", call.name)
        preconditions = options.get("preconditions") or {}
        dry_run = bool(options.get("dryRun"))
        held = self.api.get(resource.id, key)
        last = self.api.delete(
            resource.id,
            key,
            user=call.user,
            grace_seconds=options.get("gracePeriodSeconds"),
            propagation=options.get("propagationPolicy"),
            uid=preconditions.get("uid") or "",
            resource_version=preconditions.get("resourceVersion") or "",
            dry_run=dry_run,
            warnings=call.warnings,
        )
        is_gone = self.api.get(resource.id, key) is None
        form = form_of(call.request.headers.get("accept", ""), ONE)
        # A deletion that waits answers with the object, and so does one that was under way for these kinds.
        if (not is_gone and (last is not held or dry_run)) or resource.id in RETURNS_DELETED:
            return self.shown(call, 200, in_version(resource, call.version, last), form)
        status = success_status(resource.plural, resource.group, call.name, last["metadata"]["uid"])
        return encoded(200, status, Form(is_yaml=form.is_yaml), call.warnings)

    def delete_collection(self, call: Call) -> Answer:
        """Delete everything that is selected; answers with the list.

        Raises:
            ApiError: in the server's words.
        """
        options = self._delete_options(call)
        request, resource = call.request, call.resource
        chosen = ListOptions(
            call.namespace if resource.namespaced else "",
            predicate_of(resource, request.param("labelSelector"), request.param("fieldSelector")),
        )
        page = self.api.page(resource.id, chosen)
        deleted = []
        for key in page.keys:
            if self.api.get(resource.id, key) is None:
                continue
            deleted.append(
                self.api.delete(
                    resource.id,
                    key,
                    user=call.user,
                    grace_seconds=options.get("gracePeriodSeconds"),
                    propagation=options.get("propagationPolicy"),
                    dry_run=bool(options.get("dryRun")),
                    warnings=call.warnings,
                )
            )
        listed = {
            "kind": f"{resource.kind}List",
            "apiVersion": api_version_of(resource, call.version),
            "metadata": {"resourceVersion": str(self.api.store.revision)},
            "items": [in_version(resource, call.version, obj) for obj in deleted],
        }
        return encoded(200, listed, Form(), call.warnings)


def _check_delete_options(options: Obj) -> None:
    """Refuse options that mean nothing (ValidateDeleteOptions).

    Raises:
        ApiError: 422.
    """
    errors = []
    policy = options.get("propagationPolicy")
    if policy is not None and options.get("orphanDependents") is not None:
        shown = [policy, options["orphanDependents"]]
        errors.append(
            invalid(
                "propagationPolicy", shown[0], "orphanDependents and deletionPropagation cannot be both set"
            )
        )
    if policy is not None and policy not in ("Foreground", "Background", "Orphan"):
        errors.append(
            not_supported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"])
        )
    dry_run = options.get("dryRun") or []
    if any(each != "All" for each in dry_run):
        errors.append(not_supported("dryRun", dry_run, ["All"]))
    if errors:
        raise invalid_object("DeleteOptions", "meta.k8s.io", "", errors)
