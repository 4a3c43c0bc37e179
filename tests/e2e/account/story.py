"""The guide's fifth chapter and what follows it, typed at a prompt: each method is one step of the story."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.account import documents
from tests.e2e.account.account_lab import AccountLab, ClusterClient
from tests.e2e.account.documents import ACCOUNT

CLUSTER = "eks-prod-cluster"
GROUP = "production-app-nodes"
SMALL = "small"
BUCKET = "eks-lab-story"
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
NODE_POLICIES = (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryReadOnly",
)
AMAZON = "arn:aws:iam::aws:policy"


class Story:
    """What the learner has made so far."""

    def __init__(self, lab: AccountLab) -> None:
        """Begin in a sandbox that runs; what is there already is not the story's."""
        self.lab = lab
        self.kubeconfig = lab.home / ".kube" / "own-config"
        self.before = inventory(lab)
        self.private: dict[str, str] = {}
        """Zone -> subnet."""
        self.public: dict[str, str] = {}
        self.ids: dict[str, Any] = {}

    @property
    def cluster(self) -> ClusterClient:
        """Return a connection to the story's cluster."""
        return self.lab.cluster(CLUSTER)

    def kubectl(self, *arguments: str, code: int = 0, stdin: str = "") -> str:
        """Run kubectl with the kubeconfig of `update-kubeconfig`, its token got once to spare the processor."""
        token = f"--token={self.lab.token(CLUSTER)}"
        return self.lab.kubectl_as(self.kubeconfig, token, *arguments, code=code, stdin=stdin)

    def free(self) -> dict[str, int]:
        """Return subnet -> AvailableIpAddressCount of the story's subnets."""
        ids = [*self.private.values(), *self.public.values()]
        found = self.lab.client("ec2").describe_subnets(SubnetIds=ids)["Subnets"]
        return {each["SubnetId"]: each["AvailableIpAddressCount"] for each in found}

    # --- the network -----------------------------------------------------------------------------------------

    def network(self) -> None:
        """A VPC with public and private subnets in three zones, an internet gateway, a NAT gateway and routes."""
        aws, ec2 = self.lab.aws, self.lab.client("ec2")
        vpc = aws("ec2", "create-vpc", "--cidr-block", "10.0.0.0/16")["Vpc"]["VpcId"]
        self.ids["vpc"] = vpc
        aws("ec2", "modify-vpc-attribute", "--vpc-id", vpc, "--enable-dns-hostnames")
        first = "10.0.1.0/24"
        made = aws(
            *("ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", first, "--availability-zone", ZONES[0])
        )
        self.public[ZONES[0]] = made["Subnet"]["SubnetId"]
        for number, zone in enumerate(ZONES):
            for kind, subnets in ((1, self.public), (10, self.private)):
                if zone not in subnets:
                    block = f"10.0.{number + kind}.0/24"
                    found = ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]
                    assert found["AvailableIpAddressCount"] == 251
                    subnets[zone] = found["SubnetId"]
        igw = aws("ec2", "create-internet-gateway")["InternetGateway"]["InternetGatewayId"]
        aws("ec2", "attach-internet-gateway", "--internet-gateway-id", igw, "--vpc-id", vpc)
        address = aws("ec2", "allocate-address", "--domain", "vpc")["AllocationId"]
        nat = aws(
            *("ec2", "create-nat-gateway", "--subnet-id", self.public[ZONES[0]], "--allocation-id", address)
        )["NatGateway"]["NatGatewayId"]
        self.ids |= {"igw": igw, "address": address, "nat": nat}
        for kind, target, subnets in (
            ("public", ("--gateway-id", igw), self.public),
            ("private", ("--nat-gateway-id", nat), self.private),
        ):
            table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
            self.ids[kind] = table
            route = ("--route-table-id", table, "--destination-cidr-block", "0.0.0.0/0")
            aws("ec2", "create-route", *route, *target)
            for subnet in subnets.values():
                ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        self.ids["free"] = self.free()

    def roles(self) -> None:
        """A key for secrets, a role for the control plane and one for the nodes."""
        aws, iam = self.lab.aws, self.lab.client("iam")
        self.ids["key"] = aws("kms", "create-key", "--description", "EKS secrets")["KeyMetadata"]["Arn"]
        trusted = documents.service_trust("eks.amazonaws.com")
        name = "eks-control-plane-role"
        aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", trusted)
        aws(
            *("iam", "attach-role-policy", "--role-name", name),
            *("--policy-arn", f"{AMAZON}/AmazonEKSClusterPolicy"),
        )
        role(iam, "eks-node-group-role", documents.service_trust("ec2.amazonaws.com"), NODE_POLICIES)

    # --- the cluster -----------------------------------------------------------------------------------------

    def create_cluster(self) -> None:
        """`aws eks create-cluster`, and the ten minutes that it takes."""
        lab = self.lab
        encryption = json.dumps([{"resources": ["secrets"], "provider": {"keyArn": self.ids["key"]}}])
        made = lab.aws(
            *("eks", "create-cluster", "--name", CLUSTER, "--kubernetes-version", "1.36"),
            *("--role-arn", f"arn:aws:iam::{ACCOUNT}:role/eks-control-plane-role"),
            *("--resources-vpc-config", f"subnetIds={','.join(self.private.values())}"),
            *("--encryption-config", encryption),
            *("--access-config", "authenticationMode=API_AND_CONFIG_MAP"),
        )["cluster"]
        assert made["status"] == "CREATING"
        eks = lab.client("eks")
        lab.play_until(lambda: eks.describe_cluster(name=CLUSTER)["cluster"]["status"] == "ACTIVE", 20, 60)
        lab.aws("eks", "wait", "cluster-active", "--name", CLUSTER)
        self.ids["issuer"] = eks.describe_cluster(name=CLUSTER)["cluster"]["identity"]["oidc"]["issuer"]
        said = lab.aws(
            *("eks", "update-kubeconfig", "--name", CLUSTER, "--kubeconfig", str(self.kubeconfig)),
        )
        assert f"Added new context arn:aws:eks:us-east-1:{ACCOUNT}:cluster/{CLUSTER}" in said
        shown = lab.kubectl_as(self.kubeconfig, "get", "pods", "-A")
        assert "coredns" in shown
        assert "Pending" in shown
        lab.agree("lab", CLUSTER)

    def create_nodes(self) -> None:
        """A launch template, a managed node group, and nodes that register."""
        lab = self.lab
        data = {
            "InstanceType": "t3.medium",
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 50, "VolumeType": "gp3", "Encrypted": True}}
            ],
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        }
        template = lab.aws(
            *("ec2", "create-launch-template", "--launch-template-name", "eks-node-lt"),
            *("--launch-template-data", json.dumps(data)),
        )["LaunchTemplate"]["LaunchTemplateId"]
        self.ids["template"] = template
        lab.aws(
            *("eks", "create-nodegroup", "--cluster-name", CLUSTER, "--nodegroup-name", GROUP),
            *("--node-role", f"arn:aws:iam::{ACCOUNT}:role/eks-node-group-role"),
            *("--subnets", *self.private.values()),
            *("--scaling-config", "minSize=2,maxSize=10,desiredSize=3"),
            *("--launch-template", f"id={template},version=$Latest"),
        )
        eks = lab.client("eks")

        def is_active() -> bool:
            found = eks.describe_nodegroup(clusterName=CLUSTER, nodegroupName=GROUP)["nodegroup"]
            return bool(found["status"] == "ACTIVE")

        lab.play_until(is_active, 15, 30)
        lab.aws("eks", "wait", "nodegroup-active", "--cluster-name", CLUSTER, "--nodegroup-name", GROUP)
        lab.play_until(lambda: len(self.cluster.ready_nodes()) == 3, 3)
        shown = self.kubectl("get", "nodes", "-o", "wide")
        assert shown.count(" Ready ") == 3
        lab.agree("lab", CLUSTER)

    def add_ons(self) -> None:
        """The agent of Pod Identity and the EBS driver with its role, as add-ons of EKS."""
        lab, iam = self.lab, self.lab.client("iam")
        lab.aws("eks", "create-addon", "--cluster-name", CLUSTER, "--addon-name", "eks-pod-identity-agent")
        trusted = documents.service_trust("pods.eks.amazonaws.com")
        role(iam, "ebs-csi", trusted, ("service-role/AmazonEBSCSIDriverPolicy",))
        lab.aws(
            *("eks", "create-addon", "--cluster-name", CLUSTER, "--addon-name", "aws-ebs-csi-driver"),
            *(
                "--pod-identity-associations",
                f"serviceAccount=ebs-csi-controller-sa,roleArn=arn:aws:iam::{ACCOUNT}:role/ebs-csi",
            ),
        )
        eks = lab.client("eks")

        def are_active() -> bool:
            names = eks.list_addons(clusterName=CLUSTER)["addons"]
            found = [eks.describe_addon(clusterName=CLUSTER, addonName=name)["addon"] for name in names]
            return {"eks-pod-identity-agent", "aws-ebs-csi-driver"} <= set(names) and all(
                each["status"] == "ACTIVE" for each in found
            )

        lab.play_until(are_active, 5, 20)
        lab.agree("lab", CLUSTER)

    def deploy(self) -> None:
        """Run nginx behind a Service, reached from another pod."""
        lab = self.lab
        self.kubectl("apply", "-f", "-", stdin=documents.WEB)
        lab.play_until(lambda: len(self.cluster.running("default", "app in (web,shell)")) == 4, 3)
        assert "Welcome to nginx!" in self.kubectl("exec", "shell", "--", "curl", "-s", "http://web")
        lab.agree("lab", CLUSTER)

    # --- pods and AWS ----------------------------------------------------------------------------------------

    def identities(self) -> None:
        """A bucket; a pod reads it by IRSA, another by Pod Identity, a third may not."""
        lab, iam = self.lab, self.lab.client("iam")
        lab.aws("s3", "mb", f"s3://{BUCKET}")
        self.lab.client("s3").put_object(Bucket=BUCKET, Key="hello.txt", Body=b"hello")
        issuer = self.ids["issuer"]
        lab.aws(
            *("iam", "create-open-id-connect-provider", "--url", issuer),
            *("--client-id-list", "sts.amazonaws.com"),
        )
        role(iam, "reads-by-irsa", documents.web_identity_trust(issuer, "default", "irsa"))
        role(iam, "reads-by-identity", documents.service_trust("pods.eks.amazonaws.com"))
        for name in ("reads-by-irsa", "reads-by-identity"):
            iam.put_role_policy(
                RoleName=name, PolicyName="reads", PolicyDocument=documents.reads_bucket(BUCKET)
            )
        lab.aws(
            *("eks", "create-pod-identity-association", "--cluster-name", CLUSTER, "--namespace", "default"),
            *(
                "--service-account",
                "identity",
                "--role-arn",
                f"arn:aws:iam::{ACCOUNT}:role/reads-by-identity",
            ),
        )
        text = documents.readers(f"arn:aws:iam::{ACCOUNT}:role/reads-by-irsa")
        self.kubectl("apply", "-f", "-", stdin=text)
        lab.play_until(lambda: len(self.cluster.running("default", "app=reader")) == 3, 3)
        command = ("--", "aws", "s3", "ls", f"s3://{BUCKET}")
        for name in ("irsa", "identity"):
            assert "hello.txt" in self.kubectl("exec", name, *command)
            who = self.kubectl("exec", name, "--", "aws", "sts", "get-caller-identity")
            assert f"assumed-role/reads-by-{name}/" in who
        refused = self.kubectl("exec", "nobody", *command, code=254)
        assert "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: User: " in refused
        assert f"arn:aws:sts::{ACCOUNT}:assumed-role/eks-node-group-role/i-" in refused
        assert f'is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::{BUCKET}"' in refused
        assert "because no identity-based policy allows the s3:ListBucket action" in refused
        lab.agree("lab", CLUSTER)

    def storage(self) -> None:
        """A claim becomes a volume in the zone of its pod, attached to the pod's instance."""
        lab = self.lab
        self.kubectl("apply", "-f", "-", stdin=documents.CLAIM)
        lab.play_until(lambda: len(self.cluster.running("default", "app=database")) == 1, 5)
        found = lab.aws(
            *("ec2", "describe-volumes"),
            *("--filters", "Name=tag:kubernetes.io/created-for/pvc/name,Values=data"),
        )["Volumes"]
        assert len(found) == 1
        volume = found[0]
        pod = self.cluster.running("default", "app=database")[0]
        _, node = self.cluster.get(f"/api/v1/nodes/{pod['spec']['nodeName']}")
        assert volume["AvailabilityZone"] == node["metadata"]["labels"]["topology.kubernetes.io/zone"]
        assert volume["Attachments"][0]["InstanceId"] == node["spec"]["providerID"].rpartition("/")[2]
        assert (volume["Size"], volume["VolumeType"], volume["State"]) == (8, "gp3", "in-use")
        self.kubectl("exec", "database", "--", "sh", "-c", "echo kept > /data/file")
        self.ids["volume"] = volume["VolumeId"]
        lab.agree("lab", CLUSTER)


def role(iam: Any, name: str, trusted: str, policies: tuple[str, ...] = ()) -> None:
    """Make a role with managed policies."""
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=f"{AMAZON}/{policy}")


def inventory(lab: AccountLab) -> dict[str, list[str]]:
    """Return everything billable or in the way that the account has: kind -> identifiers."""
    ec2, eks, iam = lab.client("ec2"), lab.client("eks"), lab.client("iam")
    instances = [
        each["InstanceId"]
        for one in ec2.describe_instances()["Reservations"]
        for each in one["Instances"]
        if each["State"]["Name"] != "terminated"
    ]
    nats = [
        each["NatGatewayId"]
        for each in ec2.describe_nat_gateways()["NatGateways"]
        if each["State"] != "deleted"
    ]
    names: dict[str, tuple[list[dict[str, Any]], str]] = {
        "interfaces": (ec2.describe_network_interfaces()["NetworkInterfaces"], "NetworkInterfaceId"),
        "volumes": (ec2.describe_volumes()["Volumes"], "VolumeId"),
        "groups": (ec2.describe_security_groups()["SecurityGroups"], "GroupId"),
        "subnets": (ec2.describe_subnets()["Subnets"], "SubnetId"),
        "vpcs": (ec2.describe_vpcs()["Vpcs"], "VpcId"),
        "addresses": (ec2.describe_addresses()["Addresses"], "AllocationId"),
        "templates": (ec2.describe_launch_templates()["LaunchTemplates"], "LaunchTemplateId"),
        "roles": (iam.list_roles()["Roles"], "RoleName"),
        "profiles": (iam.list_instance_profiles()["InstanceProfiles"], "InstanceProfileName"),
        "providers": (iam.list_open_id_connect_providers()["OpenIDConnectProviderList"], "Arn"),
    }
    found = {kind: sorted(each[name] for each in items) for kind, (items, name) in names.items()}
    return {
        **found,
        "instances": sorted(instances),
        "nats": sorted(nats),
        "clusters": eks.list_clusters()["clusters"],
    }


def forget(path: Path) -> None:
    """Remove a file that may not be there."""
    path.unlink(missing_ok=True)
