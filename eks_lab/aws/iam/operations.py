"""Operations of IAM that moto lacks, or answers otherwise than AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eks_lab.aws.errors import AwsError
from eks_lab.aws.iam.identities import BOUNDARY
from eks_lab.aws.iam.simulation import Simulation, context_keys
from eks_lab.aws.service import Call

if TYPE_CHECKING:
    from eks_lab.aws.iam.engine import Iam, Owner

Extension = Callable[[dict[str, Any], Call], dict[str, Any]]


def iam_extensions(account: Any) -> dict[tuple[str, str], Extension]:
    """Return the operations that are answered here.

    Args:
        account: with its IAM.
    """
    operations = Operations(account, account.iam)
    return {
        ("iam", "SimulatePrincipalPolicy"): operations.simulate_principal_policy,
        ("iam", "SimulateCustomPolicy"): operations.simulate_custom_policy,
        ("iam", "GetContextKeysForCustomPolicy"): operations.context_keys_for_custom_policy,
        ("iam", "GetContextKeysForPrincipalPolicy"): operations.context_keys_for_principal_policy,
        ("iam", "PutUserPermissionsBoundary"): operations.put_user_permissions_boundary,
        ("iam", "DeleteUserPermissionsBoundary"): operations.delete_user_permissions_boundary,
    }


class Operations:
    """IAM's own, beside moto's."""

    def __init__(self, account: Owner, iam: Iam) -> None:
        """Take the account and its IAM."""
        self._iam = iam
        self._simulation = Simulation(account, iam)

    def simulate_principal_policy(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Answer what an identity may do."""
        return self._simulation.of_principal(params)

    def simulate_custom_policy(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Answer what policies would allow."""
        return self._simulation.of_documents(params)

    def context_keys_for_custom_policy(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Return the condition keys of policies."""
        return {"ContextKeyNames": context_keys(params.get("PolicyInputList") or ())}

    def context_keys_for_principal_policy(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Return the condition keys of the policies of an identity."""
        rules = self._iam.identities.rules(self._simulation.principal(str(params["PolicySourceArn"])))
        found: dict[str, None] = {}
        for policy in rules.identity:
            for statement in policy.document.statements:
                for condition in statement.conditions:
                    found.setdefault(condition.key)
        for key in context_keys(params.get("PolicyInputList") or ()):
            found.setdefault(key)
        return {"ContextKeyNames": list(found)}

    def put_user_permissions_boundary(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Set the boundary of a user.

        Raises:
            AwsError: NoSuchEntity: the user or the policy is not there.
        """
        user = self._user(str(params["UserName"]))
        arn = str(params["PermissionsBoundary"])
        if self._iam.identities.managed_policy(arn) is None:
            raise AwsError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", status=404)
        setattr(user, BOUNDARY, arn)
        return {}

    def delete_user_permissions_boundary(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Take the boundary of a user away.

        Raises:
            AwsError: NoSuchEntity: the user is not there or has none.
        """
        user = self._user(str(params["UserName"]))
        if not getattr(user, BOUNDARY, None):
            raise AwsError(
                "NoSuchEntity",
                f"The user with name {params['UserName']} does not have a permissions boundary attached.",
                status=404,
            )
        setattr(user, BOUNDARY, None)
        return {}

    def _user(self, name: str) -> Any:
        user = self._iam.identities.user(name)
        if user is None:
            raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", status=404)
        return user
