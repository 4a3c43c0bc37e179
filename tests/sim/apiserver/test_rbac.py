"""RBAC: rules, default roles, escalation, reviews, aggregation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.apiserver.access import AccessRequest
from eks_lab.sim.apiserver.authentication import StaticTokens
from eks_lab.sim.apiserver.default_roles import cluster_role_bindings, cluster_roles
from eks_lab.sim.apiserver.rbac import (
    CLUSTER_ROLES,
    ROLE_BINDINGS,
    ROLES,
    allows,
    compacted,
    rule_text,
    uncovered,
)
from eks_lab.sim.controllers.cluster_role_aggregation.controller import ClusterRoleAggregation
from eks_lab.sim.objects import ApiError, Key, Obj, User
from eks_lab.sim.runtime import Runtime
from tests.sim.apiserver.secure_server import Secured
from tests.sim.small_cluster import Client

JANE = User("jane", ("system:authenticated",))
GROUP = "rbac.authorization.k8s.io"
READ_PODS: Obj = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}


def asks(
    verb: str, resource: str, *, group: str = "", sub: str = "", namespace: str = "", name: str = ""
) -> AccessRequest:
    return AccessRequest(verb, "", True, group, "v1", resource, sub, namespace, name)


def grant(secured: Secured, name: str, *rules: Obj, user: str = "jane", namespace: str = "default") -> None:
    """Give rules to a user in a namespace."""
    where = {"name": name, "namespace": namespace}
    secured.api.create(ROLES, {"metadata": where, "rules": list(rules)})
    bind(secured, name, {"kind": "Role", "name": name}, user, namespace)


def bind(secured: Secured, name: str, role: Obj, user: str, namespace: str = "default") -> None:
    subject = {"kind": "User", "apiGroup": GROUP, "name": user}
    metadata = {"name": name, "namespace": namespace}
    reference = {"apiGroup": GROUP, **role}
    secured.api.create(ROLE_BINDINGS, {"metadata": metadata, "roleRef": reference, "subjects": [subject]})


@pytest.fixture
def secured() -> Secured:
    return Secured(
        bearers=(StaticTokens({"jane": User("jane"), "admin": User("admin", ("system:masters",))}),)
    )


@pytest.mark.parametrize(
    ("rule", "request_", "expected"),
    [
        (READ_PODS, asks("get", "pods"), True),
        (READ_PODS, asks("delete", "pods"), False),
        (READ_PODS, asks("get", "pods", sub="log"), False),
        (READ_PODS, asks("get", "pods", group="apps"), False),
        ({**READ_PODS, "resources": ["pods/log"]}, asks("get", "pods", sub="log"), True),
        ({**READ_PODS, "resources": ["*/scale"]}, asks("get", "deployments", sub="scale"), True),
        ({**READ_PODS, "resources": ["*"]}, asks("get", "pods", sub="log"), True),
        ({**READ_PODS, "resourceNames": ["a"]}, asks("get", "pods", name="a"), True),
        ({**READ_PODS, "resourceNames": ["a"]}, asks("list", "pods"), False),
        ({"nonResourceURLs": ["/healthz/*"], "verbs": ["get"]}, AccessRequest("get", "/healthz/etcd"), True),
        ({"nonResourceURLs": ["/healthz"], "verbs": ["get"]}, AccessRequest("get", "/healthz/etcd"), False),
    ],
)
def test_a_rule_allows(rule: Obj, request_: AccessRequest, expected: bool) -> None:
    assert allows(rule, request_) is expected


def test_rights_end_at_the_namespace_and_with_the_binding(secured: Secured) -> None:
    grant(secured, "reader", READ_PODS)
    assert secured.rbac.authorize(JANE, asks("get", "pods", namespace="default")) == (True, "")
    assert secured.rbac.authorize(JANE, asks("get", "pods", namespace="kube-system")) == (False, "")
    assert secured.rbac.authorize(JANE, asks("get", "pods")) == (False, "")
    secured.api.delete(ROLES, Key("default", "reader"))
    reason = f'RBAC: role.{GROUP} "reader" not found'
    assert secured.rbac.authorize(JANE, asks("get", "pods", namespace="default")) == (False, reason)


def test_accounts_are_subjects(secured: Secured) -> None:
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": "default"}
    reference = {"apiGroup": GROUP, "kind": "ClusterRole", "name": "view"}
    where = {"name": "v", "namespace": "default"}
    secured.api.create(ROLE_BINDINGS, {"metadata": where, "roleRef": reference, "subjects": [subject]})
    user = User("system:serviceaccount:default:default", ("system:serviceaccounts", "system:authenticated"))
    assert secured.rbac.may(user, "list", "apps", "deployments", "default")
    assert not secured.rbac.may(user, "list", "", "secrets", "default")


def test_default_roles_are_those_of_a_cluster() -> None:
    roles = {each["metadata"]["name"]: each for each in cluster_roles()}
    assert {"admin", "cluster-admin", "edit", "view", "system:node", "system:discovery"} <= set(roles)
    assert roles["admin"]["aggregationRule"]["clusterRoleSelectors"][0]["matchLabels"] == {
        f"{GROUP}/aggregate-to-admin": "true"
    }
    secrets = AccessRequest("get", "", True, "", "v1", "secrets", "", "x", "y")
    for name, expected in (("view", False), ("edit", True), ("admin", True), ("cluster-admin", True)):
        assert any(allows(rule, secrets) for rule in roles[name]["rules"]) is expected
    names = [each["metadata"]["name"] for each in cluster_role_bindings()]
    assert names == sorted(names)
    assert all(each["roleRef"]["name"] in roles for each in cluster_role_bindings())


def test_nobody_grants_more_than_they_hold(secured: Secured) -> None:
    everything = {"apiGroups": [GROUP], "resources": ["roles", "rolebindings"], "verbs": ["*"]}
    api = secured.api
    grant(secured, "admin", {**everything, "verbs": ["create", "update"]})
    grant(secured, "pods", READ_PODS)
    api.create(ROLES, {"metadata": {"name": "mine", "namespace": "default"}, "rules": [READ_PODS]}, user=JANE)
    more = {
        "metadata": {"name": "more", "namespace": "default"},
        "rules": [{**READ_PODS, "verbs": ["get", "watch"]}],
    }
    with pytest.raises(ApiError) as caught:
        api.create(ROLES, more, user=JANE)
    assert caught.value.message == (
        f'roles.{GROUP} "more" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant '
        'RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["watch"]}'
    )
    reference = {"apiGroup": GROUP, "kind": "ClusterRole", "name": "view"}
    binding = {"metadata": {"name": "v", "namespace": "default"}, "roleRef": reference, "subjects": []}
    with pytest.raises(ApiError, match="not currently held"):
        api.create(ROLE_BINDINGS, binding, user=JANE)
    with pytest.raises(ApiError, match='"ghost" not found'):
        api.create(ROLE_BINDINGS, {**binding, "roleRef": {**reference, "name": "ghost"}}, user=JANE)
    grant(
        secured,
        "binder",
        {"apiGroups": [GROUP], "resources": ["clusterroles"], "resourceNames": ["view"], "verbs": ["bind"]},
    )
    api.create(ROLE_BINDINGS, binding, user=JANE)


async def test_reviews_answer(secured: Secured) -> None:
    grant(secured, "reader", READ_PODS)
    client = Client(secured.app)
    base = "/apis/authorization.k8s.io/v1"
    attributes = {"verb": "get", "resource": "pods", "namespace": "default"}

    async def status(path: str, spec: Obj, token: str = "admin") -> Obj:
        headers = {"authorization": f"Bearer {token}"}
        answered = await client.ask("POST", base + path, {"spec": spec}, headers)
        found: Obj = answered.json.get("status") if answered.status == 201 else {"code": answered.status}
        return found

    mine = {"resourceAttributes": attributes}
    assert await status("/selfsubjectaccessreviews", mine, "jane") == {"allowed": True}
    assert await status("/subjectaccessreviews", {**mine, "user": "bob"}) == {"allowed": False}
    assert await status("/subjectaccessreviews", {**mine, "user": "jane"}) == {"allowed": True}
    assert await status("/subjectaccessreviews", mine) == {"code": 422}
    assert await status("/subjectaccessreviews", {**mine, "user": "jane"}, "jane") == {"code": 403}
    local = "/namespaces/kube-system/localsubjectaccessreviews"
    assert await status(local, {**mine, "user": "jane"}) == {"code": 422}
    assert await status(
        "/selfsubjectaccessreviews", {"nonResourceAttributes": {"verb": "get", "path": "/livez"}}, "jane"
    ) == {"allowed": True}
    rules = await status("/selfsubjectrulesreviews", {"namespace": "default"}, "jane")
    assert {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]} in rules["resourceRules"]
    assert rules["incomplete"] is False


async def test_denials_are_told_in_the_servers_words(secured: Secured) -> None:
    answered = await Client(secured.app).ask(
        "GET", "/apis/apps/v1/deployments", headers={"authorization": "Bearer jane"}
    )
    assert answered.status == 403
    assert answered.json["message"] == (
        'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" at '
        "the cluster scope"
    )


def test_new_roles_are_aggregated(secured: Secured) -> None:
    api = secured.api
    runtime = Runtime(api.clock, api.store, (ClusterRoleAggregation(api),))
    label = f"{GROUP}/aggregate-to-view"
    rule = {"apiGroups": ["karpenter.sh"], "resources": ["nodepools"], "verbs": ["get"]}
    api.create(CLUSTER_ROLES, {"metadata": {"name": "pools", "labels": {label: "true"}}, "rules": [rule]})
    runtime.settle()
    for name in ("view", "edit", "admin"):
        assert rule in api.read(CLUSTER_ROLES, Key("", name))["rules"]
    api.delete(CLUSTER_ROLES, Key("", "pools"))
    runtime.settle()
    assert rule not in api.read(CLUSTER_ROLES, Key("", "admin"))["rules"]


WORDS = st.lists(st.sampled_from(["a", "b", "*"]), min_size=1, max_size=3, unique=True)
RULES = st.fixed_dictionaries({"apiGroups": WORDS, "resources": WORDS, "verbs": WORDS})


@given(st.lists(RULES, max_size=3), RULES)
def test_what_is_covered_is_allowed(owned: list[Obj], wanted: Obj) -> None:
    missing = uncovered(owned, [wanted])
    assert uncovered([*owned, *compacted(missing)], [wanted]) == []
    assert uncovered([wanted], [wanted]) == []
    if not missing:
        for group in wanted["apiGroups"]:
            for resource in wanted["resources"]:
                for verb in wanted["verbs"]:
                    assert any(allows(rule, asks(verb, resource, group=group)) for rule in owned)


def test_rules_are_shown_as_go_prints_them() -> None:
    assert rule_text({**READ_PODS, "resourceNames": ["x"]}) == (
        '{APIGroups:[""], Resources:["pods"], ResourceNames:["x"], Verbs:["get" "list"]}'
    )
    assert (
        rule_text({"nonResourceURLs": ["/x"], "verbs": ["get"]}) == '{NonResourceURLs:["/x"], Verbs:["get"]}'
    )
