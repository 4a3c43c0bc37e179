"""Access entries, aws-auth, the creator, and what access policies allow."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.aws.eks import access_policies
from eks_lab.aws.eks.access import AccessPolicyAuthorizer, user_of
from eks_lab.aws.principal import Principal, root
from eks_lab.sim.apiserver.access import AccessRequest
from eks_lab.sim.objects import ApiError, User
from tests.aws.eks.lab import ACCOUNT, NODE_ROLE, POD_ROLE, STUDENT, Lab

Params = dict[str, Any]
SESSION = Principal(
    "assumed-role",
    ACCOUNT,
    f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/ann@example.com",
    "AROAREADER:ann@example.com",
    name="reader",
    session="ann@example.com",
)
VIEW = access_policies.arn("AmazonEKSViewPolicy")
API = {"authenticationMode": "API"}


def asks(verb: str, resource: str, namespace: str = "default", group: str = "") -> AccessRequest:
    return AccessRequest(verb, "", True, group, "v1", resource, "", namespace)


def may(lab: Lab, user: User | None, request: AccessRequest) -> bool:
    assert user is not None
    return AccessPolicyAuthorizer(lab.eks, "one").authorize(user, request)[0]


def entry(lab: Lab, arn: str = POD_ROLE, **more: Any) -> Params:
    made: Params = lab.call("CreateAccessEntry", clusterName="one", principalArn=arn, **more)["accessEntry"]
    return made


def test_the_creator_is_administrator_by_an_entry(lab: Lab) -> None:
    lab.active()
    user = user_of(lab.eks, "one", STUDENT, access_key_id="AKIA1")
    assert user is not None
    assert user.name == STUDENT.arn
    assert user.extra["accessKeyId"] == ("AKIA1",)
    assert user.extra["canonicalArn"] == (STUDENT.arn,)
    assert user.extra["principalId"] == ("AIDASTUDENT",)
    assert user.uid == f"aws-iam-authenticator:{ACCOUNT}:AIDASTUDENT"
    assert may(lab, user, asks("delete", "secrets"))
    assert may(lab, user, AccessRequest("get", "/metrics"))
    lab.call("DeleteAccessEntry", clusterName="one", principalArn=STUDENT.arn)
    assert user_of(lab.eks, "one", STUDENT) is None, "locked out, as on EKS"


def test_without_the_wish_the_creator_has_nothing(lab: Lab) -> None:
    lab.active(accessConfig={**API, "bootstrapClusterCreatorAdminPermissions": False})
    assert lab.call("ListAccessEntries", clusterName="one") == {"accessEntries": []}
    assert user_of(lab.eks, "one", STUDENT) is None


def test_with_config_map_the_creator_stays_and_entries_are_refused(lab: Lab) -> None:
    lab.active(accessConfig={"authenticationMode": "CONFIG_MAP"})
    user = user_of(lab.eks, "one", STUDENT)
    assert user is not None
    assert (user.name, user.groups) == ("kubernetes-admin", ("system:masters",))
    error = lab.refusal("ListAccessEntries", clusterName="one")
    assert error.message == (
        "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation."
    )
    lab.call("UpdateClusterConfig", name="one", accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
    lab.advance(minutes=3)
    assert lab.call("ListAccessEntries", clusterName="one") == {"accessEntries": [STUDENT.arn]}


def test_the_account_itself_may_create_and_enter(lab: Lab) -> None:
    account = root(ACCOUNT)
    lab.call(
        "CreateCluster",
        principal=account,
        name="one",
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/eks-lab-cluster",
        resourcesVpcConfig={"subnetIds": ["subnet-a", "subnet-b"]},
        accessConfig=API,
    )
    lab.advance(minutes=11)
    user = user_of(lab.eks, "one", account)
    assert user is not None
    assert "system:masters" in user.groups
    assert user_of(lab.eks, "one", STUDENT) is None


def test_a_session_of_a_role_with_a_path_finds_its_entry(lab: Lab) -> None:
    lab.active()
    made = entry(lab, kubernetesGroups=["viewers"])
    assert made["username"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/{{{{SessionName}}}}"
    user = user_of(lab.eks, "one", SESSION)
    assert user is not None
    assert user.name == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/ann-example.com"
    assert user.groups == ("viewers",)
    assert user.extra["sessionName"] == ("ann@example.com",)


def test_policies_hold_in_their_scope(lab: Lab) -> None:
    lab.active()
    entry(lab)
    user = user_of(lab.eks, "one", SESSION)
    assert not may(lab, user, asks("get", "pods", "team-a"))
    scope = {"type": "namespace", "namespaces": ["team-*"]}
    lab.call(
        "AssociateAccessPolicy", clusterName="one", principalArn=POD_ROLE, policyArn=VIEW, accessScope=scope
    )
    assert may(lab, user, asks("get", "pods", "team-a"))
    assert not may(lab, user, asks("get", "pods", "other"))
    assert not may(lab, user, asks("get", "secrets", "team-a")), "view never shows Secrets"
    assert not may(lab, user, asks("list", "nodes", ""))
    assert not may(lab, user, asks("create", "pods", "team-a"))
    rules = AccessPolicyAuthorizer(lab.eks, "one").rules_of(user, "team-a") if user else ()
    assert any("pods" in rule.get("resources", ()) for rule in rules)
    assert AccessPolicyAuthorizer(lab.eks, "one").rules_of(user, "other") == () if user else False
    lab.call(
        "AssociateAccessPolicy",
        clusterName="one",
        principalArn=POD_ROLE,
        policyArn=VIEW,
        accessScope={"type": "cluster"},
    )
    assert may(lab, user, asks("get", "pods", "other"))
    listed = lab.call("ListAssociatedAccessPolicies", clusterName="one", principalArn=POD_ROLE)
    assert [each["accessScope"]["type"] for each in listed["associatedAccessPolicies"]] == ["cluster"]
    assert lab.call("ListAccessEntries", clusterName="one", associatedPolicyArn=VIEW) == {
        "accessEntries": [POD_ROLE]
    }
    lab.call("DisassociateAccessPolicy", clusterName="one", principalArn=POD_ROLE, policyArn=VIEW)
    assert not may(lab, user, asks("get", "pods", "other"))
    assert lab.refusal(
        "DisassociateAccessPolicy", clusterName="one", principalArn=POD_ROLE, policyArn=VIEW
    ).code == ("ResourceNotFoundException")


def test_an_administrator_by_policy_may_write_roles(lab: Lab) -> None:
    """Kubernetes asks every authorizer for `escalate` and `bind`, not RBAC alone."""
    lab.active()
    cluster = lab.kubernetes.cluster("one")
    assert cluster is not None
    cluster.rbac.others = (AccessPolicyAuthorizer(lab.eks, "one"),)
    role = {"metadata": {"name": "all"}, "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
    entry(lab)
    reader = user_of(lab.eks, "one", SESSION)
    student = user_of(lab.eks, "one", STUDENT)
    assert reader is not None
    assert student is not None
    with pytest.raises(ApiError, match="attempting to grant RBAC permissions not currently held"):
        lab.api().create("clusterroles.rbac.authorization.k8s.io", role, user=reader)
    assert lab.api().create("clusterroles.rbac.authorization.k8s.io", role, user=student)


def test_whoever_is_impersonated_has_no_policies(lab: Lab) -> None:
    lab.active()
    assert not may(lab, User(STUDENT.arn), asks("get", "pods"))


@pytest.mark.parametrize(
    ("name", "verb", "resource", "is_allowed"),
    [
        ("AmazonEKSClusterAdminPolicy", "delete", "nodes", True),
        ("AmazonEKSAdminPolicy", "create", "roles", True),
        ("AmazonEKSAdminPolicy", "delete", "nodes", False),
        ("AmazonEKSEditPolicy", "create", "deployments", True),
        ("AmazonEKSEditPolicy", "create", "roles", False),
        ("AmazonEKSViewPolicy", "list", "deployments", True),
        ("AmazonEKSViewPolicy", "get", "secrets", False),
        ("AmazonEKSAdminViewPolicy", "get", "secrets", True),
        ("AmazonEKSAdminViewPolicy", "update", "secrets", False),
    ],
)
def test_what_the_policies_allow(lab: Lab, name: str, verb: str, resource: str, is_allowed: bool) -> None:
    lab.described_as_active()
    entry(lab)
    lab.call(
        "AssociateAccessPolicy",
        clusterName="one",
        principalArn=POD_ROLE,
        policyArn=access_policies.arn(name),
        accessScope={"type": "cluster"},
    )
    group = {"deployments": "apps", "roles": "rbac.authorization.k8s.io"}.get(resource, "")
    user = user_of(lab.eks, "one", SESSION)
    assert may(lab, user, asks(verb, resource, "default", group)) is is_allowed


def test_every_policy_has_rules(lab: Lab) -> None:
    listed = lab.call("ListAccessPolicies")["accessPolicies"]
    assert {
        "name": "AmazonEKSClusterAdminPolicy",
        "arn": access_policies.arn("AmazonEKSClusterAdminPolicy"),
    } in listed
    for each in listed:
        assert access_policies.rules(each["name"])
        assert access_policies.purpose(each["name"])
        assert access_policies.name_of(each["arn"]) == each["name"]


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        (
            {"principalArn": f"arn:aws:iam::{ACCOUNT}:role/none"},
            "InvalidParameterException",
            "invalid principal",
        ),
        ({"principalArn": f"arn:aws:iam::{ACCOUNT}:root"}, "InvalidParameterException", "invalid principal"),
        ({"principalArn": "nonsense"}, "InvalidParameterException", "invalid principal"),
        ({"kubernetesGroups": ["system:masters"]}, "InvalidParameterException", "cannot start with system:"),
        ({"username": "aws:me"}, "InvalidParameterException", "cannot start with aws:"),
        ({"username": "x{{SessionName}}"}, "InvalidParameterException", "colon before"),
        ({"type": "OTHER"}, "InvalidParameterException", "is not valid"),
        ({"type": "EC2_LINUX", "kubernetesGroups": ["a"]}, "InvalidRequestException", "cannot be specified"),
        (
            {"principalArn": STUDENT.arn},
            "ResourceInUseException",
            "The specified access entry resource is already in use on this cluster.",
        ),
    ],
)
def test_entries_that_are_refused(lab: Lab, params: Params, code: str, text: str) -> None:
    lab.described_as_active()
    error = lab.refusal("CreateAccessEntry", **{"clusterName": "one", "principalArn": POD_ROLE, **params})
    assert error.code == code
    assert text in error.message


def test_entries_are_described_changed_and_deleted(lab: Lab) -> None:
    lab.active()
    made = entry(lab, username="team:{{SessionName}}", tags={"a": "b"})
    assert lab.call("DescribeAccessEntry", clusterName="one", principalArn=POD_ROLE)["accessEntry"] == made
    assert made["accessEntryArn"].startswith(
        f"arn:aws:eks:us-east-1:{ACCOUNT}:access-entry/one/role/{ACCOUNT}/team/reader/"
    )
    changed = lab.call("UpdateAccessEntry", clusterName="one", principalArn=POD_ROLE, kubernetesGroups=["b"])
    assert (changed["accessEntry"]["kubernetesGroups"], changed["accessEntry"]["username"]) == (
        ["b"],
        "team:{{SessionName}}",
    )
    lab.call("DeleteAccessEntry", clusterName="one", principalArn=POD_ROLE)
    error = lab.refusal("DescribeAccessEntry", clusterName="one", principalArn=POD_ROLE)
    assert "The specified principalArn could not be found" in error.message
    entry(lab, NODE_ROLE, type="EC2_LINUX")
    assert lab.refusal(
        "UpdateAccessEntry", clusterName="one", principalArn=NODE_ROLE, kubernetesGroups=["b"]
    ).code == ("InvalidRequestException")
    error = lab.refusal(
        "AssociateAccessPolicy",
        clusterName="one",
        principalArn=NODE_ROLE,
        policyArn=VIEW,
        accessScope={"type": "cluster"},
    )
    assert error.code == "InvalidRequestException"


@pytest.mark.parametrize(
    ("policy", "scope"),
    [
        ("arn:aws:eks::aws:cluster-access-policy/None", {"type": "cluster"}),
        (VIEW, {"type": "namespace"}),
        (VIEW, {"type": "cluster", "namespaces": ["a"]}),
    ],
)
def test_associations_that_are_refused(lab: Lab, policy: str, scope: Params) -> None:
    lab.described_as_active()
    error = lab.refusal(
        "AssociateAccessPolicy",
        clusterName="one",
        principalArn=STUDENT.arn,
        policyArn=policy,
        accessScope=scope,
    )
    assert error.code == "InvalidParameterException"


def test_a_node_is_called_by_its_instance(lab: Lab) -> None:
    lab.active()
    entry(lab, NODE_ROLE, type="EC2_LINUX")
    lab.surroundings.names["i-0abc"] = "ip-10-0-1-10.ec2.internal"
    node = Principal(
        "assumed-role",
        ACCOUNT,
        f"arn:aws:sts::{ACCOUNT}:assumed-role/eks-lab-node/i-0abc",
        "AROANODE:i-0abc",
        name="eks-lab-node",
        session="i-0abc",
    )
    user = user_of(lab.eks, "one", node)
    assert user is not None
    assert (user.name, user.groups) == ("system:node:ip-10-0-1-10.ec2.internal", ("system:nodes",))


def aws_auth(lab: Lab, **data: str) -> None:
    config = {"metadata": {"name": "aws-auth", "namespace": "kube-system"}, "data": data}
    lab.api().create("configmaps", config, namespace="kube-system")


ROLES = (
    f"- rolearn: arn:aws:iam::{ACCOUNT}:role/reader\n  username: 'r:{{{{SessionName}}}}'\n  groups: [devs]\n"
)


def test_aws_auth_maps_in_its_modes(lab: Lab) -> None:
    lab.active()
    aws_auth(lab, mapRoles=ROLES, mapUsers=f"- userarn: arn:aws:iam::{ACCOUNT}:user/bob\n  groups: [ops]\n")
    user = user_of(lab.eks, "one", SESSION)
    assert user is not None
    assert (user.name, user.groups) == ("r:ann-example.com", ("devs",))
    bob = Principal("user", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/bob", "AIDABOB", name="bob")
    mapped = user_of(lab.eks, "one", bob)
    assert mapped is not None
    assert (mapped.name, mapped.groups) == (bob.arn, ("ops",))
    entry(lab, kubernetesGroups=["entry"])
    user = user_of(lab.eks, "one", SESSION)
    assert user is not None
    assert user.groups == ("entry",), "an entry comes first"
    lab.call("DeleteAccessEntry", clusterName="one", principalArn=POD_ROLE)
    lab.call("UpdateClusterConfig", name="one", accessConfig=API)
    lab.advance(minutes=3)
    assert user_of(lab.eks, "one", SESSION) is None, "API does not read the ConfigMap"


@pytest.mark.parametrize(
    "text", ["- rolearn: [", "rolearn: x", "- just text", ROLES.replace("role/reader", "role/team/reader")]
)
def test_an_aws_auth_that_is_wrong_maps_nobody(lab: Lab, text: str) -> None:
    lab.active()
    aws_auth(lab, mapRoles=text)
    assert user_of(lab.eks, "one", SESSION) is None


def test_all_of_an_account_by_map_accounts(lab: Lab) -> None:
    lab.active()
    aws_auth(lab, mapAccounts=f'- "{ACCOUNT}"\n')
    user = user_of(lab.eks, "one", SESSION)
    assert user is not None
    assert (user.name, user.groups) == (SESSION.arn, ())


def test_no_cluster_no_user(lab: Lab) -> None:
    assert user_of(lab.eks, "none", STUDENT) is None
