"""`eks-lab terraform` on the docker backend's AWS half: the real terraform, our door, LocalStack."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from eks_lab.cli import run
from eks_lab.sandbox import environment
from eks_lab.sandbox.backends import registry
from eks_lab.sandbox.backends.interface import BackendStatus
from eks_lab.sandbox.state_directory import StateDirectory
from tests.e2e.terraform.providers import TERRAFORM, mirror

pytestmark = [
    pytest.mark.skipif(not TERRAFORM, reason="there is no terraform and no tofu on PATH"),
    pytest.mark.skipif(
        mirror() is None, reason="the AWS provider is in no local mirror, and none is downloaded"
    ),
]
CONFIGURATION = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.100" }
  }
}

provider "aws" {
  region = "us-east-1"
}

data "aws_eks_cluster" "lab" {
  name = "lab"
}

data "aws_subnet" "first" {
  id = tolist(data.aws_eks_cluster.lab.vpc_config[0].subnet_ids)[0]
}

resource "aws_iam_role" "orders" {
  name               = "terraformed"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" }
  }] })
}

resource "aws_s3_bucket" "orders" {
  bucket = "terraformed"
}

resource "aws_security_group" "database" {
  name   = "terraformed"
  vpc_id = data.aws_subnet.first.vpc_id
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/terraformed"
  retention_in_days = 7
}
"""


class DockerHalf:
    """The docker backend without its containers."""

    name = "docker"

    def __init__(self, door: StateDirectory) -> None:
        """Take the door."""
        self._door = door

    def status(self) -> BackendStatus:
        """Return that it runs."""
        return BackendStatus(name=self.name, running=True, capabilities=frozenset({"account"}))

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a shell."""
        return environment.environment(self._door, inherited)


def test_plan_apply_plan_destroy(
    door: StateDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "present", lambda directory: DockerHalf(door))
    (tmp_path / "main.tf").write_text(CONFIGURATION)
    monkeypatch.chdir(tmp_path)
    assert run(["terraform", "--plugin-dir", str(mirror()), "--", "init", "-no-color"]) == 0
    assert run(["terraform", "--", "apply", "-auto-approve", "-no-color"]) == 0
    assert "4 added, 0 changed, 0 destroyed" in capfd.readouterr().out
    assert run(["terraform", "--", "plan", "-detailed-exitcode", "-no-color"]) == 0
    assert run(["terraform", "--", "destroy", "-auto-approve", "-no-color"]) == 0
    assert "4 destroyed" in capfd.readouterr().out
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["main.tf"]
    aws = [str(Path(sys.executable).with_name("aws")), "s3", "ls"]
    own = {name: value for name, value in environment.environment(door, {}).items() if value}
    assert (
        "terraformed" not in subprocess.run(aws, env=own, capture_output=True, text=True, check=True).stdout
    )
