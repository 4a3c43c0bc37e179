"""Gives LocalStack the network and the roles that our account's cluster names, under the same ids and ARNs.

LocalStack takes an id from the tag `_custom_id_` (its EC2 page, "custom ids"); so what `aws eks describe-cluster`
answers can be looked up with `aws ec2` and `aws iam` although another program answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eks_lab.errors import EksLabError, UnavailableError

CUSTOM_ID = "_custom_id_"
Ask = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""Makes a call to our account: service, operation, parameters -> answer."""


def seed(ask: Ask, host: str, account: str, region: str) -> int:
    """Copy VPCs, subnets and roles of our account to LocalStack, unless they are there.

    Args:
        ask: calls our account.
        host: LocalStack, `127.0.0.1:4567`.
        account: twelve digits.
        region: of both.

    Returns:
        How many things were made.

    Raises:
        UnavailableError: LocalStack refuses, or does not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from localstack_client.session import Session

    session = Session(
        aws_access_key_id=account,
        aws_secret_access_key="localstack",
        region_name=region,
        localstack_host=host,
    )
    try:
        return _network(ask, session.client("ec2")) + _roles(ask, session.client("iam"))
    except (BotoCoreError, ClientError) as error:
        raise UnavailableError(
            f"LocalStack on {host} does not take the network of the cluster: {error}",
            hint="Run it again; if that does not help: eks-lab sandbox down --purge, then up.",
        ) from error


def _network(ask: Ask, ec2: Any) -> int:
    made = 0
    there = {each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"]}
    for vpc in ask("ec2", "DescribeVpcs", {})["Vpcs"]:
        if vpc["VpcId"] in there or vpc.get("IsDefault"):
            continue
        ec2.create_vpc(CidrBlock=vpc["CidrBlock"], TagSpecifications=_tags("vpc", vpc, vpc["VpcId"]))
        made += 1
        wanted = ask("ec2", "DescribeSubnets", {"Filters": [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]})
        for subnet in wanted["Subnets"]:
            ec2.create_subnet(
                VpcId=vpc["VpcId"],
                CidrBlock=subnet["CidrBlock"],
                AvailabilityZone=subnet["AvailabilityZone"],
                TagSpecifications=_tags("subnet", subnet, subnet["SubnetId"]),
            )
            made += 1
    return made


def _tags(kind: str, resource: dict[str, Any], id: str) -> list[dict[str, Any]]:
    return [
        {"ResourceType": kind, "Tags": [*resource.get("Tags", []), {"Key": CUSTOM_ID, "Value": id}]},
    ]


def _roles(ask: Ask, iam: Any) -> int:
    from json import dumps

    made = 0
    there = {each["RoleName"] for each in iam.list_roles()["Roles"]}
    for role in ask("iam", "ListRoles", {})["Roles"]:
        name = role["RoleName"]
        if name in there or role["Path"].startswith("/aws-service-role/"):
            continue
        trust = role["AssumeRolePolicyDocument"]
        document = trust if isinstance(trust, str) else dumps(trust)
        iam.create_role(RoleName=name, Path=role["Path"], AssumeRolePolicyDocument=document)
        attached = ask("iam", "ListAttachedRolePolicies", {"RoleName": name})["AttachedPolicies"]
        for policy in attached:
            iam.attach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        made += 1
    return made


def asking(call: Callable[..., dict[str, Any]]) -> Ask:
    """Return how our daemon is asked.

    Args:
        call: `Client.lab` of the daemon.
    """

    def ask(service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        found = call("call", service=service, operation=operation, params=params)
        if "refused" in found:
            raise EksLabError(f"{service} {operation}: {found['refused']}: {found['message']}")
        answer: dict[str, Any] = found["answer"]
        return answer

    return ask
