"""Add-ons: versions, configuration, conflicts, health, and the objects in the cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.aws.eks import addon_catalogue
from eks_lab.aws.eks.addon_configuration import problems
from eks_lab.aws.eks.addon_install import without
from eks_lab.sim.cluster import VERSIONS
from eks_lab.sim.objects import Key, Obj
from tests.aws.eks.lab import NODE_ROLE, POD_ROLE, Lab

Params = dict[str, Any]
INSTALLED = {
    "vpc-cni": [("daemonsets.apps", "aws-node")],
    "kube-proxy": [("daemonsets.apps", "kube-proxy")],
    "coredns": [("deployments.apps", "coredns"), ("services", "kube-dns")],
    "eks-pod-identity-agent": [("daemonsets.apps", "eks-pod-identity-agent")],
    "aws-ebs-csi-driver": [("deployments.apps", "ebs-csi-controller"), ("daemonsets.apps", "ebs-csi-node")],
    "metrics-server": [("deployments.apps", "metrics-server"), ("services", "metrics-server")],
    "eks-node-monitoring-agent": [("daemonsets.apps", "eks-node-monitoring-agent")],
}


def add(lab: Lab, name: str, **more: Any) -> Params:
    made: Params = lab.call("CreateAddon", clusterName="one", addonName=name, **more)["addon"]
    return made


def described(lab: Lab, name: str) -> Params:
    found: Params = lab.call("DescribeAddon", clusterName="one", addonName=name)["addon"]
    return found


def container(lab: Lab, rid: str, name: str) -> Obj:
    found = lab.api().get(rid, Key("kube-system", name))
    assert found is not None
    first: Obj = found["spec"]["template"]["spec"]["containers"][0]
    return first


@pytest.mark.parametrize("version", VERSIONS)
def test_every_add_on_that_is_simulated_installs_and_leaves(lab: Lab, version: str) -> None:
    lab.active(version=version)
    lab.group()
    lab.advance(minutes=2)
    for name in INSTALLED:
        assert add(lab, name)["status"] == "CREATING"
    lab.advance(minutes=3)
    for name, objects in INSTALLED.items():
        addon = described(lab, name)
        assert (addon["status"], addon["health"]) == ("ACTIVE", {"issues": []}), name
        for rid, object_name in objects:
            found = lab.api().get(rid, Key("kube-system", object_name))
            assert found is not None, object_name
            assert {owner["manager"] for owner in found["metadata"]["managedFields"]} >= {"eks"}
    assert sorted(INSTALLED) == lab.call("ListAddons", clusterName="one")["addons"]
    for name in INSTALLED:
        assert lab.call("DeleteAddon", clusterName="one", addonName=name)["addon"]["status"] == "DELETING"
    lab.advance(seconds=30)
    assert lab.call("ListAddons", clusterName="one") == {"addons": []}
    for objects in INSTALLED.values():
        for rid, object_name in objects:
            assert lab.api().get(rid, Key("kube-system", object_name)) is None, object_name


def test_a_preserved_add_on_leaves_its_objects(lab: Lab) -> None:
    lab.active()
    add(lab, "kube-proxy")
    lab.advance(seconds=30)
    lab.call("DeleteAddon", clusterName="one", addonName="kube-proxy", preserve=True)
    lab.advance(seconds=30)
    found = lab.api().get("daemonsets.apps", Key("kube-system", "kube-proxy"))
    assert found is not None
    assert "eks" not in {owner["manager"] for owner in found["metadata"]["managedFields"]}
    assert lab.refusal("DescribeAddon", clusterName="one", addonName="kube-proxy").message == (
        "No addon: kube-proxy found in cluster: one"
    )


def test_without_nodes_coredns_is_degraded_and_recovers(lab: Lab) -> None:
    lab.active()
    add(lab, "coredns")
    add(lab, "vpc-cni")
    lab.advance(minutes=1)
    assert described(lab, "vpc-cni")["status"] == "ACTIVE", "a DaemonSet without nodes is complete"
    assert described(lab, "coredns")["status"] == "CREATING"
    lab.advance(minutes=4)
    addon = described(lab, "coredns")
    assert addon["status"] == "DEGRADED"
    assert addon["health"]["issues"][0]["code"] == "InsufficientNumberOfReplicas"
    lab.group()
    lab.advance(minutes=5)
    assert described(lab, "coredns")["status"] == "ACTIVE"


def test_an_add_on_that_loses_pods_is_degraded(lab: Lab) -> None:
    lab.active()
    add(lab, "kube-proxy")
    lab.advance(minutes=2)
    lab.api().delete("daemonsets.apps", Key("kube-system", "kube-proxy"))
    lab.advance(minutes=6)
    addon = described(lab, "kube-proxy")
    assert addon["status"] == "DEGRADED"
    assert addon["health"]["issues"][0]["code"] == "K8sResourceNotFound"


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"addonName": "nothing"}, "Addon nothing specified is not supported in 1.35 kubernetes version"),
        ({"addonVersion": "v0.0.1"}, "Addon version specified is not supported"),
        ({"addonName": "adot"}, "is not simulated by eks-lab"),
        ({"serviceAccountRoleArn": "arn:aws:iam::123456789012:role/none"}, "does not exist"),
        ({"configurationValues": "]["}, "not in valid JSON or YAML format"),
        (
            {"configurationValues": '{"replicaCount": "two"}'},
            "Json schema validation failed with error: [$.replicaCount: string found, integer expected]",
        ),
        (
            {"configurationValues": '{"nope": 1}'},
            "[$.nope: is not defined in the schema and the schema does not allow additional properties]",
        ),
    ],
)
def test_what_create_addon_refuses(lab: Lab, params: Params, text: str) -> None:
    lab.described_as_active()
    error = lab.refusal("CreateAddon", **{"clusterName": "one", "addonName": "coredns", **params})
    assert error.code == "InvalidParameterException"
    assert text in error.message


def test_an_add_on_is_there_once(lab: Lab) -> None:
    lab.active()
    add(lab, "coredns", clientRequestToken="t")
    assert (
        lab.refusal("CreateAddon", clusterName="one", addonName="coredns").message == "Addon already exists."
    )
    assert add(lab, "coredns", clientRequestToken="t")["addonName"] == "coredns"


def test_configuration_reaches_the_objects(lab: Lab) -> None:
    lab.active()
    values = {
        "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "2"},
        "enableNetworkPolicy": "true",
    }
    add(lab, "vpc-cni", configurationValues=json.dumps(values))
    add(lab, "coredns", configurationValues="replicaCount: 3\nresources: {limits: {memory: 300Mi}}\n")
    add(
        lab,
        "aws-ebs-csi-driver",
        serviceAccountRoleArn=NODE_ROLE,
        configurationValues='{"controller": {"extraVolumeTags": {"a": "b"}}}',
    )
    add(lab, "kube-proxy", configurationValues='{"mode": "ipvs", "ipvs": {"scheduler": "rr"}}')
    lab.advance(seconds=30)
    environment = {
        each["name"]: each.get("value") for each in container(lab, "daemonsets.apps", "aws-node")["env"]
    }
    assert environment["ENABLE_PREFIX_DELEGATION"] == "true"
    assert environment["WARM_PREFIX_TARGET"] == "2"
    assert environment["CLUSTER_NAME"] == "one"
    assert container(lab, "deployments.apps", "coredns")["resources"]["limits"] == {"memory": "300Mi"}
    coredns = lab.api().get("deployments.apps", Key("kube-system", "coredns"))
    assert coredns is not None
    assert coredns["spec"]["replicas"] == 3
    assert "--extra-tags=a=b" in container(lab, "deployments.apps", "ebs-csi-controller")["args"]
    account = lab.api().get("serviceaccounts", Key("kube-system", "ebs-csi-controller-sa"))
    assert account is not None
    assert account["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": NODE_ROLE}
    config = lab.api().get("configmaps", Key("kube-system", "kube-proxy-config"))
    assert config is not None
    assert 'mode: "ipvs"' in config["data"]["config"]
    assert lab.api().get(
        "customresourcedefinitions.apiextensions.k8s.io", Key("", "eniconfigs.crd.k8s.amazonaws.com")
    )


def test_eni_configs_of_the_configuration(lab: Lab) -> None:
    lab.active()
    values = {
        "eniConfig": {
            "create": True,
            "subnets": {"us-east-1a": {"id": "subnet-a", "securityGroups": ["sg-1"]}},
        }
    }
    add(lab, "vpc-cni", configurationValues=json.dumps(values))
    lab.advance(minutes=1)
    (config,) = lab.api().items("eniconfigs.crd.k8s.amazonaws.com")
    assert config["spec"] == {"subnet": "subnet-a", "securityGroups": ["sg-1"]}


def edit(lab: Lab) -> None:
    """Change the number of CoreDNS pods by hand."""
    lab.api().patch(
        "deployments.apps",
        Key("kube-system", "coredns"),
        {"spec": {"replicas": 5}},
        type="merge",
        manager="kubectl-edit",
    )


def test_conflicts_are_refused_overwritten_or_kept(lab: Lab) -> None:
    lab.active()
    add(lab, "coredns", addonVersion="v1.12.4-eksbuild.1")
    lab.advance(seconds=30)
    lab.group()
    lab.advance(minutes=4)
    edit(lab)
    lab.advance(minutes=1)
    newer = "v1.13.1-eksbuild.1"
    update = lab.call("UpdateAddon", clusterName="one", addonName="coredns", addonVersion=newer)["update"]
    assert update["type"] == "AddonUpdate"
    lab.advance(minutes=1)
    addon = described(lab, "coredns")
    assert (addon["status"], addon["addonVersion"]) == ("UPDATE_FAILED", "v1.12.4-eksbuild.1")
    (issue,) = addon["health"]["issues"]
    assert issue["code"] == "ConfigurationConflict"
    assert issue["message"].endswith("Conflicts:\nDeployment.apps coredns - .spec.replicas")
    ended = lab.call("DescribeUpdate", name="one", addonName="coredns", updateId=update["id"])["update"]
    assert ended["errors"][0]["errorCode"] == "ConfigurationConflict"
    lab.call(
        "UpdateAddon", clusterName="one", addonName="coredns", addonVersion=newer, resolveConflicts="PRESERVE"
    )
    lab.advance(minutes=3)
    addon = described(lab, "coredns")
    assert (addon["status"], addon["addonVersion"]) == ("ACTIVE", newer)
    coredns = lab.api().get("deployments.apps", Key("kube-system", "coredns"))
    assert coredns is not None
    assert coredns["spec"]["replicas"] == 5
    assert container(lab, "deployments.apps", "coredns")["image"].endswith(newer)
    lab.call("UpdateAddon", clusterName="one", addonName="coredns", resolveConflicts="OVERWRITE")
    lab.advance(minutes=3)
    coredns = lab.api().get("deployments.apps", Key("kube-system", "coredns"))
    assert coredns is not None
    assert coredns["spec"]["replicas"] == 2


def test_taking_over_changed_self_managed_objects(lab: Lab) -> None:
    lab.active(bootstrapSelfManagedAddons=True)
    edit(lab)
    add(lab, "coredns")
    lab.advance(seconds=30)
    addon = described(lab, "coredns")
    assert addon["status"] == "CREATE_FAILED"
    assert addon["health"]["issues"][0]["code"] == "ConfigurationConflict"
    lab.call("DeleteAddon", clusterName="one", addonName="coredns", preserve=True)
    lab.advance(seconds=30)
    add(lab, "coredns", resolveConflicts="OVERWRITE")
    lab.advance(seconds=30)
    assert described(lab, "coredns")["status"] == "CREATING"
    add(lab, "vpc-cni")
    lab.advance(seconds=30)
    assert described(lab, "vpc-cni")["status"] == "ACTIVE", "what nobody changed is taken over"


def test_a_second_update_of_an_add_on_waits(lab: Lab) -> None:
    lab.active()
    add(lab, "kube-proxy")
    assert "CREATING" in lab.refusal("UpdateAddon", clusterName="one", addonName="kube-proxy").message
    lab.advance(minutes=1)
    lab.call("UpdateAddon", clusterName="one", addonName="kube-proxy")
    assert (
        lab.refusal("UpdateAddon", clusterName="one", addonName="kube-proxy").code == "ResourceInUseException"
    )
    assert (
        lab.refusal("DeleteAddon", clusterName="one", addonName="kube-proxy").code == "ResourceInUseException"
    )


def test_associations_of_an_add_on_come_and_go_with_it(lab: Lab) -> None:
    lab.active()
    addon = add(
        lab,
        "aws-ebs-csi-driver",
        podIdentityAssociations=[{"serviceAccount": "ebs-csi-controller-sa", "roleArn": POD_ROLE}],
    )
    (row,) = lab.call("ListPodIdentityAssociations", clusterName="one")["associations"]
    assert row["ownerArn"] == addon["addonArn"]
    assert addon["podIdentityAssociations"] == [row["associationArn"]]
    lab.advance(minutes=4)
    lab.call("DeleteAddon", clusterName="one", addonName="aws-ebs-csi-driver")
    assert lab.call("ListPodIdentityAssociations", clusterName="one") == {"associations": []}


def test_versions_and_configuration_are_described(lab: Lab) -> None:
    (cni,) = lab.call("DescribeAddonVersions", addonName="vpc-cni", kubernetesVersion="1.36")["addons"]
    defaults = [
        version["addonVersion"]
        for version in cni["addonVersions"]
        if version["compatibilities"][0]["defaultVersion"]
    ]
    assert defaults == [addon_catalogue.addons()["vpc-cni"].default("1.36")]
    everything = lab.call("DescribeAddonVersions")["addons"]
    assert {"aws-efs-csi-driver", "metrics-server", "adot"} <= {each["addonName"] for each in everything}
    community = lab.call("DescribeAddonVersions", owners=["community"])["addons"]
    assert {each["owner"] for each in community} == {"community"}
    answer = lab.call("DescribeAddonConfiguration", addonName="vpc-cni", addonVersion=defaults[0])
    schema = json.loads(answer["configurationSchema"])
    assert "ENABLE_PREFIX_DELEGATION" in schema["definitions"]["VpcCni"]["properties"]["env"]["properties"]
    assert answer["podIdentityConfiguration"][0]["serviceAccount"] == "aws-node"
    assert lab.refusal("DescribeAddonVersions", addonName="none").code == "ResourceNotFoundException"
    assert lab.refusal("DescribeAddonVersions", kubernetesVersion="1.2").code == "InvalidParameterException"
    assert (
        lab.refusal("DescribeAddonConfiguration", addonName="vpc-cni", addonVersion="v0").code
        == "ResourceNotFoundException"
    )


def test_every_add_on_has_a_version_for_every_kubernetes_version() -> None:
    for addon in addon_catalogue.addons().values():
        for version in VERSIONS:
            assert addon.default(version), (addon.name, version)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".a", {"b.c": {"d": 1}, "l": [{"name": "x", "v": 1}, {"name": "y"}]}),
        (".b.c.d", {"a": 1, "b.c": {}, "l": [{"name": "x", "v": 1}, {"name": "y"}]}),
        ('.l[name="x"].v', {"a": 1, "b.c": {"d": 1}, "l": [{"name": "x"}, {"name": "y"}]}),
        ('.l[name="y"]', {"a": 1, "b.c": {"d": 1}, "l": [{"name": "x", "v": 1}]}),
        (".none", {"a": 1, "b.c": {"d": 1}, "l": [{"name": "x", "v": 1}, {"name": "y"}]}),
    ],
)
def test_a_field_is_left_out_by_its_path(path: str, expected: Obj) -> None:
    obj = {"a": 1, "b.c": {"d": 1}, "l": [{"name": "x", "v": 1}, {"name": "y"}]}
    assert without(obj, path) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_validation_never_fails_itself(value: Any) -> None:
    schema = addon_catalogue.addons()["vpc-cni"].schema
    found = problems(value, schema, schema)
    assert all(line.startswith("$") for line in found)
    if not isinstance(value, dict):
        assert found
