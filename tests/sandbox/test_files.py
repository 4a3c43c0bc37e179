"""The state directory, the lock, the certificates and the kubeconfig."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from eks_lab.errors import DataError
from eks_lab.sandbox import credentials, subshell
from eks_lab.sandbox.client import running
from eks_lab.sandbox.environment import environment
from eks_lab.sandbox.kubeconfig import kubeconfig
from eks_lab.sandbox.process_identity import identity_of
from eks_lab.sandbox.process_lock import ProcessLock, is_held
from eks_lab.sandbox.state_directory import StateDirectory, write_private

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def directory(tmp_path: Path) -> StateDirectory:
    made = StateDirectory(tmp_path / "sandbox")
    made.create()
    return made


def test_nobody_else_may_look_in(directory: StateDirectory) -> None:
    write_private(directory.token, b"secret")
    assert directory.root.stat().st_mode & 0o777 == 0o700
    assert directory.token.stat().st_mode & 0o777 == 0o600


def test_a_file_is_replaced_as_a_whole(directory: StateDirectory) -> None:
    write_private(directory.token, b"a long old token")
    write_private(directory.token, b"new")
    assert directory.token.read_bytes() == b"new"
    assert [path.name for path in directory.root.iterdir() if path.name.endswith(".tmp")] == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(DataError) as caught:
        StateDirectory(in_the_way / "sandbox").create()
    assert str(in_the_way) in caught.value.message
    assert "EKS_LAB_HOME" in caught.value.hint


def test_one_holder_at_a_time(directory: StateDirectory) -> None:
    first, second = ProcessLock(directory.lock), ProcessLock(directory.lock)
    assert not is_held(directory.lock)
    assert first.acquire()
    assert not second.acquire()
    assert is_held(directory.lock)
    first.release()
    assert second.acquire()
    second.release()


def test_a_killed_process_holds_no_lock(directory: StateDirectory) -> None:
    """What it wrote about itself does not count any more, even if its number lives on."""
    code = (
        "import sys; from pathlib import Path; from eks_lab.sandbox.process_lock import ProcessLock;"
        "lock = ProcessLock(Path(sys.argv[1])); print(lock.acquire(), flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(directory.lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline().strip() == b"True"
    document = {"pid": os.getpid(), "identity": "x", "instance": "i", "ports": {"api": 1, "control": 2}}
    directory.process.write_text(json.dumps(document))
    assert running(directory) is not None
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    assert running(directory) is None


def test_identity_belongs_to_a_process() -> None:
    assert identity_of(os.getpid()) == identity_of(os.getpid()) != ""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    assert identity_of(done.pid) == ""


def test_authority_and_token_key_stay(directory: StateDirectory) -> None:
    """A kubeconfig somebody copied stays good after a restart."""
    first = credentials.prepared(directory.certificates, NOW)
    second = credentials.prepared(directory.certificates, NOW + timedelta(days=300))
    assert first.authority == second.authority
    assert first.token_key == second.token_key
    authority = x509.load_pem_x509_certificate(second.authority)
    for pem in (second.administrator.certificate, (directory.certificates / "server.crt").read_bytes()):
        x509.load_pem_x509_certificate(pem).verify_directly_issued_by(authority)


def test_keys_are_for_their_owner(directory: StateDirectory) -> None:
    credentials.prepared(directory.certificates, NOW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in directory.certificates.iterdir()}
    assert {"ca.key", "server.key", "service-accounts.key"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_damaged_authority_is_made_again(directory: StateDirectory) -> None:
    first = credentials.prepared(directory.certificates, NOW)
    (directory.certificates / "ca.key").write_bytes(b"nonsense")
    assert credentials.prepared(directory.certificates, NOW).authority != first.authority


def test_the_kubeconfig_names_one_context() -> None:
    document = json.loads(kubeconfig("https://127.0.0.1:6443", b"PEM", {"token": "t"}))
    assert document["current-context"] == document["contexts"][0]["name"] == "eks-lab"
    assert document["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    assert document["users"][0]["user"] == {"token": "t"}


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="needs bash")
def test_a_subshell_keeps_what_the_sandbox_sets(tmp_path: Path) -> None:
    """Start-up files of the learner run, but do not win."""
    home = tmp_path / "home"
    home.mkdir()
    own = "KUBECONFIG=/elsewhere OWN=1 AWS_REGION=eu-west-1 AWS_PROFILE=production AWS_ENDPOINT_URL_EKS=https://x"
    (home / ".bashrc").write_text(f"export {own}\nPS1='$ '\n")
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "KUBECONFIG": "/state/it's here",
        "AWS_REGION": "us-east-1",
    }
    script = 'echo "$KUBECONFIG|$OWN|$PS1|$EKS_LAB_SHELL|$AWS_REGION|$AWS_PROFILE$AWS_ENDPOINT_URL_EKS"'
    with subshell.prepared("/bin/bash", environment) as (arguments, settled):
        done = subprocess.run(
            [*arguments, "-c", script], env=settled, capture_output=True, text=True, check=False
        )
        # -c does not read the file; reading it by hand shows what an interactive shell would have.
        file = arguments[arguments.index("--rcfile") + 1]
        done = subprocess.run(
            ["/bin/bash", "-c", f". {file}; {script}"],
            env=settled,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout.strip() == "/state/it's here|1|(eks-lab) $ |1|us-east-1|"


def test_a_shell_forgets_the_learners_own_account(tmp_path: Path) -> None:
    """Whatever names an account, an endpoint or a proxy in the learner's shell does not win."""
    directory = StateDirectory(tmp_path)
    directory.aws_environment.parent.mkdir(parents=True, exist_ok=True)
    directory.aws_environment.write_text(json.dumps({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}))
    inherited = {
        "AWS_ENDPOINT_URL_EKS": "https://eks.eu-west-1.amazonaws.com",
        "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/admin",
        "AWS_DEFAULT_OUTPUT": "table",
        "NO_PROXY": "corp.example,localhost",
        "HOME": "/home/learner",
    }
    found = environment(directory, inherited)
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert [found[name] for name in ("AWS_ENDPOINT_URL_EKS", "AWS_ROLE_ARN", "AWS_PROFILE")] == ["", "", ""]
    assert "AWS_DEFAULT_OUTPUT" not in found
    assert "HOME" not in found
    assert found["NO_PROXY"] == "corp.example,localhost,127.0.0.1"
    assert found["no_proxy"] == "127.0.0.1,localhost"
