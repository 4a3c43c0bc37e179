"""The program itself: its Python, its packages, its lessons, the learner's folder, the ports of a sandbox."""

from __future__ import annotations

from pathlib import Path

from eks_lab import __version__
from eks_lab.doctor.model import Check, Machine
from eks_lab.errors import UnavailableError

OLDEST_PYTHON = (3, 11)
LITTLE_SPACE_MIB = 50
# The dependencies of pyproject.toml; a test compares the two.
PACKAGES = (
    "textual",
    "pydantic",
    "annotated-types",
    "boto3",
    "click",
    "common-expression-language",
    "cryptography",
    "fsrs",
    "jinja2",
    "jmespath",
    "localstack-client",
    "markdown-it-py",
    "mdit-py-plugins",
    "moto",
    "orjson",
    "platformdirs",
    "pygments",
    "pyjwt",
    "python-hcl2",
    "pyyaml",
    "textual-tty",
    "uvicorn",
    "websockets",
)
_AGAIN = "Install it again, the way it was: make clean run, or pipx reinstall eks-lab, or uv tool install --reinstall"
PORTS = {4566: "the AWS API of LocalStack or of a sandbox", 6443: "the Kubernetes API of a local cluster"}


def program_checks(machine: Machine, content_root: Path, data_dir: Path | UnavailableError) -> list[Check]:
    """Return what there is to know about the program and the learner's folder.

    Args:
        machine: the machine.
        content_root: folder that holds `lessons/`.
        data_dir: folder of the learner's progress, which need not exist; or why there is none.
    """
    return [
        Check("Program", "eks-lab", "ok", __version__, "the course", required=True),
        _python(machine),
        _packages(machine),
        _lessons(content_root),
        _data_folder(machine, data_dir),
    ]


def port_checks(machine: Machine) -> list[Check]:
    """Return whether the ports that local clouds and clusters use are free."""
    return [_port(machine, port, purpose) for port, purpose in PORTS.items()]


def _python(machine: Machine) -> Check:
    found = ".".join(map(str, machine.python_version))
    if machine.python_version < OLDEST_PYTHON:
        how = "Install Python 3.11 or newer, then: make run PYTHON=/path/to/it"
        return Check("Program", "Python", "missing", found, "running eks-lab", how, required=True)
    return Check("Program", "Python", "ok", found, "running eks-lab", required=True)


def _packages(machine: Machine) -> Check:
    versions = {name: machine.package_version(name) for name in PACKAGES}
    absent = [name for name, version in versions.items() if version is None]
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if absent:
        return Check(
            "Program",
            "packages",
            "missing",
            f"without {', '.join(absent)}",
            "running eks-lab",
            _AGAIN,
            required=True,
        )
    return Check("Program", "packages", "ok", found, "running eks-lab", required=True)


def _lessons(content_root: Path) -> Check:
    count = sum(1 for _ in (content_root / "lessons").glob("*/*/lesson.md"))
    if count:
        found = f"{count} lesson{'' if count == 1 else 's'}"
        return Check("Program", "lessons", "ok", found, "the course", required=True)
    found = f"none under {content_root / 'lessons'}"
    how = _AGAIN
    return Check("Program", "lessons", "missing", found, "the course", how, required=True)


def _data_folder(machine: Machine, data_dir: Path | UnavailableError) -> Check:
    needed = "remembering your progress"
    if isinstance(data_dir, UnavailableError):
        return Check(
            "Program", "data folder", "missing", data_dir.message, needed, data_dir.hint, required=True
        )
    elsewhere = "Make it writable, or set EKS_LAB_HOME to a folder that is."
    nearest = next((folder for folder in (data_dir, *data_dir.parents) if folder.exists()), data_dir)
    if not nearest.is_dir() or not machine.is_writable(nearest):
        problem = "may not be written" if nearest.is_dir() else "is not a folder"
        if not nearest.is_dir():
            elsewhere = "Rename what is there, or set EKS_LAB_HOME to a folder."
        found = f"{data_dir}: {nearest} {problem}"
        return Check("Program", "data folder", "missing", found, needed, elsewhere, required=True)
    try:
        free_mib = machine.free_bytes(nearest) // 2**20
    except OSError as error:
        found = f"{data_dir}; its free space is unknown: {error.strerror or error}"
        return Check("Program", "data folder", "warn", found, needed, elsewhere, required=True)
    free = f"{free_mib} MiB" if free_mib < 10 * 1024 else f"{free_mib // 1024} GiB"
    found = f"{data_dir}{'' if nearest == data_dir else ' (made on first use)'}, {free} free"
    if free_mib < LITTLE_SPACE_MIB:
        how = "Free some space: on a full disk nothing new is remembered."
        return Check("Program", "data folder", "warn", found, needed, how, required=True)
    return Check("Program", "data folder", "ok", found, needed, required=True)


def _port(machine: Machine, port: int, purpose: str) -> Check:
    match machine.port_state(port):
        case "free":
            return Check("Ports", str(port), "ok", "free", purpose)
        case "taken":
            how = f"See what listens there: lsof -i tcp:{port} (Linux also: ss -ltnp)"
            return Check("Ports", str(port), "warn", "taken by another program", purpose, how)
        case "unknown":
            return Check("Ports", str(port), "warn", "cannot be tried here", purpose)
