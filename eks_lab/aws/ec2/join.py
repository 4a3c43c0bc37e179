"""Why an instance becomes a node, or does not: what happens between its first boot and its registration.

The steps are those of an AL2023 node: cloud-init, nodeadm, the kubelet. Each may stop, and then says so in the
words of the program that stops. Sources: awslabs/amazon-eks-ami (nodeadm), the EKS user guide's "Nodes fail to join
cluster", and awslabs/amazon-eks-ami issue 1837 for the kubelet's line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from eks_lab.aws import machine_images
from eks_lab.aws.ec2 import user_data
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.cloud import instance_principal
from eks_lab.aws.ec2.cluster_path import EndpointPath, to_cluster
from eks_lab.aws.ec2.instances import Instance
from eks_lab.aws.ec2.reachability import to_service
from eks_lab.aws.ec2.user_data import NodeConfig, UserData
from eks_lab.sim.objects import Key, Obj

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

CLUSTERS = "clusters.eks"
NODES_GROUP = "system:nodes"
NODE_PREFIX = "system:node:"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an instance is meant to become; of a managed node group EKS says it, else its user data does."""

    cluster: str = ""
    nodegroup: str = ""
    version: str = ""
    """Kubernetes minor version of a managed group's kubelet; empty takes that of the image."""
    ami_type: str = "CUSTOM"
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Mapping[str, str], ...] = ()
    generation: str = ""

    @property
    def is_complete(self) -> bool:
        """Say whether EKS writes the NodeConfig itself: a managed group with an AMI of EKS."""
        return bool(self.nodegroup) and self.ami_type != "CUSTOM"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far an instance got."""

    cluster: str
    """Whose node it is, or wants to be; empty when nothing tells it."""
    node_name: str
    config: NodeConfig
    version: str
    """Kubernetes minor version of the kubelet; empty when there is none."""
    problem: str = ""
    """Empty when it may register; else what stops it, as the node's log says it."""
    lines: tuple[tuple[str, str], ...] = ()
    """Program and what it logs, in order."""
    is_final: bool = False
    """Whether it will not try again: cloud-init and nodeadm run once."""

    @property
    def may_register(self) -> bool:
        """Say whether the node is to be created."""
        return not self.problem


def judge(account: Account, ec2: Ec2Backend, instance: Instance, plan: Plan) -> Verdict:
    """Play an instance's first boot up to its registration.

    Args:
        account: with its clusters.
        ec2: backend of the instance's region.
        instance: running since long enough to have booted.
        plan: what EKS wants of it; an empty one for an instance that somebody launched by hand.
    """
    text = user_data.decode(str(instance.user_data)) if instance.user_data else ""
    data = user_data.read(text)
    own = data.config or NodeConfig()
    cluster = plan.cluster if plan.is_complete else own.cluster or plan.cluster
    name = instance.private_dns_name
    image = machine_images.image_with_id(str(instance.image_id), account.region)
    version = plan.version if plan.is_complete else (image.version if image is not None else "")
    lines = list(_cloud_init(data))

    def ends(problem: str, program: str, line: str, *, is_final: bool = False) -> Verdict:
        return Verdict(cluster, name, own, version, problem, (*lines, (program, line)), is_final)

    if not plan.is_complete:
        if image is None:
            return ends(
                f"image {instance.image_id} is no EKS-optimized AMI: no kubelet runs on it",
                "systemd[1]",
                "Reached target multi-user.target - Multi-User System.",
                is_final=True,
            )
        if data.config is None or data.problem:
            problem = data.problem or "could not find NodeConfig within UserData"
            if data.calls_bootstrap:
                problem = f"{user_data.BOOTSTRAP}: No such file or directory"
            return ends(
                problem, "nodeadm[1612]", _nodeadm("Command failed", data.problem or problem), is_final=True
            )
        if not own.cluster or not own.endpoint or not own.certificate_authority:
            missing = (
                "name"
                if not own.cluster
                else "apiServerEndpoint"
                if not own.endpoint
                else "certificateAuthority"
            )
            problem = f"{missing} is missing in cluster configuration"
            return ends(problem, "nodeadm[1612]", _nodeadm("Command failed", problem), is_final=True)
    stopped = _aws_problem(account, ec2, instance)
    if stopped is not None:
        return ends(stopped[0], "nodeadm[1612]", stopped[1])
    lines.extend(_STARTED)
    record = account.store.get(CLUSTERS, Key("", cluster))
    control_plane = account.kubernetes.cluster(cluster)
    if record is None or control_plane is None:
        host = own.endpoint or f"the endpoint of {cluster}"
        return ends(
            f"dial tcp: lookup {host}: no such host", "kubelet[1893]", _unable(name, f"no such host: {host}")
        )
    spec: Obj = record["spec"]
    endpoint = account.kubernetes.endpoint(cluster)
    if not plan.is_complete:
        wrong = _wrong_configuration(account, cluster, own, endpoint)
        if wrong:
            return ends(wrong, "kubelet[1893]", _unable(name, f'Post "{own.endpoint}/api/v1/nodes": {wrong}'))
    way = to_cluster(ec2, instance.nics[0], spec)
    if not way.path.is_open:
        error = _unreachable(endpoint, way)
        return ends(f"{error}: {way.path.reason}", "kubelet[1893]", _unable(name, error))
    lines.extend(_image_warnings(ec2, instance))
    refused = _identity_problem(account, ec2, instance, cluster)
    if refused:
        return ends(refused, "kubelet[1893]", _unable(name, refused))
    lines.append(_registered(name))
    return Verdict(cluster, name, own, version, "", tuple(lines))


# --- the steps -------------------------------------------------------------------------------------------


def _cloud_init(data: UserData) -> Sequence[tuple[str, str]]:
    lines = [("cloud-init[1301]", "Cloud-init v. 22.2.2 running 'modules:final'")]
    if data.calls_bootstrap:
        script = "/var/lib/cloud/instance/scripts/part-001"
        lines.append(
            (
                "cloud-init[1301]",
                f"{script}: line {data.bootstrap_line}: {user_data.BOOTSTRAP}: No such file or directory",
            )
        )
        lines.append(("cloud-init[1301]", "util.py[WARNING]: Failed running scripts-user [exit code 127]"))
    return lines


def _aws_problem(account: Account, ec2: Ec2Backend, instance: Instance) -> tuple[str, str] | None:
    """Return problem and line when nodeadm cannot ask EC2 about its own instance."""
    path = to_service(ec2, instance.nics[0], "ec2")
    if not path.is_open:
        host = f"ec2.{ec2.region_name}.amazonaws.com"
        error = f"operation error EC2: DescribeInstances, exceeded maximum number of attempts: dial tcp: {host}:443: i/o timeout"
        return f"no way to EC2's API: {path.reason}", _nodeadm("Command failed", error)
    principal = instance_principal(account, ec2, instance.id)
    if principal is None:
        error = "operation error ec2imds: GetMetadata, http response error StatusCode: 404, no EC2 IMDS role found"
        return "the instance has no role: " + error, _nodeadm("Command failed", error)
    if not account.iam.decide(principal, "ec2:DescribeInstances").allowed:
        error = (
            "operation error EC2: DescribeInstances, https response error StatusCode: 403, api error"
            f" UnauthorizedOperation: You are not authorized to perform this operation. User: {principal.arn}"
            " is not authorized to perform: ec2:DescribeInstances"
        )
        return error, _nodeadm("Command failed", error)
    return None


def _wrong_configuration(account: Account, cluster: str, config: NodeConfig, endpoint: str) -> str:
    """Return what a kubelet says whose NodeConfig does not fit its cluster; empty when it does."""
    if config.endpoint.rstrip("/") != endpoint.rstrip("/"):
        host = config.endpoint.partition("://")[2] or config.endpoint
        return f"dial tcp: lookup {host}: no such host"
    authority = account.kubernetes.certificate_authority(cluster)
    if authority and "".join(config.certificate_authority.split()) != "".join(authority.split()):
        return "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    return ""


def _unreachable(endpoint: str, way: EndpointPath) -> str:
    if not way.address:
        host = endpoint.partition("://")[2]
        return f"dial tcp: lookup {host} on 169.254.169.253:53: no such host"
    return f'Post "{endpoint}/api/v1/nodes": dial tcp {way.address}:443: i/o timeout'


def _image_warnings(ec2: Ec2Backend, instance: Instance) -> Sequence[tuple[str, str]]:
    """Return what containerd says when images cannot be pulled: the node registers all the same."""
    found = []
    for service in ("ecr.api", "ecr.dkr", "s3"):
        path = to_service(ec2, instance.nics[0], service)
        if not path.is_open:
            found.append(
                (
                    "containerd[1540]",
                    f"failed to pull image: no way to {service}: i/o timeout ({path.reason})",
                )
            )
    return found


def _identity_problem(account: Account, ec2: Ec2Backend, instance: Instance, cluster: str) -> str:
    """Return why the API server refuses the node's role; empty when it may register."""
    from eks_lab.aws.eks.access import user_of

    principal = instance_principal(account, ec2, instance.id)
    eks: Any = account.services["eks"]
    user = user_of(eks.eks, cluster, principal) if principal is not None else None
    if user is None:
        return "Unauthorized"
    name = instance.private_dns_name
    # A node is who is called system:node:NAME and is in system:nodes; everybody else is left to RBAC, which gives it to
    # nobody (kubernetes.io/docs/reference/access-authn-authz/node, Authorization and authentication).
    if NODES_GROUP not in user.groups or not user.name.startswith(NODE_PREFIX):
        return (
            f'nodes "{name}" is forbidden: User "{user.name}" cannot create resource "nodes" in API group ""'
            " at the cluster scope"
        )
    called = user.name.removeprefix(NODE_PREFIX)
    if called != name:
        return f'nodes "{name}" is forbidden: node "{called}" is not allowed to modify node "{name}"'
    return ""


# --- words -----------------------------------------------------------------------------------------------


def _unable(node: str, error: str) -> str:
    quoted = error.replace('"', '\\"')
    return f'E kubelet_node_status.go:107] "Unable to register node with API server" err="{quoted}" node="{node}"'


def _nodeadm(message: str, error: str = "") -> str:
    level = "fatal" if error else "info"
    found = {
        "level": level,
        "caller": "nodeadm/main.go:36",
        "msg": message,
        **({"error": error} if error else {}),
    }
    return json.dumps(found, separators=(",", ":"))


_STARTED = (
    ("nodeadm[1612]", _nodeadm("Configuring kubelet...")),
    ("systemd[1]", "Started kubelet.service - Kubernetes Kubelet."),
)


def _registered(node: str) -> tuple[str, str]:
    return "kubelet[1893]", f'I kubelet_node_status.go:78] "Successfully registered node" node="{node}"'


def registered_lines(node: str) -> tuple[tuple[str, str], ...]:
    """Return what a node logs that nothing stopped."""
    return (*_cloud_init(UserData()), *_STARTED, _registered(node))


def journal(now: datetime, node_name: str, lines: Sequence[tuple[str, str]]) -> list[str]:
    """Return lines of a node's journal, as `journalctl` prints them.

    Args:
        now: when they were written.
        node_name: of the host.
        lines: program and text; a kubelet's text begins with the letter of its severity.
    """
    host = node_name or "localhost"
    found = []
    for program, text in lines:
        if program.startswith("kubelet"):
            number = program.partition("[")[2].rstrip("]")
            text = f"{text[0]}{now:%m%d %H:%M:%S}.{now.microsecond:06d} {number:>7} {text[2:]}"
        found.append(f"{now:%b %d %H:%M:%S} {host} {program}: {text}")
    return found
