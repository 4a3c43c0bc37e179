"""The real aws CLI against the gateway, and our own beside it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from eks_lab.aws import tokens
from eks_lab.aws.command import run_aws
from eks_lab.aws.principal import root
from tests.aws.account_fake import add_user, key_of
from tests.aws.served import Served

AWS = Path(sys.executable).with_name("aws")

pytestmark = pytest.mark.skipif(not AWS.exists(), reason="the aws CLI is not installed")


def real(
    served: Served, line: str, key: str = "test", secret: str = "test"
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": served.url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": "us-east-1",
        "TZ": "UTC",
    }
    return subprocess.run(
        [str(AWS), *shlex.split(line)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "line",
    [
        "ec2 describe-vpcs",
        "ec2 describe-subnets --query 'Subnets[].[AvailabilityZone,CidrBlock]' --output text",
        "ec2 describe-vpcs --query 'Vpcs[].{a:VpcId,b:CidrBlock}' --output table",
    ],
)
def test_ours_prints_what_the_real_one_prints(served: Served, line: str) -> None:
    account = served.account
    _, out, _ = run_aws(account, root(account.id), shlex.split(line), {"AWS_REGION": "us-east-1"})
    found = real(served, line)
    assert found.stderr == ""
    assert out == found.stdout


def test_a_refusal_reads_the_same(served: Served) -> None:
    ada = add_user(served.account, "ada")
    line = "s3 ls s3://data"
    _, _, err = run_aws(served.account, ada, shlex.split(line), {"AWS_REGION": "us-east-1"})
    assert err == real(served, line, *key_of(served.account, "ada")).stderr


def test_get_token_is_believed(served: Served) -> None:
    add_user(served.account, "ada")
    line = "eks get-token --cluster-name lab --query status.token --output text"
    token = real(served, line, *key_of(served.account, "ada")).stdout.strip()
    assert tokens.verify(served.account, token, "lab").arn == "arn:aws:iam::123456789012:user/ada"


def test_files_go_to_buckets_and_back(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    path.write_text("hello")
    assert real(served, "s3 mb s3://data").returncode == 0
    assert real(served, f"s3 cp {path} s3://data/a/").returncode == 0
    assert real(served, "s3 cp s3://data/a/f.txt -").stdout == "hello"
