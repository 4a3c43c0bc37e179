"""Trust policies: the mistakes of the course and of the issue trackers, and what passes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.iam_policy import read_policy
from eks_lab.calc.model import Answer
from eks_lab.calc.trust_policy import Pod, decide, least_policy, request_of
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered

ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"
SUBJECT = "system:serviceaccount:reports:reader"
CLUSTER = "arn:aws:eks:us-east-1:111122223333:cluster/lab"
WEB = "sts:AssumeRoleWithWebIdentity"
POD_ACTIONS = ["sts:AssumeRole", "sts:TagSession"]


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def irsa(condition: object = None, **changes: object) -> dict[str, Any]:
    """Return a statement for IRSA; without a condition that of the course."""
    pinned = {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": SUBJECT}}
    found = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": WEB,
        "Condition": pinned if condition is None else condition,
        **changes,
    }
    return {key: value for key, value in found.items() if value not in ({}, None)}


def pod_identity(condition: object = None, **changes: object) -> dict[str, Any]:
    """Return a statement for Pod Identity; without a condition that of the course."""
    pinned = {
        "StringEquals": {
            "aws:SourceAccount": "111122223333",
            "aws:RequestTag/eks-cluster-name": "lab",
            "aws:RequestTag/kubernetes-namespace": "reports",
            "aws:RequestTag/kubernetes-service-account": "reader",
        }
    }
    found = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": POD_ACTIONS,
        "Condition": pinned if condition is None else condition,
        **changes,
    }
    return {key: value for key, value in found.items() if value not in ({}, None)}


def ask(*statements: dict[str, Any], **inputs: object) -> Answer:
    return answer("trust", policy=policy(*statements), **inputs)


def verdict(*statements: dict[str, Any], **inputs: object) -> tuple[bool, list[str]]:
    result = ask(*statements, **inputs).result
    return result["allowed"], result["mistakes"]


def sub(value: object, operator: str = "StringEquals") -> dict[str, Any]:
    """Return a condition that pins aud, and sub in some way."""
    if operator == "StringEquals":
        return {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": value}}
    return {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"}, operator: {f"{ISSUER}:sub": value}}


def test_the_policies_of_the_course_pass_without_a_mistake() -> None:
    assert verdict(irsa()) == (True, [])
    assert verdict(pod_identity(), identity="pod-identity") == (True, [])


# Facts on identity: sub and aud have to be pinned, StringEquals knows no wildcard, keys are made of the
# bare issuer; issue trackers: wrong namespace or service account.
IRSA_ROWS: list[tuple[dict[str, Any], bool, list[str]]] = [
    (irsa(sub(SUBJECT)), True, []),
    (irsa(sub(["system:serviceaccount:x:y", SUBJECT])), True, []),
    (irsa(sub("system:serviceaccount:payments:reader")), False, ["wrong-namespace"]),
    (irsa(sub("system:serviceaccount:reports:writer")), False, ["wrong-service-account"]),
    (irsa(sub("reports:reader")), False, ["subject-form"]),
    (irsa(sub("system:serviceaccount:reports/reader")), False, ["subject-form"]),
    (irsa(sub("system:serviceaccount:reports:*")), False, ["wildcard-under-equals"]),
    (irsa(sub("system:serviceaccount:reports:*", "StringLike")), True, ["subject-pattern-namespace"]),
    (irsa(sub("system:serviceaccount:reports:re?der", "StringLike")), True, []),
    (irsa(sub("system:serviceaccount:*", "StringLike")), True, ["subject-pattern-open"]),
    (irsa(sub("system:serviceaccount:*:*", "StringLike")), True, ["subject-pattern-open"]),
    (irsa(sub("system:serviceaccount:pay*:*", "StringLike")), False, ["wrong-namespace"]),
    (irsa({"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"}}), True, ["missing-sub"]),
    (irsa({"StringEquals": {f"{ISSUER}:sub": SUBJECT}}), True, ["missing-aud"]),
    (irsa({}), True, ["missing-sub", "missing-aud"]),
    (irsa(sub(SUBJECT, "StringEqualsIfExists")), True, ["missing-sub"]),
    (irsa(sub("system:serviceaccount:x:y", "StringNotEquals")), True, ["missing-sub"]),
    (irsa(sub(SUBJECT, "StringNotEquals")), False, ["wrong-subject", "missing-sub"]),
    (irsa(sub(SUBJECT, "ForAllValues:StringEquals")), True, ["for-all-values", "missing-sub"]),
    (irsa(sub(SUBJECT, "ForAnyValue:StringEquals")), True, []),
    (
        irsa({"StringEquals": {f"{ISSUER}:aud": "pods.eks.amazonaws.com", f"{ISSUER}:sub": SUBJECT}}),
        False,
        ["wrong-audience"],
    ),
    (
        irsa({"StringEquals": {f"https://{ISSUER}:sub": SUBJECT, f"{ISSUER}:aud": "sts.amazonaws.com"}}),
        False,
        ["key-with-scheme"],
    ),
    (
        irsa({"StringEquals": {f"{PROVIDER}:sub": SUBJECT, f"{ISSUER}:aud": "sts.amazonaws.com"}}),
        False,
        ["key-with-arn"],
    ),
    (
        irsa({"StringEquals": {"sub": SUBJECT, f"{ISSUER}:aud": "sts.amazonaws.com"}}),
        False,
        ["key-without-issuer"],
    ),
    (
        irsa(
            {
                "StringEquals": {
                    "oidc.eks.eu-west-1.amazonaws.com/id/OTHER:sub": SUBJECT,
                    f"{ISSUER}:aud": "sts.amazonaws.com",
                }
            }
        ),
        False,
        ["key-of-other-issuer"],
    ),
    (
        irsa({"StringEquals": {f"{ISSUER.upper()}:SUB": SUBJECT, f"{ISSUER}:aud": "sts.amazonaws.com"}}),
        True,
        [],
    ),
    (
        irsa({**sub(SUBJECT), "StringLike": {"aws:RequestTag/kubernetes-namespace": "reports"}}),
        False,
        ["pod-identity-key"],
    ),
    (irsa({**sub(SUBJECT), "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), False, ["missing-key"]),
    (irsa(Action="sts:AssumeRole"), False, ["wrong-action"]),
    (irsa(Action="sts:*"), True, []),
    (irsa(Action="s3:GetObject"), False, ["no-allow"]),
    (irsa(Principal={"Federated": PROVIDER.replace("EXAMPLED5", "OLD")}), False, ["wrong-provider"]),
    (
        irsa(Principal={"Federated": PROVIDER.replace("111122223333", "444455556666")}),
        False,
        ["wrong-account"],
    ),
    (
        irsa(Principal={"Federated": PROVIDER.replace("/oidc.", "/https://oidc.")}),
        False,
        ["provider-with-scheme"],
    ),
    (irsa(Principal={"Federated": ISSUER}), False, ["issuer-as-principal"]),
    (irsa(Principal={"Federated": "accounts.google.com"}), False, ["wrong-provider"]),
    (irsa(Principal={"Federated": "*"}), False, ["wildcard-principal"]),
    (irsa(Principal={"Service": "ec2.amazonaws.com"}), False, ["ec2-principal"]),
    (irsa(Principal={"Service": "pods.eks.amazonaws.com"}), False, ["wrong-way"]),
    (irsa(Principal={"Service": "lambda.amazonaws.com"}), False, ["wrong-service"]),
    (irsa(Principal={"AWS": "111122223333"}), False, ["wrong-principal"]),
    (irsa(Principal="*"), True, ["anyone"]),
    (irsa(Principal={"AWS": "*"}), True, ["anyone"]),
]


@pytest.mark.parametrize(("statement", "allowed", "expected"), IRSA_ROWS)
def test_irsa(statement: dict[str, Any], allowed: bool, expected: list[str]) -> None:
    assert verdict(statement) == (allowed, expected)


POD_ROWS: list[tuple[dict[str, Any], dict[str, object], bool, list[str]]] = [
    (pod_identity(), {}, True, []),
    (pod_identity({}), {}, True, ["any-association"]),
    (pod_identity(Action="sts:AssumeRole"), {}, False, ["missing-tag-session"]),
    (
        pod_identity(Action="sts:AssumeRole"),
        {"session_tags": False},
        False,
        ["tags-disabled"] * 3 + ["missing-tag-session"],
    ),
    (
        pod_identity({"StringEquals": {"aws:SourceAccount": "111122223333"}}, Action="sts:AssumeRole"),
        {"session_tags": False},
        True,
        ["missing-tag-session"],
    ),
    (pod_identity(Action="sts:TagSession"), {}, False, ["no-allow"]),
    (pod_identity(Action=[WEB, "sts:TagSession"]), {}, False, ["wrong-action"]),
    (pod_identity(Principal={"Service": "ec2.amazonaws.com"}), {}, False, ["ec2-principal"]),
    (pod_identity(Principal={"Service": "eks.amazonaws.com"}), {}, False, ["wrong-service"]),
    (pod_identity(Principal={"Federated": PROVIDER}), {}, False, ["wrong-way"]),
    (pod_identity(), {"namespace": "payments"}, False, ["wrong-namespace"]),
    (pod_identity(), {"service_account": "writer"}, False, ["wrong-service-account"]),
    (pod_identity(), {"cluster": "prod"}, False, ["wrong-cluster"]),
    (pod_identity(), {"account": "444455556666"}, False, ["wrong-account"]),
    (pod_identity(), {"audience": "sts.amazonaws.com"}, False, ["wrong-audience"]),
    (pod_identity({"StringEquals": {"aws:SourceArn": CLUSTER}}), {}, True, []),
    (
        pod_identity({"StringEquals": {"aws:SourceArn": CLUSTER}}),
        {"region": "eu-west-1"},
        False,
        ["wrong-cluster"],
    ),
    (pod_identity({"ArnLike": {"aws:SourceArn": "arn:aws:eks:*:111122223333:cluster/*"}}), {}, True, []),
    (
        pod_identity({"StringEquals": {"aws:SourceArn": "arn:aws:eks:*:111122223333:cluster/*"}}),
        {},
        False,
        ["wildcard-under-equals"],
    ),
    (pod_identity({"StringEquals": {f"{ISSUER}:sub": SUBJECT}}), {}, False, ["irsa-key", "any-association"]),
    (
        pod_identity({"ForAllValues:StringEquals": {"aws:TagKeys": ["eks-cluster-arn"]}}),
        {},
        False,
        ["wrong-value", "for-all-values", "any-association"],
    ),
    (
        pod_identity({"StringEquals": {"aws:RequestTag/kubernetes-pod-name": "reader-0"}}),
        {},
        False,
        ["pod-name-condition"],
    ),
    (
        pod_identity({"StringEquals": {"aws:RequestTag/kubernetes-pod-name": "reader-0"}}),
        {"context": "aws:RequestTag/kubernetes-pod-name=reader-0"},
        True,
        [],
    ),
    (pod_identity({"StringEquals": {"aws:SourceOrgID": "o-1"}}), {}, False, ["missing-key"]),
    (
        pod_identity({"StringEquals": {"aws:SourceOrgID": "o-1"}}),
        {"context": "aws:SourceOrgId=o-1"},
        True,
        [],
    ),
]


@pytest.mark.parametrize(("statement", "inputs", "allowed", "expected"), POD_ROWS)
def test_pod_identity(
    statement: dict[str, Any], inputs: dict[str, object], allowed: bool, expected: list[str]
) -> None:
    assert verdict(statement, identity="pod-identity", **inputs) == (allowed, expected)


def target(condition: object, **changes: object) -> dict[str, Any]:
    role = "arn:aws:iam::111122223333:role/lab-reports-reader"
    found = {
        "Effect": "Allow",
        "Principal": {"AWS": role},
        "Action": POD_ACTIONS,
        "Condition": condition,
        **changes,
    }
    return {key: value for key, value in found.items() if value not in ({}, None)}


TAG = {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "reports"}}
EXTERNAL = {"StringEquals": {"sts:ExternalId": "us-east-1/111122223333/lab/reports/reader"}}


@pytest.mark.parametrize(
    ("statement", "inputs", "allowed", "expected"),
    [
        (target(TAG), {}, True, []),
        (target({}), {}, True, ["any-session"]),
        (target(TAG, Principal={"AWS": "arn:aws:iam::111122223333:root"}), {}, True, []),
        (target(TAG, Principal={"AWS": "444455556666"}), {}, False, ["wrong-account"]),
        (target(TAG, Principal={"AWS": "arn:aws:iam::111122223333:role/other"}), {}, False, ["wrong-role"]),
        (
            target(TAG, Principal={"AWS": "arn:aws:iam::111122223333:role/*"}),
            {},
            False,
            ["wildcard-principal"],
        ),
        (
            target(TAG, Principal={"AWS": "arn:aws:sts::111122223333:assumed-role/lab-reports-reader/x"}),
            {},
            False,
            ["session-principal"],
        ),
        (target(TAG, Principal={"Service": "pods.eks.amazonaws.com"}), {}, False, ["wrong-way"]),
        (target(EXTERNAL), {"session_tags": False}, True, []),
        (target(EXTERNAL), {}, False, ["missing-key"]),
        (target(EXTERNAL), {"session_tags": False, "cluster": "prod"}, False, ["wrong-external-id"]),
        (
            target(
                {"ArnEquals": {"aws:PrincipalARN": "arn:aws:iam::111122223333:role/lab-reports-*"}, **TAG}
            ),
            {},
            True,
            [],
        ),
    ],
)
def test_target_roles(
    statement: dict[str, Any], inputs: dict[str, object], allowed: bool, expected: list[str]
) -> None:
    """User guide on target roles: request tags, or sts:ExternalId when tags are disabled."""
    assert verdict(statement, identity="pod-identity-target", **inputs) == (allowed, expected)


def test_a_deny_beats_every_allow() -> None:
    deny = irsa(sub("system:serviceaccount:reports:*", "StringLike"), Effect="Deny", Sid="Stop")
    found = ask(irsa(), deny)
    assert (found.result["allowed"], found.result["denied_by"]) == (False, "statement 2 (Stop)")
    assert found.result["mistakes"] == ["explicit-deny"]
    assert "statement 2 (Stop) denies it" in found.headline
    other = irsa(sub("system:serviceaccount:payments:x"), Effect="Deny")
    assert verdict(irsa(), other) == (True, [])


def test_a_statement_for_each_cluster_is_no_mistake() -> None:
    other = ISSUER.replace("EXAMPLED5", "SECOND")
    second = irsa(
        {"StringEquals": {f"{other}:sub": SUBJECT, f"{other}:aud": "sts.amazonaws.com"}},
        Principal={"Federated": PROVIDER.replace("EXAMPLED5", "SECOND")},
    )
    assert verdict(second, irsa()) == (True, [])
    assert verdict(irsa(), pod_identity(), identity="pod-identity") == (True, [])
    assert verdict(irsa(), pod_identity()) == (True, [])


def test_actions_may_stand_in_two_statements() -> None:
    first = pod_identity(Action="sts:AssumeRole")
    second = pod_identity({}, Action="sts:TagSession")
    allowed, found = verdict(first, second, identity="pod-identity")
    assert allowed
    assert "missing-tag-session" not in found


def test_not_principal_lets_everyone_else_in() -> None:
    statement = irsa(Principal=None, NotPrincipal={"AWS": "444455556666"})
    assert verdict(statement) == (True, ["not-principal"])


def test_only_denies_allow_nothing() -> None:
    found = ask(irsa(sub("system:serviceaccount:x:y"), Effect="Deny"))
    assert (found.result["allowed"], found.result["mistakes"]) == (False, ["no-allow"])
    assert "no statement allows anything" in found.headline


def test_variables_need_the_new_version() -> None:
    statement = irsa({"StringEquals": {**sub(SUBJECT)["StringEquals"], "x": "${aws:username}"}})
    text = json.dumps({"Version": "2008-10-17", "Statement": [statement]})
    assert "old-version" in answer("trust", policy=text).result["mistakes"]


def test_a_long_policy() -> None:
    """Quota of IAM: 2,048 characters without white space."""
    found = ask(*[irsa() for _ in range(6)])
    assert found.result["policy_characters"] > 2048
    assert found.result["mistakes"] == ["too-long"]
    assert "the quota is 2,048" in found.warnings[0]


def test_what_the_pod_sees() -> None:
    """Issue trackers of Karpenter and of the Pod Identity agent."""
    refused = ask(irsa(Action="sts:AssumeRole"))
    assert refused.result["error"] == "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    agent = ask(pod_identity(Action="sts:AssumeRole"), identity="pod-identity")
    assert "EKS does not have permissions to assume the associated role" in agent.result["error"]
    assert ask(irsa()).result["error"] is None


def test_the_headline_names_what_fails() -> None:
    assert ask(irsa()).headline == "Allowed: reports/reader gets the role through IRSA."
    assert ask(irsa({})).headline.endswith("through IRSA, but 2 things let others in.")
    found = ask(irsa(sub("system:serviceaccount:x:y")))
    assert found.headline.endswith("through IRSA: statement 1 fails on ISSUER:sub.")


def test_working_goes_condition_by_condition() -> None:
    steps = ask(irsa(sub("system:serviceaccount:x:y"))).steps
    assert [step.value for step in steps[2:]] == [True, True, True, False, False, False]
    assert "StringEquals ISSUER:sub" in steps[5].formula
    assert steps[5].substitution == f"policy system:serviceaccount:x:y; request {SUBJECT}"
    missing = ask(irsa({"StringNotLike": {"aws:SourceIp": "1*"}})).steps[4]
    assert (missing.value, missing.substitution) == (True, "policy 1*; request has none")
    assert "a negated operator holds then" in missing.why


def test_a_token_for_another_audience() -> None:
    condition = {"StringEquals": {f"{ISSUER}:sub": SUBJECT, f"{ISSUER}:aud": "vault"}}
    found = ask(irsa(condition), audience="vault")
    assert (found.result["allowed"], found.result["mistakes"]) == (True, ["audience-not-registered"])


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "eu-central-1"])
def test_partitions_and_regions_of_the_issuer(region: str) -> None:
    found = answer("trust", issuer=f"https://oidc.eks.{region}.amazonaws.com/id/ABC")
    partition = {"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}.get(region, "aws")
    assert found.result["principal"].startswith(f"arn:{partition}:iam::111122223333:oidc-provider/")
    pods = answer("trust", issuer=f"oidc.eks.{region}.amazonaws.com/id/ABC", identity="pod-identity")
    source = pods.result["suggested_policy"]["Statement"][0]["Condition"]["StringEquals"]["aws:SourceArn"]
    assert source == f"arn:{partition}:eks:{region}:111122223333:cluster/lab"


@pytest.mark.parametrize("identity", ["irsa", "pod-identity", "pod-identity-target"])
@pytest.mark.parametrize("tags", [True, False])
def test_the_suggested_policy_lets_in_this_pod_and_no_other(identity: str, tags: bool) -> None:
    own = answer("trust", identity=identity, session_tags=tags)
    assert own.result["allowed"]
    assert own.result["mistakes"] == []
    text = json.dumps(own.result["suggested_policy"])
    if identity == "pod-identity" and not tags:
        return  # Without tags only the cluster can be pinned.
    for change in ({"namespace": "other"}, {"service_account": "other"}, {"cluster": "other"}):
        found = answer("trust", policy=text, identity=identity, session_tags=tags, **change)
        assert found.result["allowed"] is (identity == "irsa" and "cluster" in change)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"policy": "{"}, "policy: this is no JSON"),
        (
            {"policy": policy({**irsa(), "Resource": "*"})},
            "statement 1 has a Resource; a trust policy has none",
        ),
        ({"policy": policy({"Effect": "Allow", "Action": WEB})}, "statement 1 has no Principal"),
        ({"namespace": "Reports"}, "namespace: 'Reports' is no name of a namespace"),
        ({"namespace": "a" * 64}, "is no name of a namespace"),
        ({"service_account": "read er"}, "service_account: 'read er' is no name of a service account"),
        ({"account": "1111"}, "account: '1111' is no account id of 12 digits"),
        ({"issuer": "http://oidc.example.com"}, "is not https"),
        ({"issuer": "https://"}, "issuer: '' is no issuer"),
        ({"cluster": "my cluster"}, "cluster: 'my cluster' is no name of a cluster"),
        ({"region": "Frankfurt"}, "region: 'Frankfurt' is no Region"),
        ({"context": "aws:SourceIp"}, "context: 'aws:SourceIp' is not name=value"),
        ({"identity": "kiam"}, "identity: 'kiam' is no choice"),
    ],
)
def test_refusals(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("trust", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


def test_the_simulator_can_ask_without_a_form() -> None:
    pod = Pod("irsa", ISSUER, "reports", "reader", "sts.amazonaws.com", "111122223333", "us-east-1", "lab")
    decision = decide(read_policy(json.dumps(least_policy(pod))), request_of(pod))
    assert (decision.allowed, decision.missing_actions, decision.denied_by) == (True, (), None)


VALUES = st.sampled_from(
    [
        *(SUBJECT, "sts.amazonaws.com", "system:serviceaccount:*", "*", "reports", "reader", "lab"),
        *("111122223333", "${aws:username}", "true", "false", "10.0.0.0/8", CLUSTER),
        "system:serviceaccount:reports:other",
    ]
)
KEYS = st.sampled_from(
    [
        *(f"{ISSUER}:sub", f"{ISSUER}:aud", f"https://{ISSUER}:sub", f"{PROVIDER}:sub", "sub", "x:sub"),
        *("aws:SourceIp", "aws:SourceArn", "aws:SourceAccount", "aws:TagKeys", "sts:ExternalId"),
        *("aws:RequestTag/kubernetes-namespace", "aws:RequestTag/kubernetes-pod-name", "aws:PrincipalArn"),
    ]
)
OPERATORS = st.sampled_from(
    [
        *("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIfExists"),
        *("ArnLike", "ForAllValues:StringEquals", "ForAnyValue:StringLike", "Null", "Bool", "IpAddress"),
        "NumericLessThan",
    ]
)
PRINCIPALS = st.sampled_from(
    [
        "*",
        {"Federated": PROVIDER},
        {"Federated": ISSUER},
        {"Service": "pods.eks.amazonaws.com"},
        {"Service": ["ec2.amazonaws.com", "pods.eks.amazonaws.com"]},
        {"AWS": ["111122223333", "arn:aws:iam::111122223333:role/lab-reports-reader"]},
        {"AWS": "not:an:arn"},
    ]
)
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
        "Principal": PRINCIPALS,
        "Action": st.sampled_from([WEB, "sts:*", "*", "sts:AssumeRole", POD_ACTIONS, "s3:*"]),
        "Condition": st.dictionaries(
            OPERATORS,
            st.dictionaries(KEYS, VALUES | st.lists(VALUES, min_size=1, max_size=3), min_size=1),
            max_size=3,
        ),
    }
)
ANY_QUESTION = st.fixed_dictionaries(
    {
        "policy": st.lists(STATEMENTS, min_size=1, max_size=4).map(lambda found: policy(*found)),
        "identity": st.sampled_from(["irsa", "pod-identity", "pod-identity-target"]),
        "namespace": st.sampled_from(["reports", "payments"]),
        "session_tags": st.booleans(),
        "audience": st.sampled_from([None, "sts.amazonaws.com", "vault"]),
        "context": st.sampled_from([None, "aws:SourceIp=10.0.0.1"]),
    }
)


@settings(deadline=None, max_examples=400)
@given(ANY_QUESTION)
def test_refused_and_named_go_together(question: dict[str, Any]) -> None:
    found = answer("trust", **question)
    result = found.result
    assert json.loads(json.dumps(result)) == result
    effects = {row[2] for grid in found.grids if grid.title == "Mistakes" for row in grid.rows}
    assert ("keeps it out" in effects) is not result["allowed"]
    assert result["allowed"] == found.steps[-1].value
    assert found.headline.startswith("Allowed" if result["allowed"] else "Refused")


@settings(deadline=None)
@given(ANY_QUESTION, STATEMENTS)
def test_more_allows_never_refuse_and_more_denies_never_allow(
    question: dict[str, Any], statement: dict[str, Any]
) -> None:
    before = answer("trust", **question).result["allowed"]
    statements = json.loads(question["policy"])["Statement"]
    question["policy"] = policy(*statements, {**statement, "Effect": "Allow"})
    assert answer("trust", **question).result["allowed"] >= before
    question["policy"] = policy(*statements, {**statement, "Effect": "Deny"})
    assert answer("trust", **question).result["allowed"] <= before


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=40))
def test_any_text_is_answered_or_refused(text: str, name: str, context: str) -> None:
    answer_if_offered("trust", policy=text)
    answer_if_offered("trust", service_account=name, context=context)
    answer_if_offered("trust", issuer=name)
