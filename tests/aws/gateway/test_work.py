"""Work done over HTTP by botocore's clients, each test in an account of its own."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.aws.account_fake import add_role, add_user, allow, deny, key_of, policy, trust
from tests.aws.conftest import code_of
from tests.aws.served import Served, get


def test_objects_of_a_bucket(served: Served) -> None:
    s3 = served.client("s3")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="a b/ü+1.txt", Body=b"hello")
    found = s3.get_object(Bucket="data", Key="a b/ü+1.txt")
    assert found["Body"].read() == b"hello"
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket="data", Key="none")
    assert refused.value.response["Error"]["Code"] == "NoSuchKey"


def test_a_bucket_in_the_host(served: Served) -> None:
    s3 = served.client("s3")
    s3.create_bucket(Bucket="data")
    url = s3.generate_presigned_url("get_object", {"Bucket": "data", "Key": "k"}, ExpiresIn=60)
    assert get(served.url, url.removeprefix(served.url))[0] == 404
    s3.put_object(Bucket="data", Key="k", Body=b"v")
    assert get(served.url, url.removeprefix(served.url))[:2] == (200, "v")
    assert get(served.url, "/k", {"host": "data.s3.localhost.localstack.cloud:4566"})[0] == 403
    text = policy({**allow("s3:GetObject", "arn:aws:s3:::data/*"), "Principal": "*"})
    s3.put_bucket_policy(Bucket="data", Policy=text)
    assert get(served.url, "/k", {"host": "data.s3.localhost.localstack.cloud:4566"})[:2] == (200, "v")


def test_a_refused_head_is_a_status_only(served: Served) -> None:
    served.client("s3").create_bucket(Bucket="data")
    add_user(served.account, "ada")
    with pytest.raises(ClientError) as refused:
        served.client("s3", *key_of(served.account, "ada")).head_object(Bucket="data", Key="k")
    assert code_of(refused) == "403: Forbidden"


def test_a_role_is_assumed_and_used(served: Served) -> None:
    add_user(served.account, "ada", allow("sts:AssumeRole"))
    arn = add_role(
        served.account,
        "reader",
        trust({"AWS": "arn:aws:iam::123456789012:root"}),
        allow("s3:ListAllMyBuckets"),
    )
    sts = served.client("sts", *key_of(served.account, "ada"))
    keys = sts.assume_role(RoleArn=arn, RoleSessionName="work")["Credentials"]
    given = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    assert served.client("s3", *given).list_buckets()["Buckets"] == []
    with pytest.raises(ClientError, match="assumed-role/reader/work is not authorized"):
        served.client("iam", *given).list_users()
    with pytest.raises(ClientError, match="Must specify userName"):
        served.client("iam", *given).get_user()


def test_a_user_makes_keys_for_itself(served: Served) -> None:
    add_user(served.account, "ada", allow("iam:*", "arn:aws:iam::123456789012:user/ada"))
    iam = served.client("iam", *key_of(served.account, "ada"))
    assert iam.get_user()["User"]["UserName"] == "ada"
    made = iam.create_access_key(UserName="ada")["AccessKey"]
    assert served.client("sts", made["AccessKeyId"], made["SecretAccessKey"]).get_caller_identity()
    iam.update_access_key(UserName="ada", AccessKeyId=made["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        served.client("sts", made["AccessKeyId"], made["SecretAccessKey"]).get_caller_identity()


def test_passing_a_role_to_an_instance_needs_permission(served: Served) -> None:
    add_user(served.account, "ada", allow("ec2:*"))
    iam = served.account.moto.backend("iam")
    add_role(served.account, "node", trust({"Service": "ec2.amazonaws.com"}))
    iam.create_instance_profile("node", "/", [])
    iam.add_role_to_instance_profile("node", "node")
    ec2 = served.client("ec2", *key_of(served.account, "ada"))
    image = ec2.describe_images(Owners=["602401143452"])["Images"][0]["ImageId"]
    params = {"ImageId": image, "InstanceType": "m5.large", "MinCount": 1, "MaxCount": 1}
    with pytest.raises(ClientError) as refused:
        ec2.run_instances(**params, IamInstanceProfile={"Name": "node"})
    assert (
        "is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/node"
        in code_of(refused)
    )


def test_tags_of_a_request_and_of_a_resource_decide(served: Served) -> None:
    red = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    add_user(
        served.account,
        "ada",
        allow("ec2:CreateVolume", Condition={"StringEquals": {"aws:RequestTag/team": "red"}}),
        allow("ec2:CreateTags", Condition={"StringEquals": {"ec2:CreateAction": "CreateVolume"}}),
        allow("ec2:DeleteVolume", Condition=red),
        deny("ec2:CreateTags", Condition={"Null": {"ec2:CreateAction": "true"}}),
    )
    ec2 = served.client("ec2", *key_of(served.account, "ada"))

    def volume(team: str) -> str:
        tags = [{"ResourceType": "volume", "Tags": [{"Key": "team", "Value": team}]}]
        found = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, TagSpecifications=tags)
        return str(found["VolumeId"])

    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        volume("blue")
    made = volume("red")
    with pytest.raises(ClientError, match="explicit deny in an identity-based policy"):
        ec2.create_tags(Resources=[made], Tags=[{"Key": "team", "Value": "blue"}])
    ec2.delete_volume(VolumeId=made)


def test_a_presigned_url_of_the_old_form(served: Served) -> None:
    s3 = served.client("s3", version="s3")
    served.client("s3").create_bucket(Bucket="data")
    served.client("s3").put_object(Bucket="data", Key="k", Body=b"v")
    url = s3.generate_presigned_url("get_object", {"Bucket": "data", "Key": "k"}, ExpiresIn=60)
    path = url.removeprefix(served.url)
    assert "AWSAccessKeyId=test" in path
    assert get(served.url, path)[:2] == (200, "v")
    assert get(served.url, path.replace("/k?", "/j?"))[0] == 403
    assert get(served.url, path.replace("Expires=", "Expires=1"))[0] == 403
