"""Choices that forms ask for: short ways to write them, and the ones that many generators share."""

from __future__ import annotations

from eks_lab.calc.model import Input


def text(name: str, label: str, default: str | None, about: str, *, optional: bool = False) -> Input:
    """Return a text; one without a default is optional in any case.

    Args:
        name: snake_case.
        label: as a form shows it.
        default: what a fresh form holds; None when it may stay empty.
        about: one sentence.
        optional: whether it may be emptied although it has a default.
    """
    return Input(name, label, "text", default, about, optional=optional or default is None)


def flag(name: str, label: str, default: bool, about: str) -> Input:
    """Return a yes or no."""
    return Input(name, label, "flag", default, about)


def choice(name: str, label: str, choices: tuple[str, ...], about: str) -> Input:
    """Return one of several; the first is the default."""
    return Input(name, label, "choice", choices[0], about, choices=choices)


def integer(
    name: str,
    label: str,
    default: int | None,
    about: str,
    unit: str,
    least: int,
    most: int,
    *,
    optional: bool = False,
) -> Input:
    """Return a whole number with its unit and bounds; one without a default is optional in any case."""
    return Input(
        name,
        label,
        "integer",
        default,
        about,
        unit=unit,
        minimum=least,
        maximum=most,
        optional=optional or default is None,
    )


def name_of(what: str, default: str) -> Input:
    """Return the choice `name`.

    Args:
        what: `the StorageClass`.
        default: what a fresh form holds.
    """
    return text("name", "Name", default, f"Name of {what}.")


def namespace(default: str = "default") -> Input:
    """Return the choice `namespace`."""
    return text("namespace", "Namespace", default, "Namespace it lives in; it has to exist.")


CLUSTER = text("cluster", "Cluster", "lab", "Name of the EKS cluster.")
REGION = text("region", "Region", "us-east-1", "AWS region.")
ACCOUNT = text("account", "Account", "111122223333", "AWS account id of twelve digits.")
SERVICE_ACCOUNT = text("service_account", "Service account", "reader", "ServiceAccount that the pods run as.")
IMAGE = text("image", "Image", "public.ecr.aws/nginx/nginx:1.27", "Container image with a tag or a digest.")
CPU = integer(
    "cpu_millicores",
    "CPU request",
    250,
    "CPU that the scheduler sets aside for a pod.",
    "millicores",
    1,
    192_000,
)
MEMORY = integer("memory_mib", "Memory", 512, "Memory request and limit of a pod.", "MiB", 4, 3_145_728)
