"""Where this machine keeps Terraform's AWS provider, if it does: tests download none."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

TERRAFORM = shutil.which("terraform") or shutil.which("tofu") or ""
_HOSTS = ("registry.terraform.io", "registry.opentofu.org")
_PLACES = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
"""Implied local mirrors (Terraform documentation, CLI configuration file, "Implied Local Mirror Directories")."""


def mirror() -> Path | None:
    """Return a filesystem mirror that has the AWS provider for this machine."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine().lower())
    places: list[Path] = [Path(each).expanduser() for each in _PLACES]
    places += Path("/opt").glob("*")
    for place in places:
        for host in _HOSTS:
            if any(place.glob(f"{host}/hashicorp/aws/*/{platform.system().lower()}_{machine}")):
                return place
    return None


def provider_version() -> tuple[int, ...]:
    """Return the newest version in the mirror, as numbers."""
    place = mirror()
    assert place is not None
    found = [each.name for host in _HOSTS for each in place.glob(f"{host}/hashicorp/aws/*")]
    return max(tuple(int(part) for part in name.split(".") if part.isdigit()) for name in found)


def may_unshare() -> bool:
    """Return whether a network of its own can be had."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    done = subprocess.run([unshare, "--map-root-user", "--net", "true"], capture_output=True, check=False)
    return done.returncode == 0
