"""An account small enough for EC2's tests: a clock, moto, IAM, records, one control plane in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any, cast

from eks_lab.aws import billing, ec2, machine_images
from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.base_vpc import BaseNetwork, make_base_vpc
from eks_lab.aws.ec2.cloud import Ec2Cloud
from eks_lab.aws.ec2.fleet import Ec2Fleet
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.fleet import Launch
from eks_lab.aws.gateway.gateway import Gateway
from eks_lab.aws.iam.engine import Iam
from eks_lab.aws.moto_loading import Moto
from eks_lab.aws.principal import Principal, root
from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.apiserver.tokens import new_key
from eks_lab.sim.cluster import Cluster, ClusterIdentity, ClusterOptions, ClusterState
from eks_lab.sim.objects import Key
from eks_lab.sim.runtime import Runtime
from eks_lab.sim.store import Store

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NODE_ROLE = "arn:aws:iam::123456789012:role/eks-lab-node"
MANAGED = "arn:aws:iam::aws:policy/"


@cache
def bootstrapped() -> tuple[ClusterIdentity, ClusterState]:
    """Return an empty control plane as a restart finds it, made once: its key costs most of a test."""
    identity = ClusterIdentity(token_key=new_key())
    cluster = Cluster(ClusterOptions(nodes=0), START, None, identity)
    cluster.bootstrap()
    return identity, cluster.state()


class OneControlPlane:
    """`Kubernetes` with the cluster `lab` and no ports."""

    def __init__(self, account: SmallAccount) -> None:
        self._account = account

    def names(self) -> list[str]:
        return ["lab"] if self._account.has_cluster else []

    def cluster(self, name: str) -> Cluster | None:
        return self._account.cluster if name == "lab" else None

    def endpoint(self, name: str) -> str:
        return "https://127.0.0.1:6443"

    def certificate_authority(self, name: str) -> str:
        return "Q0E="


class Names:
    """The one question of EKS's surroundings that access asks."""

    def __init__(self, account: SmallAccount) -> None:
        self._account = account

    def instance_name(self, instance_id: str) -> str:
        backend = mended.region(self._account.id, self._account.region)
        return backend.instance_of(instance_id).private_dns_name


@dataclass
class EksWithContext:
    """What `Account.services["eks"]` shows of itself."""

    eks: Eks


class SmallAccount:
    """The parts of an account that EC2 looks at."""

    id = "123456789012"
    region = "us-east-1"
    seed = 7

    def __init__(self) -> None:
        self.clock = self.wall = SimClock(START)
        self.ids = Ids(self.seed)
        self.store = Store()
        self.moto = Moto(self)
        self.iam = Iam(self)
        self.kubernetes = OneControlPlane(self)
        self.services: dict[str, Any] = {}
        self.gateway = Gateway(self)
        controllers = (*ec2.CONTROLLERS(cast(Any, self)), *billing.CONTROLLERS(cast(Any, self)))
        self.runtime = Runtime(self.clock, self.store, controllers)
        self.fleet = Ec2Fleet(cast(Any, self))
        eks = Eks(cast(Any, self), cast(Any, Names(self)), cast(Any, self.fleet))
        self.services["eks"] = EksWithContext(eks)

    @property
    def has_cluster(self) -> bool:
        return "cluster" in self.__dict__

    @cached_property
    def cluster(self) -> Cluster:
        """The control plane; made when something asks for it, because it costs most of a test."""
        identity, state = bootstrapped()
        return Cluster(ClusterOptions(nodes=0), START, state, identity, cloud=self.cloud_of("lab"))

    @property
    def ec2(self) -> Ec2Backend:
        return mended.region(self.id, self.region)

    def call(
        self, service: str, operation: str, params: dict[str, Any], *, principal: Principal
    ) -> dict[str, Any]:
        return self.gateway.call(service, operation, params, principal=principal, region=self.region)

    def ask(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Call as the account itself."""
        answer = self.call(service, operation, params, principal=root(self.id))
        answer.pop("ResponseMetadata", None)
        return answer

    def cloud_of(self, cluster: str) -> Ec2Cloud:
        return Ec2Cloud(cast(Any, self), cluster)

    def enqueue(self, controller: str, key: Key, after: timedelta = timedelta(0)) -> None:
        self.runtime.enqueue(controller, key, after)

    def advance(self, seconds: float) -> None:
        self.runtime.advance(timedelta(seconds=seconds))


@dataclass
class World:
    """An account with the base VPC, the node role and the record of the cluster `lab`."""

    account: SmallAccount
    network: BaseNetwork

    @property
    def ec2(self) -> Ec2Backend:
        return self.account.ec2

    @cached_property
    def iam(self) -> Any:
        """The backend of IAM with the node role; made when something asks for it: it reads all of AWS's policies."""
        iam = self.account.moto.backend("iam")
        iam.create_role("eks-lab-node", '{"Version":"2012-10-17","Statement":[]}', "/", None, "", [], "3600")
        for policy in ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy"):
            iam.attach_role_policy(f"{MANAGED}{policy}", "eks-lab-node")
        return iam

    def launch(self, **changes: Any) -> Launch:
        """Return a launch of the node group `workers` into the first private subnet."""
        assert self.iam
        values: dict[str, Any] = {
            "cluster": "lab",
            "nodegroup": "workers",
            "subnet_id": self.network.private_subnets[0],
            "instance_types": ("m5.large",),
            "node_role_arn": NODE_ROLE,
            "labels": {"eks.amazonaws.com/nodegroup": "workers"},
            "tags": {"eks:cluster-name": "lab", "eks:nodegroup-name": "workers"},
        }
        return Launch(**{**values, **changes})

    def join(self, **changes: Any) -> str:
        """Launch one instance, let it boot, and return its id."""
        (instance_id,) = self.account.fleet.launch(self.launch(**changes), 1)
        self.account.advance(90)
        return instance_id

    def node_names(self) -> list[str]:
        return [node["metadata"]["name"] for node in self.account.cluster.store.items("nodes")]

    def status(self, instance_id: str, cluster: str = "lab") -> Mapping[str, Any]:
        record = self.account.store.get("instances.ec2", Key(cluster, instance_id))
        assert record is not None
        status: Mapping[str, Any] = record["status"]
        return status

    def set_access(self, **changes: Any) -> None:
        """Change the cluster's resourcesVpcConfig."""
        record = self.account.store.get("clusters.eks", Key("", "lab"))
        assert record is not None
        spec = record["spec"]
        access = {**spec["resourcesVpcConfig"], **changes}
        self.account.store.put("clusters.eks", {**record, "spec": {**spec, "resourcesVpcConfig": access}})


def new_world() -> World:
    """Make a small account with its base VPC."""
    account = SmallAccount()
    network = make_base_vpc(account.id, account.region)
    account.store.put(
        "clusters.eks",
        {
            "metadata": {"namespace": "", "name": "lab", "uid": account.ids.uid()},
            "spec": {
                "name": "lab",
                "createdAt": "2026-11-22T10:00:00.000000Z",
                "version": "1.36",
                "status": "ACTIVE",
                "resourcesVpcConfig": {
                    "vpcId": network.vpc_id,
                    "endpointPublicAccess": True,
                    "endpointPrivateAccess": False,
                    "publicAccessCidrs": ["0.0.0.0/0"],
                },
                "accessConfig": {
                    "authenticationMode": "API",
                    "bootstrapClusterCreatorAdminPermissions": False,
                },
                "upgradePolicy": {"supportType": "EXTENDED"},
            },
            "creator": {"arn": "arn:aws:iam::123456789012:user/student", "kind": "user"},
        },
    )
    account.store.put(
        "accessentries.eks",
        {
            "metadata": {"namespace": "lab", "name": NODE_ROLE, "uid": account.ids.uid()},
            "spec": {
                "principalArn": NODE_ROLE,
                "type": "EC2_LINUX",
                "username": "system:node:{{EC2PrivateDNSName}}",
                "kubernetesGroups": ["system:nodes"],
            },
            "policies": [],
        },
    )
    return World(account, network)


def node_image(world: World) -> str:
    """Return the id of the EKS-optimized image of Kubernetes 1.36."""
    image = machine_images.image_of_type("AL2023_x86_64_STANDARD", "1.36", world.account.region)
    assert image is not None
    return image.id
