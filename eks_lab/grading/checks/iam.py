"""`iam`: what a principal may do in the account."""

from __future__ import annotations

from eks_lab.content.queries import IamQuery
from eks_lab.grading.stage import Stage
from eks_lab.grading.target import RefusedError
from eks_lab.grading.verdict import Verdict


def look(value: IamQuery, stage: Stage, check: str) -> Verdict:
    """Ask IAM.

    Args:
        value: who, and what.
        stage: where.
        check: not needed.
    """
    del check
    try:
        arn = value.principal
        if not arn.startswith("arn:"):
            account = stage.target.aws("sts", "GetCallerIdentity", {})["Account"]
            arn = f"arn:aws:iam::{account}:{value.principal}"
        params = {"PolicySourceArn": arn, "ActionNames": [value.action], "ResourceArns": [value.resource]}
        answer = stage.target.aws("iam", "SimulatePrincipalPolicy", params)
    except RefusedError as error:
        return Verdict(False, f"{error.code}: {error.message}")
    decision = answer["EvaluationResults"][0]["EvalDecision"]
    seen = f"{value.principal} {value.action} on {value.resource}: {decision}"
    return Verdict((decision == "allowed") is value.allowed, seen)
