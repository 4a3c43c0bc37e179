"""The folder of one sandbox: who may read it, and how files get there whole."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from eks_lab import locations
from eks_lab.errors import DataError


@dataclass(frozen=True, slots=True)
class StateDirectory:
    """Where a sandbox keeps what it needs to go on; nobody but its owner may look in."""

    root: Path

    @classmethod
    def default(cls) -> StateDirectory:
        """Return the learner's own."""
        return cls(locations.data_dir() / "sandbox")

    @property
    def lock(self) -> Path:
        """Return the file that the running process holds locked."""
        return self.root / "daemon.lock"

    @property
    def process(self) -> Path:
        """Return the file that says which process runs, and where it listens."""
        return self.root / "daemon.json"

    @property
    def token(self) -> Path:
        """Return the file with the control API's token."""
        return self.root / "control.token"

    @property
    def kubeconfig(self) -> Path:
        """Return the file to point KUBECONFIG at."""
        return self.root / "kubeconfig"

    @property
    def certificates(self) -> Path:
        """Return the folder of keys and certificates."""
        return self.root / "pki"

    @property
    def clusters(self) -> Path:
        """Return the folder that holds one folder a cluster: snapshots, journals and, below it, keys."""
        return self.root / "clusters"

    def cluster_of(self, name: str) -> Path:
        """Return the folder of a cluster."""
        return self.clusters / name

    def certificates_of(self, name: str, base: str) -> Path:
        """Return the folder of a cluster's keys; the base cluster's outlive a reset."""
        return self.certificates if name == base else self.cluster_of(name) / "pki"

    def audit_of(self, name: str, base: str) -> Path:
        """Return the audit log of a cluster."""
        return self.audit if name == base else self.cluster_of(name) / "audit.log"

    @property
    def account(self) -> Path:
        """Return the folder of the AWS account's records."""
        return self.root / "account"

    @property
    def aws_config(self) -> Path:
        """Return the file to point AWS_CONFIG_FILE at."""
        return self.root / "aws" / "config"

    @property
    def aws_credentials(self) -> Path:
        """Return the file to point AWS_SHARED_CREDENTIALS_FILE at."""
        return self.root / "aws" / "credentials"

    @property
    def aws_environment(self) -> Path:
        """Return the file with the variables that `sandbox env` prints for aws."""
        return self.root / "aws" / "environment.json"

    @property
    def moto(self) -> Path:
        """Return the file with the state of the AWS services that moto serves."""
        return self.account / "moto.state"

    @property
    def ports(self) -> Path:
        """Return the file that remembers ports, so that a kubeconfig stays good."""
        return self.root / "ports.json"

    @property
    def log(self) -> Path:
        """Return the process's log file."""
        return self.root / "sandbox.log"

    @property
    def audit(self) -> Path:
        """Return the API server's audit log; older parts of it stand beside as `audit.log.1`."""
        return self.root / "audit.log"

    def create(self) -> None:
        """Make the folder, 0700.

        Raises:
            DataError: it cannot be made or written.
        """
        try:
            for folder in (
                self.root,
                self.certificates,
                self.clusters,
                self.account,
                self.root / "aws",
            ):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                folder.chmod(0o700)
        except OSError as error:
            raise unwritable(self.root, error) from error


def unwritable(path: Path, error: OSError) -> DataError:
    """Return the one message for a folder that cannot be written."""
    return DataError(
        f"{path}: the sandbox cannot keep its state here: {error.strerror or error}",
        hint=f"Make the folder writable, free some space, or set {locations.HOME_VARIABLE} to another folder.",
    )


def write_private(path: Path, content: bytes) -> None:
    """Replace a file as a whole, readable by its owner only.

    Raises:
        DataError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise unwritable(path, error) from error
