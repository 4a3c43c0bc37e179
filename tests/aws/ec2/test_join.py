"""From a launch to a Ready node, and everything that stands in between."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from eks_lab.aws import ec2, invariants
from eks_lab.aws.eks.fleet import Launch, LaunchTemplateUse, Taint
from eks_lab.aws.errors import AwsError
from eks_lab.sim.objects import Key, Obj
from tests.aws.ec2.test_user_data import NODE_CONFIG, mime
from tests.aws.ec2.world import NODE_ROLE, World

IMAGE = "amazon-eks-node-al2023-x86_64-standard-1.36"


def node(world: World, instance_id: str) -> Obj:
    name = world.status(instance_id)["nodeName"]
    found = world.account.cluster.api.get("nodes", Key("", name))
    assert found is not None
    return found


def template(world: World, **data: Any) -> LaunchTemplateUse:
    made = world.ec2.create_launch_template("workers", "", data, {})
    return LaunchTemplateUse(made.id, "1")


def user_data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def custom(world: World, text: str) -> Launch:
    """Return a launch with an AMI and user data of the launch template's own."""
    image = next(each.id for each in world.ec2.amis.values() if str(each.name).startswith(IMAGE))
    use = template(world, ImageId=image, UserData=user_data(text))
    return world.launch(ami_type="CUSTOM", launch_template=use)


def test_a_managed_node_registers_with_its_labels_and_taints(world: World) -> None:
    taint = Taint("dedicated", "batch", "NoSchedule")
    (instance_id,) = world.account.fleet.launch(
        world.launch(labels={"team": "red", "eks.amazonaws.com/nodegroup": "workers"}, taints=(taint,)), 1
    )
    world.account.advance(30)
    assert world.node_names() == []
    world.account.advance(60)
    found = node(world, instance_id)
    instance = world.ec2.instance_of(instance_id)
    assert found["metadata"]["name"] == instance.private_dns_name
    assert found["spec"]["providerID"] == f"aws:///us-east-1a/{instance_id}"
    assert {"key": "dedicated", "value": "batch", "effect": "NoSchedule"} in found["spec"]["taints"]
    assert found["metadata"]["labels"]["team"] == "red"
    assert found["metadata"]["labels"]["topology.k8s.aws/zone-id"] == "use1-az6"
    assert found["status"]["capacity"]["pods"] == "29"
    assert instance.metadata_options.http_put_response_hop_limit == 2
    assert [each.size for each in world.ec2.volumes.values()] == [20]
    assert invariants.violations(world.account) == []  # type: ignore[arg-type]


def test_the_fleet_lists_what_is_not_terminated(world: World) -> None:
    first, second = world.account.fleet.launch(world.launch(generation="g1"), 2)
    world.account.advance(90)
    found = world.account.fleet.instances("lab", "workers")
    assert [each.id for each in found] == sorted((first, second))
    assert {each.state for each in found} == {"running"}
    assert all(each.node_name and not each.join_problem and each.generation == "g1" for each in found)
    world.account.fleet.terminate([first, "i-unknown"])
    assert [each.state for each in world.account.fleet.instances("lab", "workers") if each.id == first] == [
        "shutting-down"
    ]
    world.account.advance(30)
    assert [each.id for each in world.account.fleet.instances("lab", "workers")] == [second]
    assert world.account.fleet.instances("lab", "others") == []


def test_base_nodes_are_there_at_once_with_their_addresses(world: World) -> None:
    (instance_id,) = world.account.fleet.place(world.launch(), ["10.0.1.10"])
    assert world.ec2.instance_of(instance_id).state == "running"
    assert world.node_names() == ["ip-10-0-1-10.ec2.internal"]
    assert "Successfully registered node" in ec2.console_of(world.account, instance_id)  # type: ignore[arg-type]
    world.account.advance(120)
    assert world.node_names() == ["ip-10-0-1-10.ec2.internal"]
    assert invariants.violations(world.account) == []  # type: ignore[arg-type]


def test_the_next_type_is_taken_when_one_cannot_be_had(world: World) -> None:
    world.ec2.capacity.run_out("m5.large")
    (instance_id,) = world.account.fleet.launch(world.launch(instance_types=("m5.large", "m5a.large")), 1)
    assert world.ec2.instance_of(instance_id).instance_type == "m5a.large"
    with pytest.raises(AwsError) as error:
        world.account.fleet.launch(world.launch(), 1)
    assert error.value.code == "InsufficientInstanceCapacity"


def test_prefix_delegation_raises_the_limit_of_new_nodes(world: World) -> None:
    container: dict[str, Any] = {
        "name": "aws-node",
        "image": "amazon-k8s-cni",
        "env": [{"name": "ENABLE_PREFIX_DELEGATION", "value": "true"}],
    }
    labels = {"k8s-app": "aws-node"}
    world.account.cluster.api.create(
        "daemonsets.apps",
        {
            "metadata": {"name": "aws-node", "namespace": "kube-system"},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            },
        },
        namespace="kube-system",
    )
    assert node(world, world.join())["status"]["capacity"]["pods"] == "110"


# --- what keeps an instance from joining -----------------------------------------------------------------


def test_without_an_access_entry_the_kubelet_is_unauthorized(world: World) -> None:
    """Facts E13."""
    entry = world.account.store.remove("accessentries.eks", Key("lab", NODE_ROLE))
    instance_id = world.join()
    assert world.node_names() == []
    (listed,) = world.account.fleet.instances("lab", "workers")
    assert listed.join_problem == "Unauthorized"
    line = world.status(instance_id)["journal"][-1]
    assert '"Unable to register node with API server" err="Unauthorized" node="ip-10-0-' in line
    length = len(world.status(instance_id)["journal"])
    world.account.advance(120)
    assert len(world.status(instance_id)["journal"]) == length
    world.account.store.put("accessentries.eks", entry)
    world.account.advance(30)
    assert node(world, instance_id)


def test_an_entry_without_the_nodes_group_is_forbidden(world: World) -> None:
    entry = world.account.store.get("accessentries.eks", Key("lab", NODE_ROLE))
    assert entry is not None
    world.account.store.put(
        "accessentries.eks", {**entry, "spec": {**entry["spec"], "kubernetesGroups": ["viewers"]}}
    )
    assert 'cannot create resource "nodes"' in world.status(world.join())["problem"]


@pytest.mark.parametrize(
    ("username", "words"),
    [
        ("", 'cannot create resource "nodes"'),
        ("system:knot:{{EC2PrivateDNSName}}", 'cannot create resource "nodes"'),
        ("system:node:{{SessionName}}", "is not allowed to modify node"),
    ],
)
def test_in_aws_auth_the_user_has_to_be_called_as_the_node_is(
    world: World, username: str, words: str
) -> None:
    """The node authorizer knows nodes by name and group; system:bootstrappers is not needed to register."""
    world.account.store.remove("accessentries.eks", Key("lab", NODE_ROLE))
    cluster = world.account.store.get("clusters.eks", Key("", "lab"))
    assert cluster is not None
    access = {**cluster["spec"]["accessConfig"], "authenticationMode": "API_AND_CONFIG_MAP"}
    world.account.store.put("clusters.eks", {**cluster, "spec": {**cluster["spec"], "accessConfig": access}})

    def mapped(name: str) -> Obj:
        row = {"rolearn": NODE_ROLE, "groups": ["system:nodes"], **({"username": name} if name else {})}
        metadata = {"name": "aws-auth", "namespace": "kube-system"}
        return {"metadata": metadata, "data": {"mapRoles": json.dumps([row])}}

    world.account.cluster.api.create("configmaps", mapped(username), namespace="kube-system")
    instance_id = world.join()
    assert world.node_names() == []
    assert words in world.status(instance_id)["problem"]
    world.account.cluster.api.delete("configmaps", Key("kube-system", "aws-auth"))
    right = mapped("system:node:{{EC2PrivateDNSName}}")
    world.account.cluster.api.create("configmaps", right, namespace="kube-system")
    world.account.advance(60)
    assert node(world, instance_id)


def test_user_data_of_amazon_linux_2_does_not_join(world: World) -> None:
    """Facts E15."""
    script = "#!/bin/bash\n/etc/eks/bootstrap.sh lab\n"
    (instance_id,) = world.account.fleet.launch(custom(world, script), 1)
    world.account.advance(90)
    status = world.status(instance_id)
    assert status["problem"] == "/etc/eks/bootstrap.sh: No such file or directory"
    assert status["isFinal"]
    assert any(
        "line 2: /etc/eks/bootstrap.sh: No such file or directory" in line for line in status["journal"]
    )
    assert world.node_names() == []


def test_a_node_config_of_ones_own_joins_with_its_max_pods(world: World) -> None:
    text = mime(("application/node.eks.aws", NODE_CONFIG))
    (instance_id,) = world.account.fleet.launch(custom(world, text), 1)
    world.account.advance(90)
    found = node(world, instance_id)
    assert found["status"]["capacity"]["pods"] == "42"
    assert found["metadata"]["labels"]["team"] == "red"
    assert found["spec"]["taints"][0]["key"] == "gpu"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("https://127.0.0.1:6443", "https://gone.eks.amazonaws.com", "no such host"),
        ("Q0E=", "b3RoZXI=", "x509: certificate signed by unknown authority"),
        ("name: lab", "name: ''", "name is missing in cluster configuration"),
    ],
)
def test_a_wrong_node_config_says_what_is_wrong(world: World, old: str, new: str, words: str) -> None:
    text = mime(("application/node.eks.aws", NODE_CONFIG.replace(old, new)))
    (instance_id,) = world.account.fleet.launch(custom(world, text), 1)
    world.account.advance(90)
    assert words in world.status(instance_id)["problem"]


def test_an_image_without_a_kubelet_is_no_node(world: World) -> None:
    image = next(each.id for each in world.ec2.amis.values() if str(each.name).startswith("al2023-ami"))
    use = template(world, ImageId=image)
    (instance_id,) = world.account.fleet.launch(world.launch(ami_type="CUSTOM", launch_template=use), 1)
    world.account.advance(90)
    assert "no kubelet" in world.status(instance_id)["problem"]


def test_without_a_way_out_nothing_joins_until_the_route_is_there(world: World) -> None:
    """Facts E14: the guide's broken route."""
    subnet = world.network.control_plane_subnets[0]
    instance_id = world.join(subnet_id=subnet)
    assert "has no route to" in world.status(instance_id)["problem"]
    table = next(each for each in world.ec2.route_tables.values() if subnet in each._associations.values())
    world.ec2.create_route(table.id, "0.0.0.0/0", nat_gateway_id=world.network.nat_gateway_id)
    world.account.advance(30)
    assert node(world, instance_id)


def test_public_cidrs_without_the_nat_address_shut_nodes_out(world: World) -> None:
    world.set_access(publicAccessCidrs=["203.0.113.0/24"])
    instance_id = world.join()
    nat = world.ec2.nat_gateways[world.network.nat_gateway_id]
    public = nat.address_set[0]["publicIp"]
    assert f"do not include {public}" in world.status(instance_id)["problem"]
    assert "i/o timeout" in world.status(instance_id)["journal"][-1]
    world.set_access(publicAccessCidrs=["203.0.113.0/24", f"{public}/32"])
    world.account.advance(30)
    assert node(world, instance_id)


def test_a_private_endpoint_is_reached_through_its_interfaces(world: World) -> None:
    """Inside the VPC, past the security group of the control plane's interfaces."""
    world.set_access(endpointPublicAccess=False, endpointPrivateAccess=True)
    group = world.ec2.create_security_group("eks-cluster-sg-lab", "cluster", world.network.vpc_id)
    interface = world.ec2.create_network_interface(
        world.network.control_plane_subnets[0], "", group_ids=[group.id], description="Amazon EKS lab"
    )
    instance_id = world.join()
    assert f"no inbound rule of {group.id} allows TCP 443" in world.status(instance_id)["problem"]
    assert f"dial tcp {interface.private_ip_address}:443: i/o timeout" in world.status(instance_id)["problem"]
    world.ec2.authorize_security_group_ingress(
        group.id, "tcp", "443", "443", [{"CidrIp": "10.0.0.0/16"}], vpc_id=world.network.vpc_id
    )
    world.account.advance(30)
    assert node(world, instance_id)


def test_without_dns_the_endpoint_has_no_address(world: World) -> None:
    world.ec2.get_vpc(world.network.vpc_id).enable_dns_support = False
    assert "no such host" in world.status(world.join())["problem"]


def test_a_node_role_without_policies_stops_nodeadm(world: World) -> None:
    assert world.iam
    world.iam.detach_role_policy("arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy", "eks-lab-node")
    world.iam.detach_role_policy("arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy", "eks-lab-node")
    problem = world.status(world.join())["problem"]
    assert "is not authorized to perform: ec2:DescribeInstances" in problem


def test_the_console_shows_the_journal(world: World) -> None:
    instance_id = world.join()
    text = ec2.console_of(world.account, instance_id)  # type: ignore[arg-type]
    assert "cloud-init" in text
    assert "Successfully registered node" in text
    assert ec2.console_of(world.account, "i-unknown") == ""  # type: ignore[arg-type]


def test_nodes_register_again_when_the_cluster_lost_them(world: World) -> None:
    """After a crash the cluster's half may be a second behind the account's."""
    instance_id = world.join()
    name = world.status(instance_id)["nodeName"]
    world.account.cluster.store.remove("nodes", Key("", name))
    world.account.runtime.resync()
    world.account.advance(1)
    assert world.node_names() == [name]


def test_instances_without_a_record_are_adopted_and_records_without_an_instance_go(world: World) -> None:
    instance_id = world.join()
    world.account.store.remove("instances.ec2", Key("lab", instance_id))
    world.account.store.put(
        "instances.ec2",
        {"metadata": {"namespace": "lab", "name": "i-0gone", "uid": "u"}, "spec": {}, "status": {}},
    )
    ec2.CONTROLLERS(world.account)  # type: ignore[arg-type]
    world.account.runtime.resync()
    world.account.advance(1)
    assert [each["metadata"]["name"] for each in world.account.store.items("instances.ec2")] == [instance_id]
    assert world.status(instance_id)["nodeName"]


def test_nodes_of_instances_that_never_were_go(world: World) -> None:
    """The other way round: the cluster is ahead of the account."""
    instance_id = world.join()
    instance = world.ec2.instance_of(instance_id)
    for interface in list(instance.nics.values()):
        interface.delete()
    instance.teardown_defaults()
    del world.ec2.instance_index[instance_id]
    world.account.runtime.resync()
    world.account.advance(1)
    assert world.node_names() == []
    assert world.account.store.count("instances.ec2") == 0
    assert invariants.violations(world.account) == []  # type: ignore[arg-type]


def test_two_hundred_nodes_are_ready_quickly(world: World) -> None:
    """The budget is 10 s of real time for everything; what this package does is counted in reconciles."""
    world.account.fleet.launch(world.launch(), 200)
    before = world.account.runtime.reconciles
    world.account.advance(120)
    assert len(world.node_names()) == 200
    assert world.account.runtime.reconciles - before < 1500
    assert invariants.violations(world.account) == []  # type: ignore[arg-type]
