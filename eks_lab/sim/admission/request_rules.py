"""Which requests a webhook or an admission policy is for: rules, namespace and object selectors."""

from __future__ import annotations

from collections.abc import Iterable

from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.resource import Attributes, World
from eks_lab.sim.selection import matches

OWN_GROUP = "admissionregistration.k8s.io"
UNTOUCHED = frozenset({"authentication.k8s.io", "authorization.k8s.io"})
"""Groups of reviews, which no policy and no webhook sees."""


def concerns(rules: Iterable[Obj], request: Attributes, *, is_exact: bool = False) -> bool:
    """Say whether one of the rules takes the request in (admission/plugin/webhook/predicates/rules).

    Args:
        rules: of a webhook or a policy.
        request: the request, in the stored version of its resource.
        is_exact: `matchPolicy: Exact`: the other versions of the resource do not count.
    """
    return any(_takes_in(rule, request, is_exact=is_exact) for rule in rules)


def _takes_in(rule: Obj, request: Attributes, *, is_exact: bool) -> bool:
    resource = request.resource
    operations = rule.get("operations") or ()
    if "*" not in operations and request.operation not in operations:
        return False
    groups, versions = rule.get("apiGroups") or (), rule.get("apiVersions") or ()
    served = [(resource.group, resource.version)]
    if not is_exact:
        served += [resource.group_version(each) for each in resource.other_versions]
    if not any(
        ("*" in groups or group in groups) and ("*" in versions or version in versions)
        for group, version in served
    ):
        return False
    scope = rule.get("scope") or "*"
    if scope == "Namespaced" and not request.key.namespace:
        return False
    if scope == "Cluster" and request.key.namespace:
        return False
    names = rule.get("resourceNames") or ()
    if names and request.key.name not in names:
        return False
    return any(_names(each, resource.plural, request.subresource) for each in rule.get("resources") or ())


def _names(pattern: str, plural: str, subresource: str) -> bool:
    wanted, _, wanted_subresource = pattern.partition("/")
    if wanted not in ("*", plural):
        return False
    return wanted_subresource == subresource or (wanted_subresource == "*")


def selected(selectors: Obj, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> bool:
    """Say whether namespaceSelector and objectSelector take the request in.

    Args:
        selectors: what holds the two.
        request: the request.
        obj: new state.
        old: stored state.
        world: where the namespace is.
    """
    wanted = selectors.get("namespaceSelector")
    if wanted:
        if request.resource.id == "namespaces":
            holder = obj or old
        elif request.key.namespace:
            holder = world.get("namespaces", Key("", request.key.namespace))
        else:
            holder = None
        if holder is not None and not matches(wanted, holder["metadata"].get("labels") or {}):
            return False
    wanted = selectors.get("objectSelector")
    if wanted:
        return any(
            matches(wanted, each["metadata"].get("labels") or {}) for each in (obj, old) if each is not None
        )
    return True
