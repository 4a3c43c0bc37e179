"""The gateway over HTTP, asked by botocore's clients."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.account_fake import FakeAccount, add_user, allow, key_of
from tests.aws.conftest import code_of
from tests.aws.served import Served, get, serve


@pytest.fixture(scope="module")
def everywhere() -> Iterator[Served]:
    """One account for questions that change nothing."""
    account = FakeAccount()
    add_user(account, "ada")
    add_user(account, "boss", allow("*"))
    with serve(account) as found:
        yield found


@pytest.mark.parametrize(
    ("service", "operation", "params", "key"),
    [
        ("autoscaling", "describe_auto_scaling_groups", {}, "AutoScalingGroups"),
        ("cloudwatch", "list_metrics", {}, "Metrics"),
        ("dynamodb", "list_tables", {}, "TableNames"),
        ("ec2", "describe_vpcs", {}, "Vpcs"),
        ("ecr", "describe_repositories", {}, "repositories"),
        ("efs", "describe_file_systems", {}, "FileSystems"),
        ("elbv2", "describe_load_balancers", {}, "LoadBalancers"),
        ("iam", "list_users", {}, "Users"),
        ("kms", "list_keys", {}, "Keys"),
        ("logs", "describe_log_groups", {}, "logGroups"),
        ("s3", "list_buckets", {}, "Buckets"),
        ("secretsmanager", "list_secrets", {}, "SecretList"),
        ("service-quotas", "list_aws_default_service_quotas", {"ServiceCode": "vpc"}, "Quotas"),
        ("sqs", "list_queues", {}, "ResponseMetadata"),
        ("sts", "get_caller_identity", {}, "Arn"),
    ],
)
def test_services_answer(
    everywhere: Served, service: str, operation: str, params: dict[str, Any], key: str
) -> None:
    assert key in getattr(everywhere.client(service), operation)(**params)


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        (
            "s3",
            "list_buckets",
            "AccessDenied: User: arn:aws:iam::123456789012:user/ada is not authorized to ",
        ),
        (
            "ec2",
            "describe_vpcs",
            "UnauthorizedOperation: You are not authorized to perform this operation. User: ",
        ),
        ("iam", "list_users", "AccessDenied: User: "),
        ("kms", "list_keys", "AccessDeniedException: User: "),
        ("efs", "describe_file_systems", "AccessDeniedException: User: "),
    ],
)
def test_a_user_without_policies_is_refused(
    everywhere: Served, service: str, operation: str, expected: str
) -> None:
    client = everywhere.client(service, *key_of(everywhere.account, "ada"))
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)()
    assert code_of(refused).startswith(expected)


def test_everybody_may_ask_who_they_are(everywhere: Served) -> None:
    found = everywhere.client("sts", *key_of(everywhere.account, "ada")).get_caller_identity()
    assert found["Arn"] == "arn:aws:iam::123456789012:user/ada"
    assert found["UserId"].startswith("AIDA")


@pytest.mark.parametrize(
    ("service", "operation", "unknown", "mismatch"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId", "SignatureDoesNotMatch"),
        ("ec2", "describe_vpcs", "AuthFailure", "AuthFailure"),
        ("kms", "list_keys", "UnrecognizedClientException", "InvalidSignatureException"),
        ("efs", "describe_file_systems", "UnrecognizedClientException", "InvalidSignatureException"),
        ("s3", "list_buckets", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
    ],
)
def test_keys_of_others_do_nothing(
    everywhere: Served, service: str, operation: str, unknown: str, mismatch: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(everywhere.client(service, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI"), operation)()
    assert code_of(refused).startswith(unknown)
    with pytest.raises(ClientError) as refused:
        getattr(everywhere.client(service, "test", "guess"), operation)()
    assert code_of(refused).startswith(mismatch)


def test_a_region_has_to_be_one(everywhere: Served) -> None:
    with pytest.raises(ClientError) as refused:
        everywhere.client("kms", region="us-east-9").list_keys()
    assert code_of(refused) == "InvalidSignatureException: Credential should be scoped to a valid region. "


@pytest.mark.parametrize(
    ("service", "operation", "named"),
    [
        ("braket", "search_devices", "Nothing of braket is simulated"),
        ("service-quotas", "list_services", "Nearest simulated operation: "),
    ],
)
def test_what_is_missing_says_so(everywhere: Served, service: str, operation: str, named: str) -> None:
    params: dict[str, Any] = {"filters": []} if service == "braket" else {}
    with pytest.raises(ClientError) as refused:
        getattr(everywhere.client(service), operation)(**params)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    said = code_of(refused)
    assert said.startswith(f"NotImplemented: eks-lab does not simulate {service} ")
    assert named in said
    assert "On AWS: " in said


@pytest.mark.parametrize(
    ("service", "operation", "params", "code"),
    [
        ("ec2", "create_subnet", {}, "MissingParameter"),
        ("iam", "create_role", {"RoleName": "x"}, "ValidationError"),
        ("kms", "encrypt", {"KeyId": "x"}, "ValidationException"),
        ("kms", "describe_key", {"KeyId": {"a": 1}}, "SerializationException"),
        ("sts", "assume_role", {"RoleArn": "short", "RoleSessionName": "xx"}, "ValidationError"),
    ],
)
def test_bad_input_has_the_codes_of_the_service(
    everywhere: Served, service: str, operation: str, params: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(everywhere.client(service), operation)(**params)
    assert refused.value.response["Error"]["Code"] == code


def test_an_operation_that_there_is_not(everywhere: Served) -> None:
    client = everywhere.client("ec2")
    client.meta.events.register(
        "before-call", lambda params, **_: params["body"].update({"Action": "DescribeNothing"})
    )
    with pytest.raises(ClientError) as refused:
        client.describe_vpcs()
    assert code_of(refused) == "InvalidAction: The action DescribeNothing is not valid for this web service."


def test_it_can_be_told_apart_from_localstack(everywhere: Served) -> None:
    assert get(everywhere.url, "/_localstack/health")[0] == 404
    status, body, _ = get(everywhere.url, "/moto-api/")
    assert (status, json.loads(body)["status"]) == (200, "running")


def test_garbage_is_refused_not_crashed_over(everywhere: Served) -> None:
    assert get(everywhere.url, "/", {"authorization": "x"})[0] == 400
    assert get(everywhere.url, "/%ff%00", method="POST", body=b"\xff\xfe")[0] in (400, 403, 404, 405)
    headers = {"x-amz-target": "TrentService.ListKeys", "content-type": "application/x-amz-json-1.1"}
    assert get(everywhere.url, "/", headers, "POST", b"{")[0] == 403


def test_json_that_is_none_is_a_serialization_exception(everywhere: Served) -> None:
    client = everywhere.client("kms")
    client.meta.events.register("before-call", lambda params, **_: params.update(body=b"{"))
    with pytest.raises(ClientError) as refused:
        client.list_keys()
    assert refused.value.response["Error"]["Code"] == "SerializationException"


def test_public_parameters_name_images_that_there_are(everywhere: Served) -> None:
    name = "/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/standard/recommended/image_id"
    found = everywhere.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    image = everywhere.client("ec2").describe_images(ImageIds=[found])["Images"][0]
    assert image["Name"] == "amazon-eks-node-al2023-x86_64-standard-1.36-v20261110"
    by_path = everywhere.client("ssm").get_parameters_by_path(
        Path="/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/arm64/standard/recommended"
    )
    assert {each["Name"].rsplit("/", 1)[1] for each in by_path["Parameters"]} == {
        "image_id",
        "image_name",
        "release_version",
    }
