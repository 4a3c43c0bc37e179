"""moto: light, in simulated time, kept and restored."""

from __future__ import annotations

import functools
import pickle
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from eks_lab.aws import moto_state
from eks_lab.aws.moto_loading import Moto, package_of, regions_of
from eks_lab.aws.principal import root
from eks_lab.errors import DataError
from tests.aws.account_fake import FakeAccount, add_user, allow, key_of

LIGHT = """
import sys
from datetime import UTC, datetime
from eks_lab.aws.moto_loading import Moto
from eks_lab.clock import SimClock
class Account:
    id, region, seed, clock = "123456789012", "us-east-1", 7, SimClock(datetime(2026, 11, 20, tzinfo=UTC))
Moto(Account()).backend("ec2").create_vpc("10.0.0.0/16")
print(sorted({"boto3", "responses", "s3transfer", "botocore.session", "botocore.client", "flask", "docker"} & set(sys.modules)))
import boto3
print(hasattr(boto3, "client"))
"""


def test_moto_comes_without_what_it_needs_only_for_mocking() -> None:
    found = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == ["[]", "True"]


TWO_WORLDS = """
from datetime import UTC, datetime
from eks_lab.aws.moto_loading import Moto
from eks_lab.clock import SimClock
class Account:
    id, region, seed, clock = "123456789012", "us-east-1", 7, SimClock(datetime(2026, 11, 20, tzinfo=UTC))
for _ in range(2):
    moto = Moto(Account())
    moto.backend("iam")
    print(moto.backend("ec2").create_vpc("10.0.0.0/16").id)
"""


def test_the_first_account_of_a_process_has_the_ids_of_the_next() -> None:
    found = subprocess.run([sys.executable, "-c", TWO_WORLDS], capture_output=True, text=True, check=True)
    first, second = found.stdout.splitlines()
    assert first == second


def test_services_and_regions_are_known() -> None:
    assert Moto.has("ec2")
    assert not Moto.has("pricing")
    assert package_of("service-quotas") == "servicequotas"
    assert "us-east-1" in regions_of("elbv2")
    assert "us-east-9" not in regions_of("ec2")


def test_models_tell_simulated_time(fake_account: FakeAccount) -> None:
    owner = root(fake_account.id)
    add_user(fake_account, "ada")
    fake_account.clock.advance(timedelta(days=10))
    now = fake_account.clock.now()
    volume = fake_account.call(
        "ec2", "CreateVolume", {"AvailabilityZone": "us-east-1a", "Size": 1}, principal=owner
    )
    assert volume["CreateTime"] == now
    made = fake_account.call(
        "secretsmanager", "CreateSecret", {"Name": "x", "SecretString": "y"}, principal=owner
    )
    found = fake_account.call("secretsmanager", "DescribeSecret", {"SecretId": made["ARN"]}, principal=owner)
    assert found["CreatedDate"] == now


def fill(account: FakeAccount) -> None:
    """Use a service of every kind."""
    owner = root(account.id)

    def call(service: str, operation: str, **params: Any) -> dict[str, Any]:
        return account.call(service, operation, params, principal=owner)

    add_user(account, "ada", allow("*"))
    account.moto.backend("iam").attach_user_policy("arn:aws:iam::aws:policy/ReadOnlyAccess", "ada")
    call("s3", "CreateBucket", Bucket="data")
    call("s3", "PutObject", Bucket="data", Key="k", Body=b"hello")
    call("kms", "CreateKey")
    call("kms", "CreateKey", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    call("sqs", "CreateQueue", QueueName="q")
    call("sqs", "SendMessage", QueueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/q", MessageBody="m")
    call("logs", "CreateLogGroup", logGroupName="g")
    call("ecr", "CreateRepository", repositoryName="app")
    call("efs", "CreateFileSystem", CreationToken="t")
    call("secretsmanager", "CreateSecret", Name="s", SecretString="v")
    call("ssm", "PutParameter", Name="p", Value="v", Type="String")
    call("ssm", "GetParameter", Name="/aws/service/bottlerocket/aws-k8s-1.36/x86_64/latest/image_id")
    key = {"AttributeName": "id", "AttributeType": "S"}
    call(
        "dynamodb",
        "CreateTable",
        TableName="t",
        AttributeDefinitions=[key],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    subnet = call("ec2", "DescribeSubnets")["Subnets"][0]["SubnetId"]
    call("ec2", "CreateNetworkInterface", SubnetId=subnet)
    call(
        "ec2",
        "CreateLaunchTemplate",
        LaunchTemplateName="small",
        LaunchTemplateData={"InstanceType": "m5.large"},
    )
    template = {"LaunchTemplateName": "small"}
    call(
        "autoscaling",
        "CreateAutoScalingGroup",
        AutoScalingGroupName="asg",
        MinSize=0,
        MaxSize=1,
        LaunchTemplate=template,
        AvailabilityZones=["us-east-1a"],
    )
    call(
        "elbv2",
        "CreateTargetGroup",
        Name="tg",
        Protocol="HTTP",
        Port=80,
        VpcId=call("ec2", "DescribeVpcs")["Vpcs"][0]["VpcId"],
    )
    call("cloudwatch", "PutMetricData", Namespace="n", MetricData=[{"MetricName": "m", "Value": 1.0}])


def test_everything_is_kept_and_restored(fake_account: FakeAccount) -> None:
    fill(fake_account)
    owner = root(fake_account.id)
    interfaces = fake_account.call("ec2", "DescribeNetworkInterfaces", {}, principal=owner)
    state = fake_account.moto.dump()
    following = fake_account.moto.backend("iam").create_user("us-east-1", "next").id
    fake_account.moto.reset()
    assert fake_account.call("s3", "ListBuckets", {}, principal=owner)["Buckets"] == []
    fake_account.moto.load(state)
    # Chance goes on where it was.
    assert fake_account.moto.backend("iam").create_user("us-east-1", "next").id == following
    assert (
        fake_account.call("s3", "GetObject", {"Bucket": "data", "Key": "k"}, principal=owner)["Body"].read()
        == b"hello"
    )
    assert fake_account.call("ec2", "DescribeNetworkInterfaces", {}, principal=owner) == interfaces
    ada = fake_account.iam.principal_of(key_of(fake_account, "ada")[0])
    assert fake_account.iam.decide(ada, "ec2:RunInstances")
    policy = fake_account.moto.backend("iam").managed_policies["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    assert (
        policy.attachment_count,
        len(fake_account.call("kms", "ListKeys", {}, principal=owner)["Keys"]),
    ) == (1, 2)


def test_a_bucket_can_be_made_again_after_a_reset(fake_account: FakeAccount) -> None:
    owner = root(fake_account.id)
    for _ in range(2):
        fake_account.call("s3", "CreateBucket", {"Bucket": "data"}, principal=owner)
        fake_account.moto.reset()


class Evil:
    def __reduce__(self) -> Any:
        return print, ("called",)


class EvilMethod:
    def __reduce__(self) -> Any:
        return getattr, ("text", "format_map")


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"garbage",
        pickle.dumps([1]),
        pickle.dumps({"random": 1, "services": {}, "shared": {}, "x": Evil()}),
        pickle.dumps(EvilMethod()),
        pickle.dumps(functools.partial(print)),
    ],
)
def test_a_state_makes_nothing_but_motos_own(state: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError):
        moto_state.load(state)
    assert capsys.readouterr().out == ""
