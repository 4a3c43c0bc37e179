"""The one door to AWS: boto3 against the real daemon, with a LocalStack that only answers what it is told to."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from eks_lab.aws.gateway.http_request import HttpRequest
from eks_lab.sandbox import client, launch
from eks_lab.sandbox.backends.docker import seeding
from eks_lab.sandbox.backends.docker.front_door import service_of
from eks_lab.sandbox.state_directory import StateDirectory
from tests.sandbox.backends.fake_machine import FakeLocalStack

SERVER, AUTHORITY = "https://127.0.0.1:40123", "Q0E="
LICENCE = (
    "The API for service 'elbv2' is either not included in your current license plan or has not yet been emulated "
    "by LocalStack. Please refer to https://docs.localstack.cloud/references/coverage for more details."
)
XML = (
    "<?xml version='1.0' encoding='utf-8'?>\n"
    '<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><Error>'
    f"<Code>InternalFailure</Code><Message>{LICENCE}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
)
ECR = LICENCE.replace("elbv2", "ecr")


@pytest.fixture(scope="module")
def localstack() -> Iterator[FakeLocalStack]:
    """Answer as LocalStack does, on loopback."""
    fake = FakeLocalStack()
    yield fake
    fake.close()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, localstack: FakeLocalStack) -> Iterator[StateDirectory]:
    """Run the daemon before that LocalStack."""
    directory = StateDirectory(tmp_path_factory.mktemp("door") / "gateway")
    registered = {"server": SERVER, "authority": AUTHORITY}
    wishes = {"nodes": 0, "port": 0, "aws_port": 0, "localstack": localstack.url, "registered": registered}
    launch.start(directory, wishes)
    yield directory
    launch.stop(directory)


def aws(door: StateDirectory, service: str) -> Any:
    found = json.loads(door.aws_environment.read_bytes())
    return boto3.client(
        service,
        endpoint_url=found["AWS_ENDPOINT_URL"],
        region_name=found["AWS_REGION"],
        aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"max_attempts": 0}),
    )


def test_eks_names_the_real_cluster_and_never_asks_localstack(
    door: StateDirectory, localstack: FakeLocalStack
) -> None:
    localstack.asked.clear()
    eks = aws(door, "eks")
    assert eks.list_clusters()["clusters"] == ["lab"]
    found = eks.describe_cluster(name="lab")["cluster"]
    assert (found["endpoint"], found["certificateAuthority"]["data"]) == (SERVER, AUTHORITY)
    assert found["status"] == "ACTIVE"
    assert localstack.asked == []


def test_writes_to_eks_that_could_do_nothing_are_refused(door: StateDirectory) -> None:
    eks = aws(door, "eks")
    role = "arn:aws:iam::123456789012:role/eks-lab-node"
    with pytest.raises(ClientError, match=r"would change nothing here.*--backend embedded") as refused:
        eks.create_nodegroup(clusterName="lab", nodegroupName="more", subnets=["subnet-1"], nodeRole=role)
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"
    with pytest.raises(ClientError, match="DeleteCluster would change nothing"):
        eks.delete_cluster(name="lab")
    arn = eks.describe_cluster(name="lab")["cluster"]["arn"]
    eks.tag_resource(resourceArn=arn, tags={"team": "shop"})
    assert eks.describe_cluster(name="lab")["cluster"]["tags"]["team"] == "shop"


def test_everything_else_goes_to_localstack_with_the_same_account(
    door: StateDirectory, localstack: FakeLocalStack
) -> None:
    body = (
        b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        b"<Arn>arn:aws:iam::123456789012:root</Arn><UserId>U</UserId><Account>123456789012</Account>"
        b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    localstack.asked.clear()
    localstack.answers = lambda *_: (200, "text/xml", body)
    assert aws(door, "sts").get_caller_identity()["Account"] == "123456789012"
    method, path, headers, sent = localstack.asked[-1]
    assert (method, path) == ("POST", "/")
    assert b"Action=GetCallerIdentity" in sent
    assert "Credential=123456789012/" in headers["authorization"]
    assert "Signature=" in headers["authorization"]


def test_presigned_urls_and_heads_pass(door: StateDirectory, localstack: FakeLocalStack) -> None:
    localstack.answers = lambda *_: (200, "text/plain", b"hello")
    s3 = aws(door, "s3")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "one-bucket", "Key": "a b/c"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url) as answer:
        assert answer.read() == b"hello"
    assert "/one-bucket/a%20b/c?" in localstack.asked[-1][1]
    assert s3.head_object(Bucket="one-bucket", Key="a b/c")["ContentLength"] == 5


@pytest.mark.parametrize(
    ("service", "operation", "answer", "what"),
    [
        ("elbv2", "describe_load_balancers", (501, "text/xml", XML.encode()), "Elastic Load Balancing"),
        (
            "ecr",
            "describe_repositories",
            (501, "application/json", json.dumps({"__type": "InternalFailure", "message": ECR}).encode()),
            "Elastic Container Registry",
        ),
    ],
)
def test_what_the_licence_lacks_is_said_in_one_sentence(
    door: StateDirectory,
    localstack: FakeLocalStack,
    service: str,
    operation: str,
    answer: tuple[int, str, bytes],
    what: str,
) -> None:
    localstack.answers = lambda *_: answer
    with pytest.raises(ClientError) as refused:
        getattr(aws(door, service), operation)()
    message = refused.value.response["Error"]["Message"]
    assert message.startswith(f"The free edition of LocalStack has no {what}. ")
    assert "--backend embedded" in message
    assert "license plan" not in message


def test_other_answers_come_through_untouched(door: StateDirectory, localstack: FakeLocalStack) -> None:
    plain = json.dumps({"__type": "RepositoryNotFoundException", "message": f"not ours: {ECR}"}).encode()
    localstack.answers = lambda *_: (400, "application/x-amz-json-1.1", plain)
    with pytest.raises(ClientError, match="not ours: The API for service 'ecr' is either"):
        aws(door, "ecr").describe_repositories()


def test_a_localstack_that_is_gone_is_said_in_the_words_of_the_service(tmp_path: Path) -> None:
    directory = StateDirectory(tmp_path / "gateway")
    registered = {"server": SERVER, "authority": AUTHORITY}
    # Nobody listens, and nobody else may begin to: a port that was let go could be another program's next.
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    gone = f"http://127.0.0.1:{held.getsockname()[1]}"
    wishes = {"nodes": 0, "port": 0, "aws_port": 0, "localstack": gone, "registered": registered}
    try:
        launch.start(directory, wishes)
        with pytest.raises(ClientError, match=r"LocalStack does not answer.*eks-lab sandbox up") as refused:
            aws(directory, "ec2").describe_vpcs()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert aws(directory, "eks").list_clusters()["clusters"] == ["lab"]
    finally:
        launch.stop(directory)
        held.close()


class FakeEc2:
    """Takes VPCs and subnets."""

    def __init__(self) -> None:
        self.vpcs: list[str] = []
        self.subnets: list[dict[str, Any]] = []

    def describe_vpcs(self) -> dict[str, Any]:
        return {"Vpcs": [{"VpcId": each} for each in self.vpcs]}

    def create_vpc(self, **params: Any) -> None:
        self.vpcs.append(_custom_id(params))

    def create_subnet(self, **params: Any) -> None:
        self.subnets.append(params)


class FakeIam:
    """Takes roles."""

    def __init__(self) -> None:
        self.roles: dict[str, list[str]] = {}

    def list_roles(self) -> dict[str, Any]:
        return {"Roles": [{"RoleName": each} for each in self.roles]}

    def create_role(self, *, RoleName: str, Path: str, AssumeRolePolicyDocument: str) -> None:  # noqa: N803
        json.loads(AssumeRolePolicyDocument)
        self.roles[RoleName] = []

    def attach_role_policy(self, *, RoleName: str, PolicyArn: str) -> None:  # noqa: N803
        self.roles[RoleName].append(PolicyArn)


def _custom_id(params: Mapping[str, Any]) -> str:
    tags = {each["Key"]: each["Value"] for each in params["TagSpecifications"][0]["Tags"]}
    found: str = tags["_custom_id_"]
    return found


def test_localstack_gets_the_network_and_roles_that_eks_names(
    door: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: dict[str, Any] = {"ec2": FakeEc2(), "iam": FakeIam()}
    asked: dict[str, Any] = {}

    class FakeSession:
        def __init__(self, **settings: Any) -> None:
            asked.update(settings)

        def client(self, name: str) -> Any:
            return parts[name]

    monkeypatch.setattr("localstack_client.session.Session", FakeSession)
    ask = seeding.asking(client.required(door).lab)
    made = seeding.seed(ask, "127.0.0.1:4567", "123456789012", "us-east-1")
    assert asked["localstack_host"] == "127.0.0.1:4567"
    assert asked["aws_access_key_id"] == "123456789012"
    cluster = aws(door, "eks").describe_cluster(name="lab")["cluster"]
    network = cluster["resourcesVpcConfig"]
    assert network["vpcId"] in parts["ec2"].vpcs
    assert set(network["subnetIds"]) <= {_custom_id(each) for each in parts["ec2"].subnets}
    role = cluster["roleArn"].rpartition("/")[2]
    assert parts["iam"].roles[role] == ["arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"]
    assert made == len(parts["ec2"].vpcs) + len(parts["ec2"].subnets) + len(parts["iam"].roles)
    assert seeding.seed(ask, "127.0.0.1:4567", "123456789012", "us-east-1") == 0


@pytest.mark.parametrize(
    ("headers", "service"),
    [
        ({"host": "eks.us-east-1.amazonaws.com"}, "eks"),
        ({"host": "eks-auth.us-east-1.amazonaws.com:443"}, "eks-auth"),
        ({"host": "127.0.0.1:4566"}, ""),
        ({"host": "my-bucket.localhost:4566"}, ""),
        ({"host": "x", "authorization": "Bearer x"}, ""),
    ],
)
def test_unsigned_requests_are_told_by_their_host(headers: dict[str, str], service: str) -> None:
    assert service_of(HttpRequest("GET", "/", headers=headers)) == service
