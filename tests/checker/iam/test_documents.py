"""Policies in JSON files: the line of each statement, grammar, and the mistakes of IRSA and Pod Identity."""

from __future__ import annotations

import json
from datetime import date

import pytest

from eks_lab.checker.check import check_texts
from eks_lab.checker.iam.documents import statement_lines
from eks_lab.checker.model import CheckOptions, Finding

OPTIONS = CheckOptions(today=date(2026, 11, 22))
ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"


def judge(*statements: object, version: str = "2012-10-17") -> tuple[Finding, ...]:
    """Return what is wrong with a policy of some statements."""
    text = json.dumps({"Version": version, "Statement": list(statements)}, indent=2)
    return check_texts({"policy.json": text}, OPTIONS).findings


def irsa(**changes: object) -> dict[str, object]:
    """Return a sound IRSA statement with changes."""
    return {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{ISSUER}:aud": "sts.amazonaws.com",
                f"{ISSUER}:sub": "system:serviceaccount:a:b",
            }
        },
    } | changes


def condition(**keys: str) -> dict[str, dict[str, str]]:
    """Return a Condition of StringEquals on claims of the issuer."""
    return {"StringEquals": {f"{ISSUER}:{claim}": value for claim, value in keys.items()}}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, []),
        ({"Condition": condition(aud="sts.amazonaws.com")}, ["iam-irsa-missing-sub"]),
        ({"Condition": condition(sub="system:serviceaccount:a:b")}, ["iam-irsa-missing-aud"]),
        (
            {"Condition": condition(aud="sts.amazonaws.com", sub="system:serviceaccount:a:*")},
            ["iam-wildcard-under-equals"],
        ),
        ({"Condition": condition(aud="sts.amazonaws.com", sub="a:b")}, ["iam-irsa-subject-form"]),
        ({"Condition": condition(aud="else", sub="system:serviceaccount:a:b")}, ["iam-irsa-audience"]),
        (
            {"Condition": {"StringEquals": {f"{PROVIDER}:aud": "sts.amazonaws.com", f"{PROVIDER}:sub": "system:serviceaccount:a:b"}}},
            ["iam-irsa-key-with-arn", "iam-irsa-key-with-arn"],
        ),
        (
            {"Condition": {"StringEquals": {f"https://{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": "system:serviceaccount:a:b"}}},
            ["iam-irsa-key-with-scheme"],
        ),
        ({"Action": "sts:AssumeRole"}, ["iam-trust-action"]),
        ({"Principal": {"Federated": ISSUER}}, ["iam-irsa-principal"]),
        ({"Principal": {"Federated": f"arn:aws:iam::1:oidc-provider/https://{ISSUER}"}}, ["iam-irsa-key-with-scheme"]),
        ({"Effect": "Deny", "Condition": {}}, []),
        ({"Effect": "allow"}, ["iam-grammar"]),
        ({"Actions": "x"}, ["iam-grammar"]),
    ],
)  # fmt: skip
def test_irsa(changes: dict[str, object], rules: list[str]) -> None:
    assert sorted(finding.rule for finding in judge(irsa(**changes))) == rules


@pytest.mark.parametrize(
    ("service", "actions", "rules"),
    [
        ("pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"], ["iam-pod-identity-open"]),
        (
            "pods.eks.amazonaws.com",
            "sts:AssumeRole",
            ["iam-pod-identity-open", "iam-pod-identity-tag-session"],
        ),
        ("pods.eks.amazonaws.com", "sts:TagSession", ["iam-pod-identity-open", "iam-trust-action"]),
        ("eks-pods.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"], ["iam-pod-identity-principal"]),
        ("eks.amazonaws.com", "sts:AssumeRole", []),
    ],
)
def test_pod_identity(service: str, actions: object, rules: list[str]) -> None:
    found = judge({"Effect": "Allow", "Principal": {"Service": service}, "Action": actions})
    assert sorted(finding.rule for finding in found) == rules


def test_trust_of_other_issuers_is_left_alone() -> None:
    key = "token.actions.githubusercontent.com"
    found = judge(
        irsa(
            Principal={"Federated": f"arn:aws:iam::111122223333:oidc-provider/{key}"},
            Condition={
                "StringEquals": {
                    f"{key}:sub": "repo:me/it:ref:refs/heads/main",
                    f"{key}:aud": "sts.amazonaws.com",
                }
            },
        )
    )
    assert found == ()


def test_each_finding_is_on_the_line_of_its_statement() -> None:
    good = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    bad = {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Id": '{["Statement"]}', "Statement": [good, bad]}, indent=2)
    (finding,) = check_texts({"policy.json": text}, OPTIONS).findings
    assert finding.rule == "iam-star-resource"
    assert text.split("\n")[finding.line].strip().startswith('"Effect"')
    assert finding.line == 10
    assert statement_lines('{"Statement":\n {"Effect": 1}}') == [2]
    assert statement_lines("[]") == []


def test_a_grammar_mistake_names_its_statement() -> None:
    text = '{"Version": "2012-10-17", "Statement": [\n{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},\n{"Effect": "Allow"}]}'
    (finding,) = check_texts({"policy.json": text}, OPTIONS).findings
    assert (finding.rule, finding.line) == ("iam-grammar", 3)
    assert "statement 2 has no Action" in finding.message
