"""Bad input gets AWS's own codes and shapes, through the real `aws` and through botocore's models."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.account.account_lab import ACCOUNT, AWS, LEARNERS_KEY, REFUSED, AccountLab
from tests.e2e.sandbox_lab import KUBECTL

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process as POSIX systems do"),
    pytest.mark.skipif(not (KUBECTL and AWS.exists()), reason="needs kubectl and aws (the extra `tools`)"),
]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/eks-lab-cluster"
NODE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/eks-lab-node"
GROUP = {"clusterName": "lab", "nodegroupName": "workers"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountLab]:
    """One sandbox for all of them: what is refused changes nothing."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EKS_LAB_HOME", str(home))
        made = AccountLab(home)
        made.run("up", "--nodes", "1", "--speed", "pause")
        yield made
        made.forget_clients()
        made.end()


@pytest.fixture(autouse=True)
def same_home(lab: AccountLab, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKS_LAB_HOME", str(lab.home))


@pytest.fixture
def subnets(lab: AccountLab) -> list[str]:
    found = lab.client("eks").describe_cluster(name="lab")["cluster"]
    return list(found["resourcesVpcConfig"]["subnetIds"])


def refused(lab: AccountLab, service: str, operation: str, **parameters: Any) -> ClientError:
    """Return the error of a call as botocore raises it."""
    with pytest.raises(ClientError) as error:
        getattr(lab.client(service), operation)(**parameters)
    return error.value


def code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a" * 101, "InvalidParameterException"),
        ("-dash", "InvalidParameterException"),
        ("with space", "InvalidParameterException"),
    ],
)
def test_names_of_clusters(lab: AccountLab, subnets: list[str], name: str, expected: str) -> None:
    error = refused(
        lab, "eks", "create_cluster", name=name, roleArn=ROLE, resourcesVpcConfig={"subnetIds": subnets}
    )
    assert code(error) == expected
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error.response["message"]


@pytest.mark.parametrize(
    ("arn", "operation"),
    [
        ("not-an-arn", "create_access_entry"),
        (f"arn:aws:iam::{ACCOUNT}:role", "create_access_entry"),
        ("arn:aws:iam::12345:user/x", "create_access_entry"),
    ],
)
def test_malformed_arns(lab: AccountLab, arn: str, operation: str) -> None:
    error = refused(lab, "eks", operation, clusterName="lab", principalArn=arn)
    assert code(error) == "InvalidParameterException"


def test_malformed_policies(lab: AccountLab) -> None:
    error = refused(
        lab, "iam", "create_role", RoleName="x", AssumeRolePolicyDocument='{"Version": "2012-10-17"'
    )
    assert code(error) == "MalformedPolicyDocument"


def test_one_zone_is_not_enough(lab: AccountLab, subnets: list[str]) -> None:
    error = refused(
        lab,
        "eks",
        "create_cluster",
        name="one-zone",
        roleArn=ROLE,
        resourcesVpcConfig={"subnetIds": subnets[:1]},
    )
    assert code(error) in ("InvalidParameterException", "UnsupportedAvailabilityZoneException")


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("describe_cluster", {"name": "nobody"}),
        ("describe_nodegroup", {"clusterName": "lab", "nodegroupName": "nobody"}),
        ("describe_addon", {"clusterName": "lab", "addonName": "aws-efs-csi-driver"}),
        ("describe_update", {"name": "lab", "updateId": "00000000-0000-0000-0000-000000000000"}),
        ("delete_nodegroup", {"clusterName": "nobody", "nodegroupName": "workers"}),
    ],
)
def test_what_does_not_exist(lab: AccountLab, operation: str, parameters: dict[str, str]) -> None:
    error = refused(lab, "eks", operation, **parameters)
    assert code(error) == "ResourceNotFoundException"
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_wrong_order(lab: AccountLab, subnets: list[str]) -> None:
    """A cluster with a node group, a subnet and a group in use, a role with policies."""
    ec2 = lab.client("ec2")
    group = lab.client("eks").describe_cluster(name="lab")["cluster"]["resourcesVpcConfig"]
    vpc = group["vpcId"]
    gateway = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    expected = {
        ("eks", "delete_cluster", "name", "lab"): "ResourceInUseException",
        ("ec2", "delete_subnet", "SubnetId", subnets[0]): "DependencyViolation",
        ("ec2", "delete_vpc", "VpcId", vpc): "DependencyViolation",
        ("ec2", "delete_security_group", "GroupId", group["clusterSecurityGroupId"]): "DependencyViolation",
        ("ec2", "delete_internet_gateway", "InternetGatewayId", gateway): "DependencyViolation",
        ("iam", "delete_role", "RoleName", "eks-lab-node"): "DeleteConflict",
        ("iam", "delete_user", "UserName", "student"): "DeleteConflict",
    }
    found = {each: code(refused(lab, each[0], each[1], **{each[2]: each[3]})) for each in expected}
    assert found == expected
    assert lab.control.violations() == []


def test_two_updates_at_once(lab: AccountLab) -> None:
    """The second is refused and names the first; when that is done, another may come."""
    eks = lab.client("eks")

    def sized(most: int) -> dict[str, Any]:
        return {**GROUP, "scalingConfig": {"minSize": 0, "maxSize": most, "desiredSize": 1}}

    first = eks.update_nodegroup_config(**sized(5))["update"]["id"]
    error = refused(lab, "eks", "update_nodegroup_config", **sized(6))
    assert code(error) == "ResourceInUseException"
    assert first in str(error)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert error.response["nodegroupName"] == "workers"
    lab.play_until(
        lambda: (
            eks.describe_update(name="lab", nodegroupName="workers", updateId=first)["update"]["status"]
            == "Successful"
        ),
        10,
    )
    assert eks.update_nodegroup_config(**sized(4))["update"]["status"] == "InProgress"
    lab.advance(120)


def test_wrong_types_on_the_wire(lab: AccountLab) -> None:
    """Whoever does not go through botocore's checks is refused by the service, as JSON of the same shape."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from botocore.httpsession import URLLib3Session

    shell = lab.shell()
    keys = Credentials(shell["AWS_ACCESS_KEY_ID"], shell["AWS_SECRET_ACCESS_KEY"])
    for body in ('{"name": 5}', "[]", "{", '{"name": "x", "resourcesVpcConfig": "subnets", "roleArn": "r"}'):
        request = AWSRequest(
            "POST",
            f"{shell['AWS_ENDPOINT_URL']}/clusters",
            headers={"Content-Type": "application/json"},
            data=body,
        )
        SigV4Auth(keys, "eks", "us-east-1").add_auth(request)
        response = URLLib3Session(proxies={}).send(request.prepare())
        assert response.status_code == 400, (body, response.content)
        assert isinstance(json.loads(response.content), dict)
        assert response.headers["x-amzn-ErrorType"] in ("SerializationException", "InvalidParameterException")


@pytest.mark.parametrize(("key", "secret"), [("test", "test"), ("accesskey", "secretkey")])
def test_localstacks_keys_are_the_account_itself(lab: AccountLab, key: str, secret: str) -> None:
    """Those of awslocal and tflocal, and of localstack-client."""
    found = lab.client("sts", key, secret).get_caller_identity()
    assert found["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"


def test_by_the_real_aws(lab: AccountLab) -> None:
    """An unknown region, a key of the learner's own account, and an operation that is not simulated."""
    said = lab.aws("eks", "list-clusters", "--region", "us-moon-1", code=REFUSED)
    assert "(InvalidSignatureException)" in said
    assert "Credential should be scoped to a valid region" in said
    own = {"AWS_ACCESS_KEY_ID": LEARNERS_KEY, "AWS_SECRET_ACCESS_KEY": "dG9wLXNlY3JldC1vZi10aGUtbGVhcm5lcg"}
    said = lab.aws("sts", "get-caller-identity", code=REFUSED, environment=own)
    assert "(InvalidClientTokenId) when calling the GetCallerIdentity operation" in said
    said = lab.aws("eks", "list-clusters", code=REFUSED, environment=own)
    assert (
        "(UnrecognizedClientException) when calling the ListClusters operation: "
        "The security token included in the request is invalid" in said
    )
    said = lab.aws("eks", "list-capabilities", "--cluster-name", "lab", code=REFUSED)
    assert "NotImplemented" in said
    said = lab.aws("eks", "update-kubeconfig", "--name", "nobody", code=REFUSED)
    assert (
        "(ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found for name: nobody."
        in said
    )
