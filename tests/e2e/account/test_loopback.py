"""Nothing leaves loopback, and a learner's own account is never asked: in a network with nothing but loopback in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.account.account_lab import AWS, BIN, GUARD, LEARNERS_KEY
from tests.e2e.sandbox_lab import KUBECTL

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="needs network namespaces"),
    pytest.mark.skipif(not (KUBECTL and AWS.exists()), reason="needs kubectl and aws (the extra `tools`)"),
]
LOOPBACK_UP = """
import fcntl, socket, struct
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", IFF_UP, b""))
"""
SCRIPT = """
set -eu
"$PYTHON" -c "$LOOPBACK_UP"
eks-lab sandbox up --nodes 2 --speed pause >/dev/null
url=$(EKS_LAB_HOME="$EKS_LAB_HOME" sh -c 'eval "$(eks-lab sandbox env)"; echo "$AWS_ENDPOINT_URL"')
echo "1 $(aws --endpoint-url "$url" sts get-caller-identity 2>&1 || true)"
echo "2 $(aws --endpoint-url "$url" --profile production eks list-clusters 2>&1 || true)"
eval "$(eks-lab sandbox env)"
echo "3 $(aws sts get-caller-identity --query Arn --output text)"
aws eks update-kubeconfig --name lab --kubeconfig "$HOME/config" >/dev/null
echo "4 $(KUBECONFIG=$HOME/config kubectl get nodes --no-headers | grep -c ' Ready ')"
aws s3 mb s3://only-here >/dev/null
echo "5 $(aws s3 ls | cut -d ' ' -f 3)"
kubectl run caller --image=amazon/aws-cli --command -- sleep infinity >/dev/null
eks-lab sandbox advance 1m >/dev/null
echo "6 $(kubectl exec caller -- aws sts get-caller-identity --query Arn --output text)"
eks-lab sandbox down >/dev/null
"""


def _may_unshare() -> bool:
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    done = subprocess.run([unshare, "--map-root-user", "--net", "true"], capture_output=True, check=False)
    return done.returncode == 0


def learners_shell(home: Path) -> dict[str, str]:
    """Return the environment of somebody who works on a real account behind a company's proxy."""
    folder = home / ".aws"
    folder.mkdir(parents=True)
    keys = f"aws_access_key_id = {LEARNERS_KEY}\naws_secret_access_key = dG9wLXNlY3JldC1vZi10aGUtbGVhcm5lcg\n"
    (folder / "credentials").write_text(f"[default]\n{keys}[production]\n{keys}")
    (folder / "config").write_text(
        "[default]\nregion = us-east-1\n[profile production]\nregion = us-east-1\n"
    )
    return {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "PYTHONPATH": str(GUARD),
        "EKS_LAB_GUARD_LOG": str(home / "guard.log"),
        "LOOPBACK_UP": LOOPBACK_UP,
        "HOME": str(home),
        "EKS_LAB_HOME": str(home / "lab"),
        "LC_ALL": "C.UTF-8",
        "AWS_ACCESS_KEY_ID": LEARNERS_KEY,
        "AWS_SECRET_ACCESS_KEY": "dG9wLXNlY3JldC1vZi10aGUtbGVhcm5lcg",
        "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEXAMPLEtoken",
        "AWS_PROFILE": "production",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_EKS": "https://eks.us-east-1.amazonaws.com",
        "HTTP_PROXY": "http://proxy.corp.example:3128",
        "HTTPS_PROXY": "http://proxy.corp.example:3128",
        "NO_PROXY": "127.0.0.1",
    }


@pytest.mark.skipif(not _may_unshare(), reason="this machine lets nobody make a network namespace")
def test_in_a_network_of_its_own(tmp_path: Path) -> None:
    """The kernel has no route to anywhere: what works here works without the internet, kubectl included."""
    home = tmp_path / "home"
    done = subprocess.run(
        ["unshare", "--map-root-user", "--net", "sh", "-c", SCRIPT],
        env=learners_shell(home),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = dict(line.split(" ", 1) for line in done.stdout.splitlines() if line[:1].isdigit())
    # The learner's own keys are refused, from the environment as from a profile …
    assert "(InvalidClientTokenId)" in done.stdout
    assert "(UnrecognizedClientException)" in done.stdout
    # … and after `sandbox env` nothing of them is left.
    assert lines["3"] == "arn:aws:iam::123456789012:user/student"
    assert lines["4"] == "2"
    assert lines["5"] == "only-here"
    assert lines["6"].startswith("arn:aws:sts::123456789012:assumed-role/eks-lab-node/i-")
    assert LEARNERS_KEY not in done.stdout
    guard = home / "guard.log"
    assert not guard.exists(), guard.read_text()
