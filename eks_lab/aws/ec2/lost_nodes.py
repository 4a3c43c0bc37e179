"""Takes away nodes of instances that EC2 never heard of: a crash may leave a cluster a second ahead of the account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eks_lab.aws.ec2 import mended
from eks_lab.sim.objects import Key
from eks_lab.sim.runtime import DONE, Result, Watch

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

CLUSTERS = "clusters.eks"


class LostNodeController:
    """Looks at a cluster's nodes when its record is written or read back; heartbeats alone would keep them for ever."""

    name = "lost-nodes"
    watches: Sequence[Watch] = (Watch(CLUSTERS),)

    def __init__(self, account: Account) -> None:
        """Compare an account's EC2 with its clusters."""
        self._account = account

    def reconcile(self, key: Key) -> Result:
        """Remove the nodes of one cluster whose instance does not exist."""
        account = self._account
        cluster = account.kubernetes.cluster(key.name)
        if cluster is None:
            return DONE
        known = mended.region(account.id, account.region).instance_index
        for node in cluster.store.items("nodes"):
            instance_id = str(node["spec"].get("providerID", "")).rpartition("/")[2]
            if instance_id.startswith("i-") and instance_id not in known:
                cluster.api.delete("nodes", Key("", node["metadata"]["name"]))
        return DONE
