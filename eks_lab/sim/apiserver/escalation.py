"""Nobody grants what they do not have (pkg/registry/rbac/*/policybased/storage.go)."""

from __future__ import annotations

from eks_lab.sim.apiserver.rbac import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    GROUP,
    MASTERS,
    ROLE_BINDINGS,
    ROLES,
    Rbac,
    compacted,
    rule_text,
    uncovered,
)
from eks_lab.sim.objects import Obj, User, forbidden, not_found, shown
from eks_lab.sim.resource import Attributes, World


class RoleEscalation:
    """An admission plugin that judges roles and bindings by the rights of who writes them."""

    name = "RoleEscalation"

    def __init__(self, rbac: Rbac) -> None:
        """Ask RBAC.

        Args:
            rbac: of the same cluster.
        """
        self._rbac = rbac

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Refuse a role or binding that grants more than its writer holds.

        Raises:
            ApiError: 403, 404 the binding names no role.
        """
        if request.resource.group != GROUP or obj is None or MASTERS in request.user.groups:
            return
        rid = request.resource.id
        if rid in (ROLES, CLUSTER_ROLES):
            self._check_role(request, obj, old)
        elif rid in (ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS):
            self._check_binding(request, obj, old)

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Add nothing: what may be granted was judged before."""
        return []

    def _check_role(self, request: Attributes, role: Obj, old: Obj | None) -> None:
        key, user = request.key, request.user
        if (
            old is not None
            and old.get("rules") == role.get("rules")
            and (old.get("aggregationRule") == role.get("aggregationRule"))
        ):
            return
        if self._rbac.may(user, "escalate", GROUP, request.resource.plural, key.namespace, key.name):
            return
        if request.resource.id == CLUSTER_ROLES and role.get("aggregationRule"):
            everything = [
                {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
                {"nonResourceURLs": ["*"], "verbs": ["*"]},
            ]
            if uncovered(self._rbac.rules_of(user, "").rules, everything):
                raise forbidden(
                    request.resource.plural,
                    GROUP,
                    key.name,
                    "must have cluster-admin privileges to use an aggregationRule",
                )
        self._check_rules(request, role.get("rules") or ())

    def _check_binding(self, request: Attributes, binding: Obj, old: Obj | None) -> None:
        key, user, reference = request.key, request.user, binding["roleRef"]
        same = ("subjects", "roleRef")
        if old is not None and all(old.get(field) == binding.get(field) for field in same):
            return
        plural = "roles" if reference.get("kind") == "Role" else "clusterroles"
        if self._rbac.may(user, "bind", GROUP, plural, key.namespace, reference["name"]):
            return
        role, _ = self._rbac.role_of(reference, key.namespace)
        if role is None:
            raise not_found(plural, GROUP, reference["name"])
        self._check_rules(request, role.get("rules") or ())

    def _check_rules(self, request: Attributes, wanted: object) -> None:
        user, key = request.user, request.key
        rules = wanted if isinstance(wanted, list) else []
        granted = self._rbac.rules_of(user, key.namespace)
        missing = uncovered(granted.rules, rules)
        if not missing:
            return
        lines = "\n".join(sorted(rule_text(each) for each in compacted(missing)))
        ending = f"; resolution errors: [{', '.join(granted.problems)}]" if granted.problems else ""
        raise forbidden(
            request.resource.plural,
            GROUP,
            key.name,
            f"{_described(user)} is attempting to grant RBAC permissions not currently held:\n{lines}{ending}",
        )


def _described(user: User) -> str:
    groups = " ".join(shown(each) for each in user.groups)
    return f"user {shown(user.name)} (groups=[{groups}])"
