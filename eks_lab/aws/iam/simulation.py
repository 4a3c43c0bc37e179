"""`simulate-principal-policy` and `simulate-custom-policy`, answered by the engine that decides real calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from eks_lab.aws.errors import AwsError
from eks_lab.aws.iam.documents import read
from eks_lab.aws.iam.evaluation import Decision, Policy, Question, Rules, decide
from eks_lab.aws.principal import Principal

if TYPE_CHECKING:
    from eks_lab.aws.iam.engine import Iam, Owner


class Simulation:
    """Answers the simulations of one account."""

    def __init__(self, account: Owner, iam: Iam) -> None:
        """Take the account and its IAM."""
        self._account = account
        self._iam = iam

    def of_principal(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Answer SimulatePrincipalPolicy.

        Raises:
            AwsError: NoSuchEntity, or InvalidInput for an ARN of anything but a user, a group or a role.
        """
        arn = str(params["PolicySourceArn"])
        if ":group/" in arn:
            return self._of_group(arn, params)
        principal = self.principal(arn)
        rules = self._iam.identities.rules(principal)
        added = self._given(params.get("PolicyInputList"), "PolicyInputList")
        rules = Rules([*rules.identity, *added], rules.boundary, rules.sessions, rules.has_boundary)
        return self._answer(principal, self._bounded(rules, params), params)

    def _of_group(self, arn: str, params: Mapping[str, Any]) -> dict[str, Any]:
        name = arn.rsplit("/", 1)[-1]
        rules = self._iam.identities.rules_of_group(name)
        if rules is None:
            raise AwsError("NoSuchEntity", f"The group with name {name} cannot be found.", status=404)
        member = Principal("user", self._account.id, arn, "AGPASIMULATED", name=name)
        return self._answer(member, self._bounded(rules, params), params)

    def of_documents(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Answer SimulateCustomPolicy.

        Raises:
            AwsError: InvalidInput: a document cannot be read.
        """
        arn = str(params.get("CallerArn") or f"arn:aws:iam::{self._account.id}:user/simulated")
        principal = Principal("user", self._account.id, arn, "AIDASIMULATED", name=arn.rsplit("/", 1)[-1])
        rules = Rules(self._given(params.get("PolicyInputList"), "PolicyInputList"))
        return self._answer(principal, self._bounded(rules, params), params)

    def principal(self, arn: str) -> Principal:
        """Return the identity of an ARN.

        Raises:
            AwsError: NoSuchEntity, or InvalidInput for an ARN of anything but a user, a group or a role.
        """
        identities = self._iam.identities
        kind = arn.split(":", 5)[-1].partition("/")[0]
        name = arn.rsplit("/", 1)[-1]
        if kind == "user" and (user := identities.user(name)) is not None and user.arn == arn:
            return identities.user_principal(user)
        if kind == "role" and (role := identities.role_of_arn(arn)) is not None:
            return Principal(
                "assumed-role",
                self._account.id,
                arn,
                str(role.id),
                name=name,
                tags=dict(identities.tags(role)),
            )
        if kind in ("user", "role"):
            raise AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", status=404)
        raise AwsError(
            "InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        )

    def _given(self, texts: Sequence[str] | None, source: str) -> list[Policy]:
        found = []
        for number, text in enumerate(texts or (), start=1):
            document = read(text)
            if not document.statements:
                raise AwsError("InvalidInput", "Syntax errors in policy.", status=400)
            name = f"{source}.{number}"
            found.append(Policy(name, "identity-based policy", document, "none"))
        return found

    def _bounded(self, rules: Rules, params: Mapping[str, Any]) -> Rules:
        boundaries = params.get("PermissionsBoundaryPolicyInputList")
        if not boundaries:
            return rules
        boundary = Policy("PermissionsBoundary", "permissions boundary", read(boundaries[0]), "none")
        return Rules(rules.identity, boundary, rules.sessions, has_boundary=True)

    def _answer(self, principal: Principal, rules: Rules, params: Mapping[str, Any]) -> dict[str, Any]:
        given = [
            (str(entry["ContextKeyName"]), tuple(str(each) for each in entry.get("ContextKeyValues") or ()))
            for entry in params.get("ContextEntries") or ()
        ]
        own = params.get("ResourcePolicy")
        results = []
        for action in params.get("ActionNames") or ():
            if ":" not in action:
                raise AwsError("InvalidInput", f"Invalid Action: {action}", status=400)
            for resource in params.get("ResourceArns") or ("*",):
                context = self._iam.context(principal, given)
                stands = (
                    Policy(resource, "resource-based policy", read(unquote(own)), "resource") if own else None
                )
                decision = decide(Question(principal, action, resource, context), rules, stands)
                results.append(self._result(action, resource, decision, rules, context))
        return {"EvaluationResults": results, "IsTruncated": False}

    def _result(
        self, action: str, resource: str, decision: Decision, rules: Rules, context: Mapping[str, Any]
    ) -> dict[str, Any]:
        verdict = "allowed" if decision.allowed else "explicitDeny" if decision.explicit else "implicitDeny"
        result: dict[str, Any] = {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": verdict,
            "MatchedStatements": [
                {
                    "SourcePolicyId": match.policy.name.rsplit("/", 1)[-1],
                    "SourcePolicyType": "IAM Policy"
                    if match.policy.source != "resource"
                    else "Resource Policy",
                    "StartPosition": {"Line": 1, "Column": 1},
                    "EndPosition": {"Line": 1, "Column": 1},
                }
                for match in decision.matches
            ],
            "MissingContextValues": sorted(_missing(rules, action, resource, context)),
        }
        if rules.has_boundary:
            allowed = not decision.reason.startswith("because no permissions boundary")
            result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
        return result


def _missing(rules: Rules, action: str, resource: str, context: Mapping[str, Any]) -> Iterable[str]:
    """Return the keys that statements about a request look at and the simulation was not given."""
    lower = action.lower()
    found = set()
    for policy in rules.identity:
        for statement in policy.document.statements:
            about = (statement.actions.fullmatch(lower) is not None) != statement.not_action
            if about and (
                statement.resources is None
                or statement.resources.match(resource, context) != statement.not_resource
            ):
                found |= {each.key for each in statement.conditions if each.key not in context}
    return found


def context_keys(documents: Iterable[str]) -> list[str]:
    """Return the condition keys that documents look at, in order."""
    found: dict[str, None] = {}
    for text in documents:
        for statement in read(unquote(text) if text.startswith("%7B") else text).statements:
            for condition in statement.conditions:
                found.setdefault(condition.key)
    return list(found)
