"""RBAC: who may do what (plugin/pkg/auth/authorizer/rbac, pkg/registry/rbac/validation/rule.go)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.access import AccessRequest, Authorizer
from eks_lab.sim.objects import Key, Obj, User
from eks_lab.sim.store import StoreEvent

GROUP = "rbac.authorization.k8s.io"
ROLES = f"roles.{GROUP}"
ROLE_BINDINGS = f"rolebindings.{GROUP}"
CLUSTER_ROLES = f"clusterroles.{GROUP}"
CLUSTER_ROLE_BINDINGS = f"clusterrolebindings.{GROUP}"
WATCHED = frozenset({ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS})

MASTERS = "system:masters"
"""The group that may do everything without asking RBAC."""
ACCOUNT_PREFIX = "system:serviceaccount:"
MOST_REMEMBERED = 10_000


class Granted(NamedTuple):
    """Rules of one user in one place."""

    rules: tuple[Obj, ...]
    problems: tuple[str, ...]
    """Roles that a binding names and nobody made."""


class Rbac:
    """Answers from the roles and bindings in the store; remembers answers until one of them changes."""

    def __init__(self, api: Api) -> None:
        """Watch an Api.

        Args:
            api: where roles and bindings are.
        """
        self._api = api
        self.others: tuple[Authorizer, ...] = ()
        """Whom `may` asks, too: who decides beside RBAC, such as EKS's access policies."""
        self._known: dict[tuple[str, tuple[str, ...], str], Granted] = {}
        self._stop = api.store.subscribe(self._forget)

    def close(self) -> None:
        """Stop watching."""
        self._stop()

    def _forget(self, event: StoreEvent) -> None:
        if event.resource in WATCHED:
            self._known.clear()

    def authorize(self, user: User, request: AccessRequest) -> tuple[bool, str]:
        """Say whether a user may do something, and what is amiss with their bindings."""
        if MASTERS in user.groups:
            return True, ""
        granted = self.rules_of(user, request.namespace if request.is_resource else "")
        if any(allows(rule, request) for rule in granted.rules):
            return True, ""
        problems = granted.problems
        if not problems:
            return False, ""
        return False, f"RBAC: {problems[0] if len(problems) == 1 else '[' + ', '.join(problems) + ']'}"

    def may(
        self, user: User, verb: str, group: str, resource: str, namespace: str = "", name: str = ""
    ) -> bool:
        """Say whether a user may do something with a resource, by RBAC or by who decides beside it."""
        request = AccessRequest(verb, "", True, group, "*", resource, "", namespace, name)
        return any(each.authorize(user, request)[0] for each in (*self.others, self))

    def may_sign(self, user: User, verb: str, signer: str) -> bool:
        """Say whether a user may `approve` or `sign` with a signer, or with all of its domain."""
        group, domain = "certificates.k8s.io", signer.partition("/")[0]
        return self.may(user, verb, group, "signers", "", signer) or self.may(
            user, verb, group, "signers", "", f"{domain}/*"
        )

    def rules_of(self, user: User, namespace: str) -> Granted:
        """Return the rules that hold for a user.

        Args:
            user: whose.
            namespace: where; empty means cluster-wide rules only.
        """
        slot = (user.name, user.groups, namespace)
        found = self._known.get(slot)
        if found is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            found = self._known[slot] = self._collect(user, namespace)
        return found

    def _collect(self, user: User, namespace: str) -> Granted:
        rules: list[Obj] = []
        problems: list[str] = []
        bindings = [("", each) for each in self._api.items(CLUSTER_ROLE_BINDINGS)]
        if namespace:
            bindings += [(namespace, each) for each in self._api.items(ROLE_BINDINGS, namespace)]
        for where, binding in bindings:
            if not any(is_subject(each, user, where) for each in binding.get("subjects") or ()):
                continue
            role, problem = self.role_of(binding["roleRef"], where)
            if role is None:
                problems.append(problem)
            else:
                rules += role.get("rules") or ()
        return Granted(tuple(rules), tuple(problems))

    def role_of(self, reference: Obj, namespace: str) -> tuple[Obj | None, str]:
        """Return the role that a binding names, or None and the sentence that it is missing."""
        name = reference["name"]
        if reference.get("kind") == "Role":
            role = self._api.get(ROLES, Key(namespace, name))
            return role, "" if role else f'role.{GROUP} "{name}" not found'
        role = self._api.get(CLUSTER_ROLES, Key("", name))
        return role, "" if role else f'clusterrole.{GROUP} "{name}" not found'


def is_subject(subject: Obj, user: User, namespace: str) -> bool:
    """Say whether a subject of a binding is a user.

    Args:
        subject: of the binding.
        user: who asks.
        namespace: of the binding; what a ServiceAccount without a namespace falls back to.
    """
    kind, name = subject.get("kind"), subject.get("name")
    if kind == "User":
        return bool(name == user.name)
    if kind == "Group":
        return name in user.groups
    if kind == "ServiceAccount":
        where = subject.get("namespace") or namespace
        return bool(where) and user.name == f"{ACCOUNT_PREFIX}{where}:{name}"
    return False


# --- rules --------------------------------------------------------------------------------------------------


def allows(rule: Obj, request: AccessRequest) -> bool:
    """Say whether one rule allows a request."""
    verbs = rule.get("verbs") or ()
    if "*" not in verbs and request.verb not in verbs:
        return False
    if not request.is_resource:
        return any(_is_path(each, request.path) for each in rule.get("nonResourceURLs") or ())
    groups = rule.get("apiGroups") or ()
    if "*" not in groups and request.group not in groups:
        return False
    if not _names_resource(rule.get("resources") or (), request.resource, request.subresource):
        return False
    names = rule.get("resourceNames") or ()
    return not names or request.name in names


def _is_path(pattern: str, path: str) -> bool:
    if pattern == "*" or pattern == path:
        return True
    return pattern.endswith("*") and path.startswith(pattern.rstrip("*"))


def _names_resource(patterns: Sequence[str], resource: str, subresource: str) -> bool:
    if "*" in patterns:
        return True
    if not subresource:
        return resource in patterns
    return f"{resource}/{subresource}" in patterns or f"*/{subresource}" in patterns


def uncovered(owned: Iterable[Obj], wanted: Iterable[Obj]) -> list[Obj]:
    """Return what of the wanted rules the owned ones do not grant, in the smallest pieces (rule.go: Covers)."""
    mine = list(owned)
    return [
        piece for rule in wanted for piece in _pieces(rule) if not any(_covers(each, piece) for each in mine)
    ]


def _pieces(rule: Obj) -> Iterator[Obj]:
    names = rule.get("resourceNames") or ()
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in rule.get("verbs") or ():
                piece = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
                if names:
                    for name in names:
                        yield {**piece, "resourceNames": [name]}
                else:
                    yield piece
    for url in rule.get("nonResourceURLs") or ():
        for verb in rule.get("verbs") or ():
            yield {"nonResourceURLs": [url], "verbs": [verb]}


def _covers(owner: Obj, piece: Obj) -> bool:
    verbs = owner.get("verbs") or ()
    if "*" not in verbs and piece["verbs"][0] not in verbs:
        return False
    if "nonResourceURLs" in piece:
        wanted = piece["nonResourceURLs"][0]
        return any(_is_path(each, wanted) for each in owner.get("nonResourceURLs") or ())
    groups = owner.get("apiGroups") or ()
    if "*" not in groups and piece["apiGroups"][0] not in groups:
        return False
    resource, _, subresource = piece["resources"][0].partition("/")
    if not _names_resource(owner.get("resources") or (), resource, subresource):
        return False
    names = owner.get("resourceNames") or ()
    if not names:
        return True
    return any(each in names for each in piece.get("resourceNames") or ())


def compacted(pieces: Iterable[Obj]) -> list[Obj]:
    """Join pieces that differ in their verbs only (pkg/apis/rbac/v1/… CompactRules)."""
    joined: dict[tuple[str, ...], Obj] = {}
    rest: list[Obj] = []
    for piece in pieces:
        if "nonResourceURLs" in piece:
            rest.append(piece)
            continue
        named: tuple[str, ...] = tuple(piece.get("resourceNames") or ())
        slot = (piece["apiGroups"][0], piece["resources"][0], *named)
        known = joined.setdefault(slot, {**piece, "verbs": []})
        known["verbs"] += [each for each in piece["verbs"] if each not in known["verbs"]]
    return [*joined.values(), *rest]


def rule_text(rule: Obj) -> str:
    """Return a rule as Go prints it: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}` (rbac/helpers.go)."""
    fields = (
        ("APIGroups", "apiGroups"),
        ("Resources", "resources"),
        ("NonResourceURLs", "nonResourceURLs"),
        ("ResourceNames", "resourceNames"),
        ("Verbs", "verbs"),
    )
    parts = [
        f"{shown}:[{' '.join(chr(34) + each + chr(34) for each in rule[field])}]"
        for shown, field in fields
        if rule.get(field)
    ]
    return "{" + ", ".join(parts) + "}"
