"""What a node says about its network, and custom networking."""

from __future__ import annotations

from eks_lab.sim.objects import Key, is_condition_true
from tests.sim.cloud.cloud_cluster import CloudCluster
from tests.sim.cloud.fake_cloud import FakeCloud

CUSTOM = {
    "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true",
    "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone",
}
NOT_INITIALISED = (
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
    "message:Network plugin returns error: cni plugin not initialized"
)


def is_daemon_ready(world: CloudCluster) -> bool:
    """Say whether the first aws-node pod is ready."""
    pod = next(
        each for each in world.api.items("pods", "kube-system") if "aws-node" in each["metadata"]["name"]
    )
    return is_condition_true(pod, "Ready")


def test_without_aws_node_a_node_is_not_ready() -> None:
    world = CloudCluster(has_cni=False)
    world.advance(60)
    ready = world.ready()
    assert (ready["status"], ready["reason"]) == ("False", "KubeletNotReady")
    assert ready["message"] == NOT_INITIALISED
    world.daemon("aws-node", "amazon-k8s-cni:v1.23.0")
    world.advance(30)
    assert world.ready()["status"] == "True"


def test_pods_of_a_node_that_loses_aws_node_get_no_sandbox() -> None:
    world = CloudCluster()
    world.advance(30)
    world.api.delete("daemonsets.apps", Key("kube-system", "aws-node"), propagation="Background")
    world.advance(60)
    assert world.ready()["status"] == "True"
    world.pod("web", node=world.node()["metadata"]["name"])
    world.advance(30)
    assert "connection refused" in world.said("web", "FailedCreatePodSandBox")[0]


def test_custom_networking_waits_for_the_zones_eni_config() -> None:
    cloud = FakeCloud("m5.large")
    cloud.add_subnet("subnet-0pods", "us-east-1a", "100.64.0.0/24")
    world = CloudCluster("m5.large", cloud=cloud, cni=CUSTOM)
    world.advance(60)
    assert world.ready()["message"] == NOT_INITIALISED
    assert "eniconfig: eniconfig is not available" in world.log("aws-node")
    assert not is_daemon_ready(world)
    config = {
        "apiVersion": "crd.k8s.amazonaws.com/v1alpha1",
        "kind": "ENIConfig",
        "metadata": {"name": "us-east-1a"},
        "spec": {"subnet": "subnet-0pods", "securityGroups": ["sg-0pods"]},
    }
    world.api.create("eniconfigs.crd.k8s.amazonaws.com", config)
    world.advance(60)
    assert world.ready()["status"] == "True"
    world.pods(18)
    world.advance(120)
    assert len(world.addresses()) == 18
    assert all(address.startswith("100.64.") for address in world.addresses().values())
    assert is_daemon_ready(world)
    primary, *others = cloud.interfaces(world.instance())
    assert primary.addresses == ()
    assert {each.subnet_id for each in others} == {"subnet-0pods"}
    assert {each.security_groups for each in others} == {("sg-0pods",)}
    world.pods(3, "more", node=world.node()["metadata"]["name"])
    world.advance(60)
    assert len(world.addresses()) == 18, "two interfaces of nine places are all there is"


def test_a_role_without_permissions_keeps_the_node_unready() -> None:
    cloud = FakeCloud("m5.large")
    cloud.denied.add("AssignPrivateIpAddresses")
    world = CloudCluster("m5.large", cloud=cloud)
    world.advance(60)
    assert world.ready()["message"] == NOT_INITIALISED
    log = world.log("aws-node")
    assert "UnauthorizedOperation: You are not authorized to perform this operation." in log
    assert "assumed-role/eks-lab-node/i-0" in log
    cloud.denied.clear()
    world.advance(60)
    assert world.ready()["status"] == "True"


def test_a_terminated_instance_takes_its_node_along() -> None:
    world = CloudCluster("m5.large", nodes=2)
    world.advance(60)
    gone = world.instance(0)
    world.cloud.set_state(gone, "terminated")
    world.advance(120)
    assert [node["spec"]["providerID"].rpartition("/")[2] for node in world.api.items("nodes")] != []
    assert world.cloud.interfaces(gone) == []
