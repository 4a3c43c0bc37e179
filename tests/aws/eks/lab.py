"""A small account for tests of EKS: its own store and clock, real simulated clusters, a fake EC2 and IAM."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from cryptography.hazmat.primitives.asymmetric import rsa

from eks_lab.aws.eks import controllers
from eks_lab.aws.eks.access_entries import add_creator
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.fleet import FleetInstance, Launch
from eks_lab.aws.eks.service import EksService
from eks_lab.aws.eks.surroundings import Key as KmsKey
from eks_lab.aws.eks.surroundings import LaunchTemplate, Role, Subnet
from eks_lab.aws.errors import AwsError
from eks_lab.aws.principal import Principal
from eks_lab.aws.service import Action, Call
from eks_lab.catalog import instance_types
from eks_lab.clock import SimClock
from eks_lab.errors import InputError
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.certificates import private_pem
from eks_lab.sim.cluster import Cluster, ClusterIdentity, ClusterOptions
from eks_lab.sim.kubelet.nodes import node_object, register
from eks_lab.sim.lockstep import Lockstep
from eks_lab.sim.objects import Key
from eks_lab.sim.runtime import Runtime
from eks_lab.sim.store import Store

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ACCOUNT = "123456789012"
CLUSTER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/eks-lab-cluster"
NODE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/eks-lab-node"
POD_ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/reader"
STUDENT = Principal("user", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/student", "AIDASTUDENT", name="student")
SUBNETS = ("subnet-a", "subnet-b", "subnet-c")
JOINS_AFTER = timedelta(seconds=40)


def trust(*services: str) -> dict[str, Any]:
    """Return a trust policy."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


@dataclass
class FakeSurroundings:
    """EC2, IAM and KMS as EKS sees them, in dictionaries."""

    subnets: dict[str, Subnet] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    interfaces: dict[str, tuple[str, str]] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    users: set[str] = field(default_factory=set)
    keys: dict[str, KmsKey] = field(default_factory=dict)
    templates: dict[tuple[str, str], LaunchTemplate] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def subnet(self, subnet_id: str) -> Subnet | None:
        return self.subnets.get(subnet_id)

    def vpc_cidrs(self, vpc_id: str) -> Sequence[str]:
        return ["10.0.0.0/16"]

    def zones(self) -> Sequence[tuple[str, str]]:
        return [
            ("us-east-1a", "use1-az6"),
            ("us-east-1b", "use1-az1"),
            ("us-east-1c", "use1-az2"),
            ("us-east-1e", "use1-az3"),
        ]

    def security_group_vpc(self, group_id: str) -> str | None:
        return self.groups.get(group_id)

    def create_cluster_security_group(self, cluster: str, vpc_id: str, tags: Mapping[str, str]) -> str:
        self.groups[f"sg-{cluster}"] = vpc_id
        return f"sg-{cluster}"

    def delete_security_group(self, group_id: str) -> None:
        self.groups.pop(group_id, None)

    def create_control_plane_interfaces(
        self, cluster: str, subnet_ids: Sequence[str], security_group_ids: Sequence[str]
    ) -> Sequence[str]:
        found = []
        for subnet_id in subnet_ids:
            if self.subnets[subnet_id].free_addresses < 1:
                raise AwsError("InsufficientFreeAddressesInSubnet", "The specified subnet is full.")
            number = len(self.interfaces)
            while f"eni-{number}" in self.interfaces:
                number += 1
            self.interfaces[f"eni-{number}"] = (cluster, subnet_id)
            found.append(f"eni-{number}")
        return found

    def control_plane_interfaces(self, cluster: str) -> Sequence[str]:
        return [name for name, (owner, _subnet) in self.interfaces.items() if owner == cluster]

    def delete_interfaces(self, interface_ids: Sequence[str]) -> None:
        for interface_id in interface_ids:
            self.interfaces.pop(interface_id, None)

    def role(self, arn: str) -> Role | None:
        return self.roles.get(arn)

    def has_user(self, arn: str) -> bool:
        return arn in self.users

    def kms_key(self, arn: str) -> KmsKey | None:
        return self.keys.get(arn)

    def launch_template(self, id: str, name: str, version: str) -> LaunchTemplate | None:
        for (template_id, number), found in self.templates.items():
            is_it = template_id == id or found.name == name
            if is_it and version in (number, "", "$Default", "$Latest"):
                return found
        return None

    def has_key_pair(self, name: str) -> bool:
        return name == "key"

    def instance_type_exists(self, name: str) -> bool:
        try:
            instance_types.get(name)
        except InputError:
            return False
        return True

    def image_exists(self, image_id: str) -> bool:
        return True

    def instance_name(self, instance_id: str) -> str:
        return self.names.get(instance_id, "")


@dataclass
class FakeFleet:
    """Instances that become nodes after 40 simulated seconds, unless `joins` is False."""

    lab: Lab
    joins: bool = True
    refusals: dict[str, AwsError] = field(default_factory=dict)
    """Subnet -> what a launch in it is answered."""
    launches: list[tuple[Launch, int]] = field(default_factory=list)
    members: dict[str, tuple[Launch, FleetInstance]] = field(default_factory=dict)

    def launch(self, launch: Launch, count: int) -> Sequence[str]:
        if launch.subnet_id in self.refusals:
            raise self.refusals[launch.subnet_id]
        self.launches.append((launch, count))
        zone = self.lab.surroundings.subnets[launch.subnet_id].zone
        made = []
        for _ in range(count):
            instance_id = f"i-{self.lab.ids.hex(17)}"
            instance = FleetInstance(
                instance_id,
                "running",
                launch.instance_types[0],
                zone,
                launch.subnet_id,
                self.lab.clock.now(),
                generation=launch.generation,
            )
            self.members[instance_id] = (launch, instance)
            made.append(instance_id)
        return made

    def place(self, launch: Launch, addresses: Sequence[str]) -> Sequence[str]:
        made = self.launch(launch, len(addresses))
        for instance_id, address in zip(made, addresses, strict=True):
            self.join(instance_id, f"ip-{address.replace('.', '-')}.ec2.internal")
        return made

    def join(self, instance_id: str, name: str = "") -> None:
        launch, instance = self.members[instance_id]
        number = len(self.members) + len(self.lab.surroundings.names)
        name = name or f"ip-10-0-{number}-{len(self.lab.surroundings.names) % 200 + 10}.ec2.internal"
        api = self.lab.api(launch.cluster)
        taints = [{"key": t.key, "value": t.value, "effect": t.effect} for t in launch.taints]
        node = node_object(
            name,
            launch.instance_types[0],
            instance.zone,
            launch.version,
            self.lab.clock,
            node_group=launch.nodegroup,
            labels=dict(launch.labels),
            taints=taints,
            instance_id=instance_id,
        )
        register(api, self.lab.clock, node)
        self.lab.surroundings.names[instance_id] = name
        self.members[instance_id] = (launch, replace(instance, node_name=name))

    def release(self, node_role_arn: str) -> None:
        pass

    def terminate(self, ids: Sequence[str]) -> None:
        for instance_id in ids:
            launch, instance = self.members.pop(instance_id, (None, None))
            if launch is None or instance is None or not instance.node_name:
                continue
            api = self.lab.api(launch.cluster)
            if api.get("nodes", Key("", instance.node_name)) is not None:
                api.delete("nodes", Key("", instance.node_name))
            for pod in api.items("pods"):
                if pod["spec"].get("nodeName") == instance.node_name:
                    key = Key(pod["metadata"]["namespace"], pod["metadata"]["name"])
                    api.delete("pods", key, grace_seconds=0)

    def instances(self, cluster: str, nodegroup: str) -> Sequence[FleetInstance]:
        for instance_id, (launch, instance) in list(self.members.items()):
            is_ours = (launch.cluster, launch.nodegroup) == (cluster, nodegroup)
            is_up = self.lab.clock.now() - instance.launched_at >= JOINS_AFTER
            if is_ours and is_up and self.joins and not instance.node_name and instance.state == "running":
                self.join(instance_id)
        return [
            instance
            for launch, instance in self.members.values()
            if (launch.cluster, launch.nodegroup) == (cluster, nodegroup)
        ]


class FakeKubernetes:
    """Control planes that are really simulated, without HTTP."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._clusters: dict[str, Cluster] = {}
        self.upgrades: list[tuple[str, str]] = []
        self.moves: list[str] = []

    def create(self, name: str, version: str, *, service_cidr: str, creator: str) -> None:
        cluster = Cluster(
            ClusterOptions(nodes=0, version=version),
            START,
            identity=ClusterIdentity(token_key=token_key()),
            clock=self._lab.clock,
        )
        cluster.bootstrap()
        self._clusters[name] = cluster
        self._lab.lockstep.add(name, cluster.runtime)

    def cluster(self, name: str) -> Cluster | None:
        return self._clusters.get(name)

    def names(self) -> Sequence[str]:
        return sorted(self._clusters)

    def move(self, name: str) -> None:
        self.moves.append(name)

    def upgrade(self, name: str, version: str) -> None:
        self.upgrades.append((name, version))

    def delete(self, name: str) -> None:
        self._clusters.pop(name, None)
        self._lab.lockstep.remove(name)

    def endpoint(self, name: str) -> str:
        return "https://127.0.0.1:6443"

    def certificate_authority(self, name: str) -> str:
        return "Q0E="

    def issuer(self, name: str) -> str:
        return "https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"

    def keys_of(self, issuer: str) -> Mapping[str, Any] | None:
        return None


@functools.cache
def token_key() -> bytes:
    """Return one key for all clusters, a short one: making and reading keys takes long."""
    return private_pem(rsa.generate_private_key(public_exponent=65537, key_size=1024))


@functools.cache
def model() -> Any:
    """Return botocore's model of EKS."""
    return botocore.session.get_session().get_service_model("eks")


class Lab:
    """The account, and what EKS needs of it."""

    id = ACCOUNT
    region = "us-east-1"

    def __init__(self) -> None:
        self.clock = SimClock(START)
        self.ids = Ids(7)
        self.store = Store()
        self.lockstep = Lockstep(self.clock)
        self.surroundings = FakeSurroundings(
            subnets={
                "subnet-a": Subnet("subnet-a", "vpc-1", "us-east-1a", "use1-az6", "10.0.0.0/18", 16000),
                "subnet-b": Subnet("subnet-b", "vpc-1", "us-east-1b", "use1-az1", "10.0.64.0/18", 16000),
                "subnet-c": Subnet("subnet-c", "vpc-1", "us-east-1c", "use1-az2", "10.0.128.0/18", 16000),
                "subnet-e": Subnet("subnet-e", "vpc-1", "us-east-1e", "use1-az3", "10.0.192.0/20", 4000),
                "subnet-x": Subnet("subnet-x", "vpc-2", "us-east-1b", "use1-az1", "10.9.0.0/24", 200),
            },
            groups={"sg-1": "vpc-1", "sg-2": "vpc-2"},
            roles={
                CLUSTER_ROLE: Role(CLUSTER_ROLE, "eks-lab-cluster", trust("eks.amazonaws.com")),
                NODE_ROLE: Role(NODE_ROLE, "eks-lab-node", trust("ec2.amazonaws.com")),
                POD_ROLE: Role(POD_ROLE, "reader", trust("pods.eks.amazonaws.com")),
            },
            users={STUDENT.arn},
        )
        self.kubernetes = FakeKubernetes(self)
        self.fleet = FakeFleet(self)
        self.eks = Eks(self, self.surroundings, self.fleet)
        self.service = EksService(eks=self.eks)
        self.runtime = Runtime(self.clock, self.store, controllers(self.eks))
        self.lockstep.add("account", self.runtime)

    def enqueue(self, controller: str, key: Key, after: timedelta = timedelta(0)) -> None:
        self.runtime.enqueue(controller, key, after)

    def call(
        self, operation: str, *, principal: Principal = STUDENT, region: str = "us-east-1", **params: Any
    ) -> dict[str, Any]:
        """Call as the gateway does; the parameters and the answer are checked against botocore's model."""
        shape = model().operation_model(operation).input_shape
        report = ParamValidator().validate(params, shape)
        assert not report.has_errors(), report.generate_report()
        context = Call(principal, region, "request", self.clock.now())
        answer = self.service.handle(operation, params, context)
        check_shape(answer, model().operation_model(operation).output_shape, operation)
        return answer

    def actions(self, operation: str, **params: Any) -> list[Action]:
        context = Call(STUDENT, "us-east-1", "request", self.clock.now())
        return list(self.service.actions(operation, params, context))

    def refusal(self, operation: str, **params: Any) -> AwsError:
        """Return what a call is refused with; its code and members are those of the operation's model."""
        with pytest.raises(AwsError) as caught:
            self.call(operation, **params)
        error = caught.value
        known = {name: model().shape_for(name) for name in model().shape_names}
        assert error.code in known, error.code
        shape = known[error.code]
        assert set(error.fields) <= set(shape.members), (error.code, error.fields)
        assert error.status == shape.metadata["error"]["httpStatusCode"]
        return error

    def advance(self, **by: float) -> None:
        self.lockstep.advance(timedelta(**by))

    def api(self, cluster: str = "one") -> Api:
        found = self.kubernetes.cluster(cluster)
        assert found is not None
        return found.api

    # --- things to begin with ---

    def create(self, name: str = "one", **more: Any) -> dict[str, Any]:
        params: dict[str, Any] = {
            "name": name,
            "roleArn": CLUSTER_ROLE,
            "resourcesVpcConfig": {"subnetIds": list(SUBNETS)},
            "accessConfig": {"authenticationMode": "API_AND_CONFIG_MAP"},
            "bootstrapSelfManagedAddons": False,
            "version": "1.35",
        }
        answer: dict[str, Any] = self.call("CreateCluster", **{**params, **more})["cluster"]
        return answer

    def active(self, name: str = "one", **more: Any) -> dict[str, Any]:
        self.create(name, **more)
        self.advance(minutes=11)
        cluster: dict[str, Any] = self.call("DescribeCluster", name=name)["cluster"]
        assert cluster["status"] == "ACTIVE", cluster
        return cluster

    def described_as_active(self) -> None:
        """Put a cluster there that is ACTIVE and has no control plane: enough for what is refused."""
        self.create()
        record = self.eks.cluster("one")
        vpc = {**record["spec"]["resourcesVpcConfig"], "clusterSecurityGroupId": "sg-1"}
        record = self.eks.change("clusters.eks", record, status="ACTIVE", resourcesVpcConfig=vpc)
        add_creator(self.eks, record)

    def group(self, name: str = "workers", **more: Any) -> dict[str, Any]:
        params: dict[str, Any] = {
            "clusterName": "one",
            "nodegroupName": name,
            "subnets": list(SUBNETS),
            "nodeRole": NODE_ROLE,
            "instanceTypes": ["m5.large"],
            "scalingConfig": {"minSize": 1, "maxSize": 6, "desiredSize": 3},
        }
        group: dict[str, Any] = self.call("CreateNodegroup", **{**params, **more})["nodegroup"]
        return group

    def described_group(self, name: str = "workers") -> dict[str, Any]:
        found: dict[str, Any] = self.call("DescribeNodegroup", clusterName="one", nodegroupName=name)[
            "nodegroup"
        ]
        return found

    def nodes(self) -> list[str]:
        return [node["metadata"]["name"] for node in self.api().items("nodes")]


def check_shape(value: Any, shape: Any, path: str) -> None:
    """Fail when an answer has a member that botocore's model does not have, or one of another type."""
    if shape is None:
        assert value == {}, path
        return
    kind = shape.type_name
    if kind == "structure":
        assert isinstance(value, dict), path
        for name, each in value.items():
            assert name in shape.members, f"{path}.{name}"
            check_shape(each, shape.members[name], f"{path}.{name}")
    elif kind == "list":
        assert isinstance(value, list), path
        for number, each in enumerate(value):
            check_shape(each, shape.member, f"{path}[{number}]")
    elif kind == "map":
        assert isinstance(value, dict), path
        assert all(isinstance(key, str) and isinstance(each, str) for key, each in value.items()), path
    elif kind == "timestamp":
        assert isinstance(value, datetime), f"{path}: {value!r}"
        assert value.tzinfo is not None, path
    elif kind == "string":
        assert isinstance(value, str), f"{path}: {value!r}"
        enumeration = getattr(shape, "enum", None)
        assert not enumeration or value in enumeration, f"{path}: {value!r}"
    elif kind == "boolean":
        assert isinstance(value, bool), f"{path}: {value!r}"
    elif kind in ("integer", "long"):
        assert isinstance(value, int), f"{path}: {value!r}"
