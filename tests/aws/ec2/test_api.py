"""EC2 and Auto Scaling as boto3 sees them: shapes, codes, sentences."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from eks_lab.aws.errors import AwsError
from eks_lab.sim.objects import Key
from tests.aws.ec2.world import World, node_image


def ec2(world: World, operation: str, **params: Any) -> dict[str, Any]:
    return world.account.ask("ec2", operation, **params)


def refused(world: World, operation: str, **params: Any) -> tuple[str, str]:
    with pytest.raises(AwsError) as error:
        ec2(world, operation, **params)
    return error.value.code, error.value.message


def free(world: World, subnet_id: str) -> int:
    (found,) = ec2(world, "DescribeSubnets", SubnetIds=[subnet_id])["Subnets"]
    return int(found["AvailableIpAddressCount"])


def test_prefixes_are_assigned_described_and_taken_back(world: World) -> None:
    subnet = world.network.private_subnets[0]
    before = free(world, subnet)
    made = ec2(world, "CreateNetworkInterface", SubnetId=subnet, Ipv4PrefixCount=1)["NetworkInterface"]
    interface = made["NetworkInterfaceId"]
    assert len(made["Ipv4Prefixes"]) == 1
    answer = ec2(world, "AssignPrivateIpAddresses", NetworkInterfaceId=interface, Ipv4PrefixCount=1)
    (prefix,) = answer["AssignedIpv4Prefixes"]
    answer = ec2(
        world, "AssignPrivateIpAddresses", NetworkInterfaceId=interface, SecondaryPrivateIpAddressCount=2
    )
    assert len(answer["AssignedPrivateIpAddresses"]) == 2
    (found,) = ec2(world, "DescribeNetworkInterfaces", NetworkInterfaceIds=[interface])["NetworkInterfaces"]
    assert prefix in found["Ipv4Prefixes"]
    assert len(found["PrivateIpAddresses"]) == 3
    assert free(world, subnet) == before - 3 - 32
    ec2(
        world,
        "UnassignPrivateIpAddresses",
        NetworkInterfaceId=interface,
        Ipv4Prefixes=[prefix["Ipv4Prefix"]],
    )
    assert free(world, subnet) == before - 3 - 16
    assert refused(
        world, "UnassignPrivateIpAddresses", NetworkInterfaceId=interface, PrivateIpAddresses=["10.0.0.4"]
    ) == (
        "InvalidParameterValue",
        f"Some of the specified addresses are not assigned to interface {interface}",
    )


def test_reservations_are_made_listed_and_deleted(world: World) -> None:
    subnet = world.network.private_subnets[0]
    before = free(world, subnet)
    made = ec2(
        world, "CreateSubnetCidrReservation", SubnetId=subnet, ReservationType="prefix", Cidr="10.0.32.0/24"
    )["SubnetCidrReservation"]
    assert free(world, subnet) == before - 256
    interface = ec2(world, "CreateNetworkInterface", SubnetId=subnet, Ipv4PrefixCount=1)["NetworkInterface"]
    assert interface["Ipv4Prefixes"][0]["Ipv4Prefix"].startswith("10.0.32.")
    for cidr in ("10.0.32.0/28", "10.9.0.0/24"):
        code, _ = refused(
            world, "CreateSubnetCidrReservation", SubnetId=subnet, ReservationType="explicit", Cidr=cidr
        )
        assert code == "InvalidParameterValue"
    (listed,) = ec2(world, "GetSubnetCidrReservations", SubnetId=subnet)["SubnetIpv4CidrReservations"]
    assert listed["Cidr"] == "10.0.32.0/24"
    ec2(world, "DeleteSubnetCidrReservation", SubnetCidrReservationId=made["SubnetCidrReservationId"])
    assert free(world, subnet) == before - 17


def test_launches_give_as_many_as_can_be_had(world: World) -> None:
    wanted = {
        "ImageId": node_image(world),
        "InstanceType": "m5.large",
        "SubnetId": world.network.private_subnets[0],
    }
    world.ec2.capacity.quotas["Standard"] = 5
    launched = ec2(world, "RunInstances", MinCount=1, MaxCount=4, **wanted)["Instances"]
    assert len(launched) == 2
    assert {each["State"]["Name"] for each in launched} == {"pending"}
    assert refused(world, "RunInstances", MinCount=1, MaxCount=1, **wanted)[0] == "VcpuLimitExceeded"
    (found,) = ec2(world, "DescribeInstances", InstanceIds=[launched[0]["InstanceId"]])["Reservations"]
    options = found["Instances"][0]["MetadataOptions"]
    assert (options["HttpTokens"], options["HttpPutResponseHopLimit"]) == ("required", 2)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"InstanceType": "m5.enormous"}, "InvalidParameterValue"),
        ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound"),
        ({"ImageId": "image"}, "InvalidAMIID.Malformed"),
        ({"SubnetId": "subnet-0gone"}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-0gone"]}, "InvalidGroup.NotFound"),
        ({"MinCount": 0}, "InvalidParameterValue"),
    ],
)
def test_bad_launches_are_refused_with_ec2s_codes(
    world: World, changes: dict[str, Any], expected: str
) -> None:
    wanted: dict[str, Any] = {
        "ImageId": node_image(world),
        "InstanceType": "m5.large",
        "SubnetId": world.network.private_subnets[0],
        "MinCount": 1,
        "MaxCount": 1,
    }
    assert refused(world, "RunInstances", **{**wanted, **changes})[0] == expected
    assert not world.ec2.instance_index


def test_instance_types_come_in_pages(world: World) -> None:
    wanted = [{"Name": "instance-type", "Values": ["m5.*", "c5.*", "t3.*", "r5.*"]}]
    page = ec2(world, "DescribeInstanceTypes", Filters=wanted, MaxResults=10)
    names = [each["InstanceType"] for each in page["InstanceTypes"]]
    while page.get("NextToken"):
        page = ec2(world, "DescribeInstanceTypes", Filters=wanted, MaxResults=10, NextToken=page["NextToken"])
        names += [each["InstanceType"] for each in page["InstanceTypes"]]
    assert len(names) == len(set(names)) > 20
    (large,) = ec2(world, "DescribeInstanceTypes", InstanceTypes=["m5.large"])["InstanceTypes"]
    assert large["NetworkInfo"]["Ipv4AddressesPerInterface"] == 10


def test_the_console_of_a_node_tells_how_it_came_to_be(world: World) -> None:
    instance_id = world.join()
    output = ec2(world, "GetConsoleOutput", InstanceId=instance_id)["Output"]
    text = base64.b64decode(output).decode() if "cloud-init" not in output else output
    assert "Successfully registered node" in text


# --- Auto Scaling ----------------------------------------------------------------------------------------


def node_group(world: World, desired: int) -> str:
    world.account.store.put(
        "nodegroups.eks",
        {
            "metadata": {"namespace": "lab", "name": "workers", "uid": "u-1"},
            "spec": {
                "clusterName": "lab",
                "nodegroupName": "workers",
                "createdAt": "2026-11-22T10:00:00.000000Z",
                "subnets": list(world.network.private_subnets),
                "scalingConfig": {"minSize": 1, "maxSize": 3, "desiredSize": desired},
                "capacityType": "ON_DEMAND",
                "resources": {"autoScalingGroups": [{"name": "eks-workers-1"}]},
            },
        },
    )
    world.account.fleet.launch(world.launch(), desired)
    world.account.advance(90)
    return "eks-workers-1"


def desired_size(world: World) -> int:
    record = world.account.store.get("nodegroups.eks", Key("lab", "workers"))
    assert record is not None
    return int(record["spec"]["scalingConfig"]["desiredSize"])


def test_node_groups_have_their_auto_scaling_group(world: World) -> None:
    name = node_group(world, 2)
    (found,) = world.account.ask(
        "autoscaling",
        "DescribeAutoScalingGroups",
        Filters=[{"Name": "tag:eks:nodegroup-name", "Values": ["workers"]}],
    )["AutoScalingGroups"]
    assert (found["AutoScalingGroupName"], found["DesiredCapacity"]) == (name, 2)
    assert {each["LifecycleState"] for each in found["Instances"]} == {"InService"}
    answer = world.account.ask("autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=["other"])
    assert answer["AutoScalingGroups"] == []
    rows = world.account.ask("autoscaling", "DescribeAutoScalingInstances")["AutoScalingInstances"]
    assert [each["AutoScalingGroupName"] for each in rows] == [name, name]


def test_the_desired_capacity_reaches_the_node_group(world: World) -> None:
    name = node_group(world, 1)
    world.account.ask("autoscaling", "SetDesiredCapacity", AutoScalingGroupName=name, DesiredCapacity=3)
    assert desired_size(world) == 3
    with pytest.raises(AwsError, match="above max value 3"):
        world.account.ask("autoscaling", "SetDesiredCapacity", AutoScalingGroupName=name, DesiredCapacity=4)
    world.account.ask("autoscaling", "UpdateAutoScalingGroup", AutoScalingGroupName=name, MaxSize=2)
    assert desired_size(world) == 2
    instance_id = world.account.fleet.instances("lab", "workers")[0].id
    world.account.ask(
        "autoscaling",
        "TerminateInstanceInAutoScalingGroup",
        InstanceId=instance_id,
        ShouldDecrementDesiredCapacity=True,
    )
    assert desired_size(world) == 1
    assert world.ec2.instance_of(instance_id).is_terminating
    with pytest.raises(AwsError):
        world.account.ask(
            "autoscaling", "SetDesiredCapacity", AutoScalingGroupName="nobody", DesiredCapacity=1
        )


def test_a_network_of_ones_own_is_made_and_taken_away(world: World) -> None:
    """The guide's chapter 5 without its cluster; deletions in the wrong order are refused on the way."""
    vpc = ec2(world, "CreateVpc", CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
    ec2(world, "ModifyVpcAttribute", VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2(world, "CreateSubnet", VpcId=vpc, CidrBlock="10.50.0.0/24", AvailabilityZone="us-east-1b")[
        "Subnet"
    ]
    assert (subnet["AvailableIpAddressCount"], subnet["MapPublicIpOnLaunch"]) == (251, False)
    subnet_id = subnet["SubnetId"]
    ec2(world, "ModifySubnetAttribute", SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": True})
    gateway = ec2(world, "CreateInternetGateway")["InternetGateway"]["InternetGatewayId"]
    ec2(world, "AttachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    table = ec2(world, "CreateRouteTable", VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2(world, "CreateRoute", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    association = ec2(world, "AssociateRouteTable", RouteTableId=table, SubnetId=subnet_id)["AssociationId"]
    address = ec2(world, "AllocateAddress", Domain="vpc")["AllocationId"]
    nat = ec2(world, "CreateNatGateway", SubnetId=subnet_id, AllocationId=address)["NatGateway"]
    assert nat["State"] == "pending"
    launched = ec2(
        world,
        "RunInstances",
        ImageId=node_image(world),
        InstanceType="t3.small",
        SubnetId=subnet_id,
        MinCount=1,
        MaxCount=1,
    )["Instances"][0]
    assert launched["PublicIpAddress"]
    assert free(world, subnet_id) == 249
    world.account.advance(120)
    for operation, params in (
        ("DeleteVpc", {"VpcId": vpc}),
        ("DeleteSubnet", {"SubnetId": subnet_id}),
        ("DetachInternetGateway", {"InternetGatewayId": gateway, "VpcId": vpc}),
    ):
        assert refused(world, operation, **params)[0] == "DependencyViolation"
    ec2(world, "TerminateInstances", InstanceIds=[launched["InstanceId"]])
    ec2(world, "DeleteNatGateway", NatGatewayId=nat["NatGatewayId"])
    world.account.advance(120)
    ec2(world, "ReleaseAddress", AllocationId=address)
    ec2(world, "DisassociateRouteTable", AssociationId=association)
    ec2(world, "DeleteRouteTable", RouteTableId=table)
    ec2(world, "DetachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    ec2(world, "DeleteInternetGateway", InternetGatewayId=gateway)
    ec2(world, "DeleteSubnet", SubnetId=subnet_id)
    ec2(world, "DeleteVpc", VpcId=vpc)
    assert vpc not in world.ec2.vpcs
    assert not [each for each in world.ec2.enis.values() if each.vpc_id == vpc]


def test_metadata_options_that_are_left_out_stay(world: World) -> None:
    (instance,) = ec2(
        world,
        "RunInstances",
        ImageId=node_image(world),
        InstanceType="m5.large",
        SubnetId=world.network.private_subnets[0],
        MinCount=1,
        MaxCount=1,
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
    )["Instances"]
    id = instance["InstanceId"]
    ec2(world, "ModifyInstanceMetadataOptions", InstanceId=id, HttpPutResponseHopLimit=1)
    ec2(world, "ModifyInstanceMetadataOptions", InstanceId=id, InstanceMetadataTags="enabled")
    (found,) = ec2(world, "DescribeInstances", InstanceIds=[id])["Reservations"][0]["Instances"]
    options = found["MetadataOptions"]
    assert (options["HttpTokens"], options["HttpEndpoint"]) == ("required", "enabled")
    assert (options["HttpPutResponseHopLimit"], options["InstanceMetadataTags"]) == (1, "enabled")


def test_tags_of_a_launch_template_are_not_those_of_what_it_launches(world: World) -> None:
    """Terraform finds a difference at every plan otherwise."""
    tags = [{"Key": "team", "Value": "shop"}]
    launched = {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "node"}]}
    made = ec2(
        world,
        "CreateLaunchTemplate",
        LaunchTemplateName="shop",
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
        LaunchTemplateData={"TagSpecifications": [launched]},
    )["LaunchTemplate"]
    assert made["Tags"] == tags
    bare = ec2(
        world,
        "CreateLaunchTemplate",
        LaunchTemplateName="bare",
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
        LaunchTemplateData={"InstanceType": "m5.large"},
    )["LaunchTemplate"]

    def data(template: dict[str, Any]) -> dict[str, Any]:
        (version,) = ec2(
            world, "DescribeLaunchTemplateVersions", LaunchTemplateId=template["LaunchTemplateId"]
        )["LaunchTemplateVersions"]
        found: dict[str, Any] = version["LaunchTemplateData"]
        return found

    assert data(made)["TagSpecifications"] == [launched]
    assert "TagSpecifications" not in data(bare)


def test_zones_say_whether_one_has_to_opt_in(world: World) -> None:
    zones = ec2(world, "DescribeAvailabilityZones")["AvailabilityZones"]
    assert {(each["OptInStatus"], each["NetworkBorderGroup"]) for each in zones} == {
        ("opt-in-not-required", "us-east-1")
    }
