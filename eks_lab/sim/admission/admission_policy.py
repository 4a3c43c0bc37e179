"""ValidatingAdmissionPolicy: CEL expressions judge requests (apiserver/pkg/admission/plugin/policy/validating)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from eks_lab.errors import EksLabError
from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.admission.request_rules import OWN_GROUP, UNTOUCHED, concerns, selected
from eks_lab.sim.objects import ApiError, Key, Obj
from eks_lab.sim.resource import Attributes, World
from eks_lab.sim.selection import matches

POLICIES = "validatingadmissionpolicies.admissionregistration.k8s.io"
BINDINGS = "validatingadmissionpolicybindings.admissionregistration.k8s.io"

CODES = {"Unauthorized": 401, "Forbidden": 403, "Invalid": 422, "RequestEntityTooLarge": 413}

Evaluate = Callable[[str, Mapping[str, Any]], Any]
"""Expression and variables -> value; raises EksLabError."""


class ValidatingAdmissionPolicy(Plugin):
    """Evaluates every policy that a binding puts in force."""

    name: str = "ValidatingAdmissionPolicy"

    def __init__(self, evaluate: Evaluate) -> None:
        """Use a CEL interpreter.

        Args:
            evaluate: expression and variables -> value.
        """
        self._evaluate = evaluate

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Judge a request by the policies in force.

        Raises:
            ApiError: a policy with the action Deny refuses it; the code follows the validation's reason.
        """
        if request.resource.group in (OWN_GROUP, *UNTOUCHED):
            return []
        bindings = world.items(BINDINGS)
        if not bindings:
            return []
        warnings: list[str] = []
        for binding in bindings:
            spec = binding["spec"]
            policy = world.get(POLICIES, Key("", spec.get("policyName") or ""))
            if policy is None or not _applies(policy, spec, request, obj, old, world):
                continue
            head = (
                f"ValidatingAdmissionPolicy '{policy['metadata']['name']}' with binding "
                f"'{binding['metadata']['name']}'"
            )
            actions = spec.get("validationActions") or ()
            for params in _parameters(policy, spec, request, world):
                for message, reason in self._problems(policy, params, request, obj, old, world):
                    if "Deny" in actions:
                        raise _denial(request, f"{head} denied request: {message}", reason)
                    if "Warn" in actions:
                        warnings.append(f"Validation failed for {head}: {message}")
        return warnings

    def _problems(
        self,
        policy: Obj,
        params: Obj | None,
        request: Attributes,
        obj: Obj | None,
        old: Obj | None,
        world: World,
    ) -> Iterator[tuple[str, str]]:
        """Yield message and reason of each validation that does not hold."""
        spec = policy["spec"]
        ignores_errors = spec.get("failurePolicy") == "Ignore"
        variables = variables_of(request, obj, old, params, world)
        for condition in spec.get("matchConditions") or ():
            try:
                if not self._evaluate(condition["expression"], variables):
                    return
            except EksLabError as error:
                if not ignores_errors:
                    yield f"match condition {condition['name']} resulted in error: {error.message}", "Invalid"
                return
        composed: dict[str, Any] = {}
        variables["variables"] = composed
        for variable in spec.get("variables") or ():
            try:
                composed[variable["name"]] = self._evaluate(variable["expression"], variables)
            except EksLabError:
                # Like upstream, a variable fails where it is used.
                continue
        for validation in spec.get("validations") or ():
            expression = validation["expression"]
            try:
                if self._evaluate(expression, variables) is True:
                    continue
            except EksLabError as error:
                if not ignores_errors:
                    yield f"expression '{expression}' resulted in error: {error.message}", "Invalid"
                continue
            yield self._message(validation, variables), validation.get("reason") or "Invalid"

    def _message(self, validation: Obj, variables: Mapping[str, Any]) -> str:
        plain = validation.get("message") or f"failed expression: {validation['expression'].strip()}"
        expression = validation.get("messageExpression")
        if expression:
            try:
                text = self._evaluate(expression, variables)
            except EksLabError:
                return plain
            if isinstance(text, str) and text.strip() and "\n" not in text:
                return text.strip()
        return plain


def _denial(request: Attributes, message: str, reason: str) -> ApiError:
    plain = refused(request, message)
    if reason == "Forbidden":
        return plain
    details = {**plain.details, "causes": [{"message": message}]}
    return ApiError(CODES.get(reason, 422), reason, plain.message, details)


def _applies(
    policy: Obj, binding: Obj, request: Attributes, obj: Obj | None, old: Obj | None, world: World
) -> bool:
    constraints = policy["spec"].get("matchConstraints") or {}
    if not concerns(constraints.get("resourceRules") or (), request):
        return False
    narrower = binding.get("matchResources") or {}
    for matcher in (constraints, narrower):
        if concerns(matcher.get("excludeResourceRules") or (), request):
            return False
        if not selected(matcher, request, obj, old, world):
            return False
    return not narrower.get("resourceRules") or concerns(narrower["resourceRules"], request)


def variables_of(
    request: Attributes, obj: Obj | None, old: Obj | None, params: Obj | None, world: World
) -> dict[str, Any]:
    """Return what expressions see: the objects, `params`, `namespaceObject`, and `request` of an AdmissionReview.

    Args:
        request: which is judged.
        obj: new state.
        old: stored state.
        params: of a policy.
        world: where the namespace is.
    """
    resource, key, user = request.resource, request.key, request.user
    namespace = world.get("namespaces", Key("", key.namespace)) if key.namespace else None
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    where = {"group": resource.group, "version": resource.version, "resource": resource.plural}
    return {
        "object": obj,
        "oldObject": old,
        "params": params,
        "namespaceObject": namespace,
        "request": {
            "kind": kind,
            "resource": where,
            "requestKind": kind,
            "requestResource": where,
            "subResource": request.subresource,
            "requestSubResource": request.subresource,
            "name": key.name,
            "namespace": key.namespace,
            "operation": request.operation,
            "userInfo": {"username": user.name, "uid": user.uid, "groups": list(user.groups)},
            "dryRun": request.dry_run,
            "options": dict(request.options),
        },
    }


def _parameters(policy: Obj, binding: Obj, request: Attributes, world: World) -> list[Obj | None]:
    """Return the objects a policy is evaluated with: one None when it takes no parameters.

    Raises:
        ApiError: 422, the parameters are missing and must not be.
    """
    kind, reference = policy["spec"].get("paramKind"), binding.get("paramRef")
    if not kind or not reference:
        return [None]
    group = kind["apiVersion"].rpartition("/")[0]
    # The plural is not named by a policy; every kind here follows the regular rule.
    plural = f"{kind['kind'].lower()}s"
    rid = f"{plural}.{group}" if group else plural
    namespace = reference.get("namespace") or request.key.namespace
    name = reference.get("name")
    if name:
        found = world.get(rid, Key(namespace, name)) or world.get(rid, Key("", name))
        candidates: list[Obj | None] = [found] if found else []
    else:
        candidates = [
            each
            for each in world.items(rid, namespace)
            if matches(reference.get("selector"), each["metadata"].get("labels") or {})
        ]
    if not candidates and reference.get("parameterNotFoundAction") != "Allow":
        raise _denial(
            request,
            f"ValidatingAdmissionPolicy '{policy['metadata']['name']}' denied request: failed to configure "
            "binding: no params found for policy binding with `Deny` parameterNotFoundAction",
            "Invalid",
        )
    return candidates
