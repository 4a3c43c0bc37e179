"""What LocalStack's free edition has, what it lacks, and what a learner is told then; through localstack-client."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from localstack_client.session import Session

from eks_lab.sandbox.backends.docker.localstack import IMAGE
from eks_lab.sandbox.state_directory import StateDirectory
from tests.localstack.conftest import REGION
from tests.localstack.running import RealLocalStack

TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders/*"}


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def session(door: StateDirectory) -> Session:
    own = json.loads(door.aws_environment.read_bytes())
    return Session(
        aws_access_key_id=own["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=own["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
        localstack_host=own["AWS_ENDPOINT_URL"].removeprefix("http://"),
    )


def test_it_is_the_version_that_docker_would_start(localstack: RealLocalStack) -> None:
    assert localstack.health.version == IMAGE.rpartition(":")[2]


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "name"),
    [
        ("elbv2", "describe_load_balancers", {}, "Elastic Load Balancing"),
        ("efs", "describe_file_systems", {}, "Elastic File System"),
        ("ecr", "describe_repositories", {}, "Elastic Container Registry"),
        ("autoscaling", "describe_auto_scaling_groups", {}, "EC2 Auto Scaling"),
    ],
)
def test_what_is_not_in_the_free_edition_is_said_in_our_words(
    session: Session, service: str, operation: str, arguments: dict[str, Any], name: str
) -> None:
    with pytest.raises(ClientError) as error:
        getattr(session.client(service), operation)(**arguments)
    message = error.value.response["Error"]["Message"]
    assert f"The free edition of LocalStack has no {name}" in message
    assert "eks-lab sandbox up --backend embedded" in message
    assert "license plan" not in message


def test_eks_itself_is_not_localstacks(session: Session, localstack: RealLocalStack) -> None:
    """LocalStack refuses; behind our door the embedded account answers, and says what it cannot change."""
    direct = Session(region_name=REGION, localstack_host=localstack.url.removeprefix("http://"))
    with pytest.raises(ClientError, match="license plan"):
        direct.client("eks").list_clusters()
    eks = session.client("eks")
    assert eks.list_clusters()["clusters"] == ["lab"]
    assert eks.describe_cluster(name="lab")["cluster"]["endpoint"] == "https://127.0.0.1:40123"
    with pytest.raises(ClientError, match="would change nothing here"):
        eks.create_addon(clusterName="lab", addonName="vpc-cni")


def test_both_halves_are_one_account(session: Session) -> None:
    cluster = session.client("eks").describe_cluster(name="lab")["cluster"]
    account = session.client("sts").get_caller_identity()["Account"]
    assert cluster["arn"].split(":")[4] == account
    subnets = session.client("ec2").describe_subnets(SubnetIds=cluster["resourcesVpcConfig"]["subnetIds"])
    assert {each["VpcId"] for each in subnets["Subnets"]} == {cluster["resourcesVpcConfig"]["vpcId"]}
    role = session.client("iam").get_role(RoleName=cluster["roleArn"].rpartition("/")[2])["Role"]
    assert role["Arn"] == cluster["roleArn"]


def test_ec2(session: Session) -> None:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]
    assert subnet["AvailableIpAddressCount"] == 251
    interface = ec2.create_network_interface(SubnetId=subnet["SubnetId"])["NetworkInterface"]
    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=vpc)
    with pytest.raises(ClientError, match=r"InvalidVpcID\.NotFound"):
        ec2.describe_vpcs(VpcIds=[vpc])


def test_iam(session: Session) -> None:
    iam = session.client("iam")
    iam.create_role(RoleName="orders", AssumeRolePolicyDocument=policy(TRUST))
    iam.put_role_policy(RoleName="orders", PolicyName="read", PolicyDocument=policy(READ))
    assert iam.list_role_policies(RoleName="orders")["PolicyNames"] == ["read"]
    iam.delete_role_policy(RoleName="orders", PolicyName="read")
    iam.delete_role(RoleName="orders")


def test_s3(session: Session) -> None:
    s3 = session.client("s3")
    s3.create_bucket(Bucket="orders")
    s3.put_object(Bucket="orders", Key="one", Body=b"1")
    assert s3.get_object(Bucket="orders", Key="one")["Body"].read() == b"1"
    assert s3.head_object(Bucket="orders", Key="one")["ContentLength"] == 1


def test_logs_and_metrics(session: Session) -> None:
    logs = session.client("logs")
    logs.create_log_group(logGroupName="/shop/orders")
    logs.put_retention_policy(logGroupName="/shop/orders", retentionInDays=7)
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/shop")["logGroups"]
    assert group["retentionInDays"] == 7
    cloudwatch = session.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "orders", "Value": 1.0}])
    (metric,) = cloudwatch.list_metrics(Namespace="Shop")["Metrics"]
    assert metric["MetricName"] == "orders"


def test_sqs(session: Session) -> None:
    sqs = session.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="one")
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert message["Body"] == "one"
