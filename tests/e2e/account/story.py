"""The guide's fifth chapter and what follows it, typed at a prompt: each method is one step of the story."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.account import documents
from tests.e2e.account.account_lab import REFUSED, AccountLab, ClusterClient
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
        for name, target, subnets in (
            ("public", ("--gateway-id", igw), self.public),
            ("private", ("--nat-gateway-id", nat), self.private),
        ):
            table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
            self.ids[name] = table
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

    # --- addresses -------------------------------------------------------------------------------------------

    def exhaust(self) -> None:
        """A node with more pods than its interfaces have address slots: the pods say so, and ipamd's log why."""
        lab, ec2 = self.lab, self.lab.client("ec2")
        made = ec2.create_subnet(VpcId=self.ids["vpc"], CidrBlock="10.0.20.0/26", AvailabilityZone=ZONES[0])[
            "Subnet"
        ]
        assert made["AvailableIpAddressCount"] == 59
        self.ids["small"] = subnet = made["SubnetId"]
        ec2.associate_route_table(RouteTableId=self.ids["private"], SubnetId=subnet)
        template = ec2.create_launch_template(
            LaunchTemplateName="many-pods",
            LaunchTemplateData={"InstanceType": "t3.medium", "UserData": documents.node_config(110)},
        )["LaunchTemplate"]["LaunchTemplateId"]
        self.ids["small template"] = template
        lab.client("eks").create_nodegroup(
            clusterName=CLUSTER,
            nodegroupName=SMALL,
            nodeRole=f"arn:aws:iam::{ACCOUNT}:role/eks-node-group-role",
            subnets=[subnet],
            scalingConfig={"minSize": 0, "maxSize": 3, "desiredSize": 1},
            launchTemplate={"id": template, "version": "1"},
        )
        lab.play_until(lambda: len(self.cluster.ready_nodes()) == 4, 5)
        self.kubectl("apply", "-f", "-", stdin=documents.MANY)
        lab.advance(180)
        # 3 interfaces of 6 addresses: 15 for pods. Whether the EBS driver's own pod is among them is a matter of who
        # asked first when the node became ready.
        _, pods = self.cluster.get("/api/v1/pods")
        held = {
            pod["metadata"]["namespace"]
            for pod in pods["items"]
            if pod["status"].get("podIP", "").startswith("10.0.20.") and not pod["spec"].get("hostNetwork")
        }
        many = len(self.cluster.running("default", "app=many"))
        assert many == (14 if "kube-system" in held else 15)
        assert self.small_free() == 59 - 18
        shown = self.kubectl("get", "events", "--field-selector", "reason=FailedCreatePodSandBox")
        assert "failed to assign an IP address to container" in shown
        assert "DataStore has no available IP/Prefix addresses" in self.ipamd_log()
        lab.agree("lab", CLUSTER)

    def delegate_prefixes(self) -> None:
        """Prefix delegation cures the lack of slots, on a node that begins with it."""
        lab = self.lab
        values = json.dumps({"env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}})
        lab.aws(
            *("eks", "create-addon", "--cluster-name", CLUSTER, "--addon-name", "vpc-cni"),
            *("--resolve-conflicts", "OVERWRITE", "--configuration-values", values),
        )
        # A prefix is a whole block of 16; of a /26 the two in the middle are, and nodes must keep out of them.
        ec2 = lab.client("ec2")
        for block in ("10.0.20.16/28", "10.0.20.32/28"):
            made = ec2.create_subnet_cidr_reservation(
                SubnetId=self.ids["small"], Cidr=block, ReservationType="prefix"
            )["SubnetCidrReservation"]
            self.ids.setdefault("reservations", []).append(made["SubnetCidrReservationId"])
        lab.advance(120)
        self.renew_small()
        lab.play_until(lambda: len(self.cluster.running("default", "app=many")) == 20, 5)
        assert self.small_free() == 59 - 1 - 2 * 16
        lab.agree("lab", CLUSTER)
        # It is no cure for a subnet that is too small.
        self.kubectl("scale", "deployment", "many", "--replicas=50")
        lab.advance(240)
        assert len(self.cluster.running("default", "app=many")) == 31
        log = self.ipamd_log()
        assert "InsufficientCidrBlocks" in log
        lab.agree("lab", CLUSTER)

    def network_custom(self) -> None:
        """A second CIDR block for pods alone cures the subnet: custom networking."""
        lab, ec2 = self.lab, self.lab.client("ec2")
        vpc = self.ids["vpc"]
        lab.aws("ec2", "associate-vpc-cidr-block", "--vpc-id", vpc, "--cidr-block", "100.64.0.0/16")
        made = ec2.create_subnet(VpcId=vpc, CidrBlock="100.64.0.0/19", AvailabilityZone=ZONES[0])["Subnet"]
        self.ids["pods"] = subnet = made["SubnetId"]
        ec2.associate_route_table(RouteTableId=self.ids["private"], SubnetId=subnet)
        found = lab.client("eks").describe_cluster(name=CLUSTER)["cluster"]
        group = found["resourcesVpcConfig"]["clusterSecurityGroupId"]
        self.kubectl("apply", "-f", "-", stdin=documents.eni_configs({ZONES[0]: subnet}, [group]))
        self.kubectl(
            *("set", "env", "daemonset", "aws-node", "-n", "kube-system"),
            *("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=true", "ENI_CONFIG_LABEL_DEF=topology.kubernetes.io/zone"),
        )
        lab.advance(60)
        self.renew_small()
        lab.play_until(lambda: len(self.cluster.running("default", "app=many")) == 50, 5)
        pods = self.cluster.running("default", "app=many")
        assert {each["status"]["podIP"].rpartition(".")[0][:6] for each in pods} == {"100.64"}
        for each in self.ids["reservations"]:
            ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=each)
        assert self.small_free() == 59 - 1
        lab.agree("lab", CLUSTER)

    def small_free(self) -> int:
        """Return AvailableIpAddressCount of the small subnet."""
        found = self.lab.client("ec2").describe_subnets(SubnetIds=[self.ids["small"]])["Subnets"]
        return int(found[0]["AvailableIpAddressCount"])

    def small_node(self) -> dict[str, Any] | None:
        """Return the node of the small group."""
        found = self.cluster.items(f"/api/v1/nodes?labelSelector=eks.amazonaws.com/nodegroup={SMALL}")
        return found[0] if found else None

    def ipamd_log(self) -> str:
        """Return the log of the CNI's daemon on the small group's node."""
        node = self.small_node()
        assert node is not None
        name = node["metadata"]["name"]
        pods = self.cluster.items("/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Daws-node")
        pod = next(each["metadata"]["name"] for each in pods if each["spec"]["nodeName"] == name)
        return self.kubectl("logs", "-n", "kube-system", pod, "-c", "aws-node", "--tail=200")

    def renew_small(self) -> None:
        """Terminate the small group's instance; the group starts another, which joins."""
        lab, before = self.lab, self.small_node()
        assert before is not None
        lab.client("ec2").terminate_instances(InstanceIds=[before["spec"]["providerID"].rpartition("/")[2]])

        def is_new() -> bool:
            now = self.small_node()
            is_other = now is not None and now["metadata"]["uid"] != before["metadata"]["uid"]
            return is_other and len(self.cluster.ready_nodes()) == 4

        lab.play_until(is_new, 10)

    # --- people ----------------------------------------------------------------------------------------------

    def second_person(self) -> None:
        """Another user is refused until an access entry and a policy let them look, and only look."""
        lab, iam = self.lab, self.lab.client("iam")
        arn = lab.aws("iam", "create-user", "--user-name", "dev")["User"]["Arn"]
        key = iam.create_access_key(UserName="dev")["AccessKey"]
        their = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

        def kubectl(*arguments: str, code: int = 0) -> str:
            return lab.kubectl_as(self.kubeconfig, *arguments, code=code, **their)

        assert "error: You must be logged in to the server" in kubectl("get", "pods", code=1)
        cluster = ("--cluster-name", CLUSTER, "--principal-arn", arn)
        lab.aws("eks", "create-access-entry", *cluster)
        lab.aws(
            *(
                "eks",
                "associate-access-policy",
                *cluster,
                "--access-scope",
                "type=namespace,namespaces=default",
            ),
            *("--policy-arn", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"),
        )
        lab.advance(30)
        assert "web-" in kubectl("get", "pods")
        assert 'User "dev" cannot delete' not in kubectl("delete", "deployment", "web", code=1)
        refused = kubectl("get", "nodes", code=1)
        assert f'nodes is forbidden: User "{arn}" cannot list resource "nodes"' in refused
        refused = lab.aws("eks", "list-clusters", code=REFUSED, environment=their)
        assert f"User: {arn} is not authorized to perform: eks:ListClusters" in refused

    # --- the end ---------------------------------------------------------------------------------------------

    def delete(self) -> None:
        """Everything in the right order; the wrong one is refused."""
        lab, iam = self.lab, self.lab.client("iam")
        aws, eks, ec2 = lab.aws, lab.client("eks"), lab.client("ec2")
        in_use = aws("eks", "delete-cluster", "--name", CLUSTER, code=REFUSED)
        assert "(ResourceInUseException) when calling the DeleteCluster operation" in in_use
        in_use = aws("ec2", "delete-subnet", "--subnet-id", self.private[ZONES[0]], code=REFUSED)
        assert "(DependencyViolation) when calling the DeleteSubnet operation" in in_use
        in_use = aws("ec2", "detach-internet-gateway", *self._gateway(), code=REFUSED)
        assert "(DependencyViolation) when calling the DetachInternetGateway operation" in in_use
        in_use = aws("iam", "delete-role", "--role-name", "eks-node-group-role", code=REFUSED)
        assert "(DeleteConflict) when calling the DeleteRole operation" in in_use
        self.kubectl("delete", "deployment,pod,pvc", "--all", "--wait=false")
        lab.advance(120)
        assert (
            ec2.describe_volumes(Filters=[{"Name": "volume-id", "Values": [self.ids["volume"]]}])["Volumes"]
            == []
        )
        for name in (GROUP, SMALL):
            eks.delete_nodegroup(clusterName=CLUSTER, nodegroupName=name)
        lab.play_until(lambda: not eks.list_nodegroups(clusterName=CLUSTER)["nodegroups"], 20, 30)
        lab.aws("eks", "wait", "nodegroup-deleted", "--cluster-name", CLUSTER, "--nodegroup-name", GROUP)
        # The cloud controller looks after the nodes, and the garbage collector after their pods.
        lab.play_until(lambda: not any(each["spec"].get("nodeName") for each in self._pods()), 5)
        assert self.cluster.items("/api/v1/nodes") == []
        lab.agree("lab", CLUSTER)
        aws("eks", "delete-cluster", "--name", CLUSTER)
        lab.play_until(lambda: CLUSTER not in eks.list_clusters()["clusters"], 20, 30)
        aws("eks", "wait", "cluster-deleted", "--name", CLUSTER)
        lab.agree("lab")
        assert self.free() == self.ids["free"]
        assert self.small_free() == 59
        self._clear_network(ec2)
        self._clear_identities(iam)
        aws("s3", "rb", f"s3://{BUCKET}", "--force")
        assert differences(self.before, inventory(lab)) == []
        lab.agree("lab")

    def _pods(self) -> list[dict[str, Any]]:
        return self.cluster.items("/api/v1/pods")

    def _gateway(self) -> tuple[str, ...]:
        return ("--internet-gateway-id", self.ids["igw"], "--vpc-id", self.ids["vpc"])

    def _clear_network(self, ec2: Any) -> None:
        vpc = self.ids["vpc"]
        for name in ("template", "small template"):
            ec2.delete_launch_template(LaunchTemplateId=self.ids[name])
        ec2.delete_nat_gateway(NatGatewayId=self.ids["nat"])

        def is_gone() -> bool:
            found = ec2.describe_nat_gateways(NatGatewayIds=[self.ids["nat"]])["NatGateways"]
            return not found or found[0]["State"] == "deleted"

        self.lab.play_until(is_gone, 5)
        ec2.release_address(AllocationId=self.ids["address"])
        ec2.detach_internet_gateway(InternetGatewayId=self.ids["igw"], VpcId=vpc)
        ec2.delete_internet_gateway(InternetGatewayId=self.ids["igw"])
        for subnet in (*self.private.values(), *self.public.values(), self.ids["small"], self.ids["pods"]):
            ec2.delete_subnet(SubnetId=subnet)
        for name in ("public", "private"):
            ec2.delete_route_table(RouteTableId=self.ids[name])
        ec2.delete_vpc(VpcId=vpc)

    def _clear_identities(self, iam: Any) -> None:
        for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
            iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=each["Arn"])
        for each in iam.list_access_keys(UserName="dev")["AccessKeyMetadata"]:
            iam.delete_access_key(UserName="dev", AccessKeyId=each["AccessKeyId"])
        iam.delete_user(UserName="dev")
        made = (
            "eks-control-plane-role",
            "eks-node-group-role",
            "ebs-csi",
            "reads-by-irsa",
            "reads-by-identity",
        )
        for name in made:
            for each in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=name, PolicyArn=each["PolicyArn"])
            for each in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                iam.delete_role_policy(RoleName=name, PolicyName=each)
            iam.delete_role(RoleName=name)


def role(iam: Any, name: str, trusted: str, policies: tuple[str, ...] = ()) -> None:
    """Make a role with managed policies."""
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=f"{AMAZON}/{policy}")


def differences(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    """Return what came and what went."""
    return [
        f"{kind} {name} {'came' if name in after[kind] else 'went'}"
        for kind in before
        for name in sorted({*before[kind]} ^ {*after[kind]})
    ]


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
