"""The real terraform and the real AWS provider on the sandbox, in a network with nothing but loopback in it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.account.account_lab import BIN, LEARNERS_KEY
from tests.e2e.account.test_loopback import LOOPBACK_UP, learners_shell
from tests.e2e.terraform.providers import TERRAFORM, may_unshare, mirror, provider_version

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="needs network namespaces"),
    pytest.mark.skipif(not TERRAFORM, reason="there is no terraform and no tofu on PATH"),
    pytest.mark.skipif(
        mirror() is None, reason="the AWS provider is in no local mirror, and none is downloaded"
    ),
    pytest.mark.skipif(not may_unshare(), reason="this machine lets nobody make a network namespace"),
]
SMALL = Path(__file__).with_name("small.tf")
WHOLE = "EKS_LAB_WHOLE_PRESETS"
"""Set by `make test-terraform`: the provider itself waits a minute and a half for a cluster to be gone."""
POLICY = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${bucket}/*"}]}
"""
HEAD = """
set -eu
"$PYTHON" -c "$LOOPBACK_UP"
eks-lab sandbox up --nodes 2 >/dev/null
t() { eks-lab terraform -- "$@" -no-color; }
left() { eks-lab sandbox env >"$HOME/env"; (. "$HOME/env"; aws "$@" --output text); }
cd "$FOLDER"
eks-lab terraform --plugin-dir "$MIRROR" -- init -input=false -no-color >"$HOME/init"
"""
SMALL_SCRIPT = (
    HEAD
    + """
t plan -input=false -out=the.plan >"$HOME/plan"
t apply -input=false the.plan >"$HOME/apply"
t plan -input=false -detailed-exitcode >"$HOME/again" || echo "again $?"
echo "role $(eks-lab terraform -- output -raw role)"
echo "groups $(left logs describe-log-groups --query 'logGroups[].logGroupName')"
t destroy -input=false -auto-approve >"$HOME/destroy"
echo "state $(eks-lab terraform -- state list | wc -l)"
echo "roles $(left iam list-roles --query "Roles[?RoleName=='orders'].RoleName")"
echo "buckets $(left s3api list-buckets --query 'Buckets[].Name')"
echo "templates $(left ec2 describe-launch-templates --query 'LaunchTemplates[].LaunchTemplateName')"
eks-lab sandbox down --purge >/dev/null
"""
)
WHOLE_SCRIPT = (
    HEAD
    + """
t apply -input=false -auto-approve >"$HOME/apply"
t plan -input=false >"$HOME/again"
t destroy -input=false -auto-approve >"$HOME/destroy"
echo "state $(eks-lab terraform -- state list | wc -l)"
echo "clusters $(left eks list-clusters --query clusters)"
echo "vpcs $(left ec2 describe-vpcs --query 'Vpcs[].Tags[].Value')"
echo "roles $(left iam list-roles --query 'Roles[].RoleName')"
echo "groups $(left logs describe-log-groups --query 'logGroups[].logGroupName')"
echo "interfaces $(left ec2 describe-network-interfaces --filters Name=tag:cluster,Values=shop --query 'NetworkInterfaces[].NetworkInterfaceId')"
echo "addresses $(left ec2 describe-addresses --query 'Addresses[].Tags[].Value')"
eks-lab sandbox down >/dev/null
"""
)


def play(script: str, folder: Path, home: Path, seconds: float) -> dict[str, str]:
    """Run a script in a network of its own; returns the lines it printed by their first word."""
    place = mirror()
    environment = {
        **learners_shell(home),
        "FOLDER": str(folder),
        "MIRROR": str(place),
        "PATH": f"{BIN}{os.pathsep}{Path(TERRAFORM).parent}{os.pathsep}{os.environ['PATH']}",
        "LOOPBACK_UP": LOOPBACK_UP,
        "TF_INPUT": "0",
    }
    done = subprocess.run(
        ["unshare", "--map-root-user", "--net", "sh", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    logs = "\n".join(
        (home / name).read_text() for name in ("plan", "apply", "again") if (home / name).exists()
    )
    assert done.returncode == 0, done.stdout + done.stderr + logs
    assert LEARNERS_KEY not in done.stdout + logs
    lines = dict(line.partition(" ")[::2] for line in done.stdout.splitlines())
    return {name: value.strip() for name, value in lines.items()}


def prints(folder: Path) -> dict[str, str]:
    """Return a fingerprint of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_plan_apply_plan_destroy(tmp_path: Path) -> None:
    root = tmp_path / "infrastructure"
    folder = root / "shop"
    (root / "shared").mkdir(parents=True)
    (root / "shared" / "policy.json.tftpl").write_text(POLICY)
    folder.mkdir()
    shutil.copy(SMALL, folder / "main.tf")
    (folder / "terraform.tfstate").write_text("of somebody's real account")
    before = prints(root)
    home = tmp_path / "home"
    said = play(SMALL_SCRIPT, folder, home, 240)
    assert "Plan: 8 to add, 0 to change, 0 to destroy." in (home / "plan").read_text()
    assert "8 added, 0 changed, 0 destroyed" in (home / "apply").read_text()
    assert "again" not in said
    assert "No changes." in (home / "again").read_text()
    assert said["role"] == "arn:aws:iam::123456789012:role/orders"
    assert said["groups"] == "/shop/orders"
    assert "8 destroyed" in (home / "destroy").read_text()
    assert said["state"] == "0"
    assert (said["roles"], said["buckets"], said["templates"]) == ("", "", "")
    assert prints(root) == before
    assert not (home / "lab" / "data" / "sandbox").exists()


@pytest.mark.skipif(
    not os.environ.get(WHOLE), reason="minutes of waiting that is the provider's: make test-terraform"
)
@pytest.mark.parametrize(
    ("preset", "settings"),
    [
        ("learning", 'public_access_cidrs = ["8.8.8.8/32"]'),
        (
            "production",
            'access = { administrators = { policy = "AmazonEKSClusterAdminPolicy",'
            + ' principal_arn = "arn:aws:iam::123456789012:role/eks-lab-node" } }',
        ),
    ],
)
def test_what_the_generator_writes(tmp_path: Path, preset: str, settings: str) -> None:
    folder = tmp_path / "generated"
    choices = ["--preset", preset, "--set", "name=shop", "--out", str(folder)]
    subprocess.run([str(BIN / "eks-lab"), "generate", "terraform", *choices], check=True, capture_output=True)
    (folder / "terraform.tfvars").write_text(settings + "\n")
    if provider_version() < (6, 28):
        _for_an_older_provider(folder)
    home = tmp_path / "home"
    said = play(WHOLE_SCRIPT, folder, home, 900)
    assert "Apply complete!" in (home / "apply").read_text()
    again = (home / "again").read_text()
    assert "No changes." in again or "Plan: 0 to add, 0 to change, 0 to destroy." in again
    assert "Destroy complete!" in (home / "destroy").read_text()
    assert said == {
        "state": "0",
        "clusters": "lab",
        "vpcs": "eks-lab-vpc",
        "roles": "eks-lab-cluster\teks-lab-node",
        "groups": "",
        "interfaces": "",
        "addresses": "eks-lab-nat",
    }


def _for_an_older_provider(folder: Path) -> None:
    """Take out what provider 6 has brought, so that what is left can be played with the one that is there."""
    for path in folder.glob("*.tf"):
        text = path.read_text()
        lines = [each for each in text.splitlines(keepends=True) if "deletion_protection  " not in each]
        path.write_text("".join(lines).replace('"~> 6.28"', '">= 5.100"'))
