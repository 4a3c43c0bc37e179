"""Who a token of `aws eks get-token` is to a cluster: identity, then access entry or aws-auth, then user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eks_lab.aws.eks.access import user_of
from eks_lab.aws.tokens import is_eks_token, principal_of
from eks_lab.sim.objects import User

if TYPE_CHECKING:
    from eks_lab.aws.account import Account


class EksTokens:
    """Knows the tokens of one cluster; a bearer authenticator of its API server."""

    def __init__(self, account: Account, cluster: str) -> None:
        """Judge for one cluster.

        Args:
            account: whose identities and access entries.
            cluster: its name, which a token must carry.
        """
        self._account = account
        self._cluster = cluster

    def user_of(self, token: str) -> User | None:
        """Return the user of a token; None when it is not EKS's, not valid, or of somebody without access."""
        if not is_eks_token(token):
            return None
        principal = principal_of(self._account, token, self._cluster)
        return user_of(self._account.eks, self._cluster, principal) if principal is not None else None
