"""EC2 as far as the course stands on it: moto's, mended and extended.

Importing this package imports moto, the light way, and puts the mended EC2 in moto's place, so that nobody ever
meets a backend without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eks_lab.aws.moto_loading import Moto

Moto.has("ec2")

from eks_lab.aws.ec2 import mended

mended.install()

if TYPE_CHECKING:
    from eks_lab.aws.account import Account
    from eks_lab.sim.runtime import Controller


def console_of(account: Account, instance_id: str) -> str:
    """Return what an instance of an account wrote while it started: cloud-init, nodeadm, the kubelet's journal.

    Args:
        account: the account.
        instance_id: `i-0…`; of an unknown one there is nothing.

    Returns:
        Lines as `journalctl` prints them; also `aws ec2 get-console-output`.
    """
    from eks_lab.aws.ec2.instances import observers

    observer = observers.get(account.id)
    return observer.console(instance_id) if observer is not None else ""


def CONTROLLERS(account: Account) -> tuple[Controller, ...]:  # noqa: N802 - the name every package of the account exports
    """Return what keeps instances and nodes of an account in step."""
    from eks_lab.aws.ec2.auto_scaling import extend_gateway
    from eks_lab.aws.ec2.instance_controller import controllers

    extend_gateway(account)
    return controllers(account)
