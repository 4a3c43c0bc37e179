"""The aws command inside the simulation."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from eks_lab.aws import tokens
from eks_lab.aws.command import run_aws
from eks_lab.aws.command_rules import ip_permissions
from eks_lab.aws.principal import Principal, root
from tests.aws.account_fake import FakeAccount, add_user, allow

HERE = {"AWS_REGION": "us-east-1"}


def aws(
    account: FakeAccount, line: str, principal: Principal | None = None, **rest: Any
) -> tuple[int, str, str]:
    return run_aws(account, principal or root(account.id), shlex.split(line), HERE, **rest)


def good(account: FakeAccount, line: str, **rest: Any) -> str:
    code, out, err = aws(account, line, **rest)
    assert (code, err) == (0, ""), err
    return out


def test_output_has_four_forms(fake_account: FakeAccount) -> None:
    assert json.loads(good(fake_account, "sts get-caller-identity"))["Account"] == "123456789012"
    line = "sts get-caller-identity --output"
    assert (
        good(fake_account, f"{line} text") == "123456789012\tarn:aws:iam::123456789012:root\t123456789012\n"
    )
    assert "Arn: arn:aws:iam::123456789012:root\n" in good(fake_account, f"{line} yaml")
    assert good(fake_account, "ec2 describe-vpcs --query 'Vpcs[].{a:CidrBlock,b:State}' --output table") == (
        "--------------------------------\n"
        "|         DescribeVpcs         |\n"
        "+----------------+-------------+\n"
        "|        a       |      b      |\n"
        "+----------------+-------------+\n"
        "|  172.31.0.0/16 |  available  |\n"
        "+----------------+-------------+\n"
    )
    assert good(fake_account, "ec2 describe-vpcs --query 'Vpcs[].[CidrBlock,State]' --output text") == (
        "172.31.0.0/16\tavailable\n"
    )


def test_a_refusal_ends_with_254(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada")
    assert aws(fake_account, "s3 ls", ada) == (
        254,
        "",
        (
            "\nAn error occurred (AccessDenied) when calling the ListBuckets operation: User: "
            "arn:aws:iam::123456789012:user/ada is not authorized to perform: s3:ListAllMyBuckets because no "
            "identity-based policy allows the s3:ListAllMyBuckets action\n"
        ),
    )


def test_without_credentials_it_ends_with_253(fake_account: FakeAccount) -> None:
    code, _, err = run_aws(fake_account, None, ["s3", "ls"], HERE)
    assert (code, err.strip()) == (
        253,
        'Unable to locate credentials. You can configure credentials by running "aws configure".',
    )
    code, _, err = run_aws(fake_account, root(fake_account.id), ["ec2", "describe-vpcs"], {})
    assert (code, err.strip().partition(".")[0]) == (253, "You must specify a region")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "the following arguments are required: command"),
        ("nope list", "argument command: Found invalid choice 'nope'"),
        ("ec2", "the following arguments are required: operation"),
        ("ec2 describe-vpc", "argument operation: Found invalid choice 'describe-vpc'"),
        ("ec2 describe-vpcs --foo x", "Unknown options: --foo, x"),
        ("eks describe-cluster", "the following arguments are required: --name"),
        ("ec2 describe-vpcs --query a[", "Bad value for --query a[: "),
        ("ec2 describe-vpcs --output xml", "argument --output: Found invalid choice 'xml'"),
        ("ec2 describe-vpcs --filters {bad", "Error parsing parameter '--filters': Invalid JSON: "),
        (
            "ec2 describe-vpcs --filters Name",
            "Error parsing parameter '--filters': Expected: '=', received: 'EOF'",
        ),
        (
            "ec2 describe-vpcs --filters Nom=a",
            'Unknown parameter in filters: "Nom", must be one of: Name, Values',
        ),
        ("ec2 create-volume --availability-zone a --size abc", "invalid literal for int()"),
        ("s3 cp s3://a", "the following arguments are required: paths"),
        ("s3 frobnicate", "argument subcommand: Found invalid choice 'frobnicate'"),
    ],
)
def test_a_wrong_line_ends_with_252(fake_account: FakeAccount, line: str, said: str) -> None:
    code, out, err = aws(fake_account, line)
    assert (code, out) == (252, "")
    assert f"aws: [ERROR]: {said}" in err or said in err


def test_arguments_of_every_kind(fake_account: FakeAccount) -> None:
    tags = "ResourceType=volume,Tags=[{Key=team,Value=red},{Key=note,Value='a, b'}]"
    line = f"ec2 create-volume --availability-zone us-east-1a --size 2 --encrypted --tag-specifications {shlex.quote(tags)}"
    made = json.loads(good(fake_account, line))
    assert (made["Size"], made["Encrypted"]) == (2, True)
    assert {each["Key"]: each["Value"] for each in made["Tags"]} == {"team": "red", "note": "a, b"}
    filters = "Name=tag:team,Values=blue,red Name=size,Values=2"
    found = good(
        fake_account, f"ec2 describe-volumes --filters {filters} --query Volumes[].VolumeId --output text"
    )
    assert found.strip() == made["VolumeId"]
    document = json.dumps([{"Name": "tag:team", "Values": ["blue"]}])
    assert good(fake_account, f"ec2 describe-volumes --filters '{document}' --query length(Volumes)") == "0\n"
    good(fake_account, "logs create-log-group --log-group-name g --tags a=1,b=2")
    found = good(fake_account, "logs list-tags-log-group --log-group-name g")
    assert json.loads(found) == {"tags": {"a": "1", "b": "2"}}


def test_pages_are_put_together(fake_account: FakeAccount) -> None:
    iam = fake_account.moto.backend("iam")
    for number in range(120):
        iam.create_role(f"r{number}", "{}", "/", None, "", [], "3600")
    assert good(fake_account, "iam list-roles --query length(Roles)") == "120\n"
    assert good(fake_account, "iam list-roles --max-items 7 --query length(Roles)") == "7\n"


def test_objects_come_and_go(fake_account: FakeAccount) -> None:
    assert good(fake_account, "s3 mb s3://data") == "make_bucket: data\n"
    assert good(fake_account, "s3 cp - s3://data/a/b.txt", stdin=b"hello\n") == ""
    assert good(fake_account, "s3 ls") == "2026-11-20 12:00:00 data\n"
    assert good(fake_account, "s3 ls s3://data") == "                           PRE a/\n"
    assert good(fake_account, "s3 ls s3://data --recursive") == "2026-11-20 12:00:00          6 a/b.txt\n"
    assert good(fake_account, "s3 cp s3://data/a/b.txt -") == "hello\n"
    assert aws(fake_account, "s3 ls s3://data/none") == (1, "", "")
    assert aws(fake_account, "s3 cp s3://data/none -") == (
        1,
        "",
        (
            "download failed: s3://data/none to - An error occurred (404) when calling the HeadObject operation: "
            "Not Found\n"
        ),
    )
    assert aws(fake_account, "s3 rb s3://data")[0] == 1
    assert good(fake_account, "s3 rb s3://data --force") == "delete: s3://data/a/b.txt\nremove_bucket: data\n"


def test_a_refused_download_is_forbidden(fake_account: FakeAccount) -> None:
    good(fake_account, "s3 mb s3://data")
    ada = add_user(fake_account, "ada", allow("s3:ListAllMyBuckets"))
    assert aws(fake_account, "s3 cp s3://data/k -", ada) == (
        1,
        "",
        "download failed: s3://data/k to - An error occurred (403) when calling the HeadObject operation: Forbidden\n",
    )


def test_get_token_makes_a_token_that_is_good(fake_account: FakeAccount) -> None:
    found = json.loads(good(fake_account, "eks get-token --cluster-name lab"))
    assert found["kind"] == "ExecCredential"
    assert tokens.principal_of(fake_account, found["status"]["token"], "lab") == root(fake_account.id)


def test_another_region_is_nowhere(fake_account: FakeAccount) -> None:
    code, _, err = aws(fake_account, "ec2 describe-vpcs --region us-east-9")
    assert (code, err) == (
        255,
        '\nCould not connect to the endpoint URL: "https://ec2.us-east-9.amazonaws.com/"\n',
    )


def test_policy_documents_are_printed_decoded(fake_account: FakeAccount) -> None:
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    trust = {"Version": "2012-10-17", "Statement": [allowed]}
    words = ["iam", "create-role", "--role-name", "app", "--assume-role-policy-document", json.dumps(trust)]
    code, out, err = run_aws(fake_account, root(fake_account.id), words, HERE)
    assert (code, err) == (0, "")
    assert json.loads(out)["Role"]["AssumeRolePolicyDocument"] == trust
    role = json.loads(good(fake_account, "iam get-role --role-name app"))["Role"]
    assert role["AssumeRolePolicyDocument"] == trust


def test_a_rule_of_a_security_group_has_a_short_form(fake_account: FakeAccount) -> None:
    groups = [
        good(
            fake_account,
            f"ec2 create-security-group --group-name {name} --description x --query GroupId --output text",
        ).strip()
        for name in ("nodes", "cluster")
    ]
    add = f"ec2 authorize-security-group-ingress --group-id {groups[0]}"
    good(fake_account, f"{add} --protocol tcp --port 9443 --source-group {groups[1]}")
    good(fake_account, f"{add} --protocol udp --port 1024-65535 --cidr 10.0.0.0/16")
    rules = json.loads(
        good(
            fake_account,
            f"ec2 describe-security-groups --group-ids {groups[0]} --query 'SecurityGroups[0].IpPermissions[]"
            ".[IpProtocol,FromPort,ToPort,IpRanges[0].CidrIp,UserIdGroupPairs[0].GroupId]'",
        )
    )
    assert sorted(rules) == [
        ["tcp", 9443, 9443, None, groups[1]],
        ["udp", 1024, 65535, "10.0.0.0/16", None],
    ]
    good(
        fake_account,
        f"ec2 revoke-security-group-ingress --group-id {groups[0]} --protocol tcp --port 9443"
        f" --source-group {groups[1]}",
    )
    for wrong, said in (
        ("--port 443", "the following arguments are required: --protocol"),
        ("--protocol tcp --port https", "argument --port: invalid value: 'https'"),
        ("--protocol tcp --port ²", "argument --port: invalid value: '²'"),
        ("--protocol tcp --cidr", "argument --cidr: expected one argument"),
    ):
        code, _, err = aws(fake_account, f"{add} {wrong}")
        assert (code, said in err) == (252, True), err


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (
            {"--protocol": ["all"], "--cidr": ["::/0"]},
            {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        ),
        ({"--protocol": ["tcp"], "--port": ["all"]}, {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535}),
        ({"--protocol": ["icmp"], "--port": ["8"]}, {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1}),
        (
            {"--protocol": ["6"], "--source-group": ["web"], "--group-owner": ["123456789012"]},
            {"IpProtocol": "6", "UserIdGroupPairs": [{"GroupName": "web", "UserId": "123456789012"}]},
        ),
    ],
)
def test_what_the_short_form_stands_for(given: dict[str, list[str]], rule: dict[str, Any]) -> None:
    assert ip_permissions(given) == [rule]
