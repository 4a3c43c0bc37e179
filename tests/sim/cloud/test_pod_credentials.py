"""Whose credentials a pod finds, and what it says when it finds none."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from eks_lab.sim.objects import Obj
from tests.sim.cloud.cloud_cluster import CloudCluster
from tests.sim.cloud.fake_cloud import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop"
CLI = "public.ecr.aws/aws-cli/aws-cli:2.31.0"
SLEEP = {"command": ["sleep", "infinity"]}


def world_of(**options: Any) -> CloudCluster:
    """Return a cluster with the Pod Identity agent and a service account with a role."""
    world = CloudCluster(**options)
    world.daemon("eks-pod-identity-agent", "eks-pod-identity-agent:v0.1.33")
    account(world, "irsa", {"eks.amazonaws.com/role-arn": ROLE})
    world.advance(30)
    return world


def account(world: CloudCluster, name: str, annotations: dict[str, str] | None = None) -> None:
    """Create a service account."""
    metadata = {"name": name, "namespace": "default", "annotations": annotations or {}}
    world.api.create("serviceaccounts", {"metadata": metadata}, namespace="default")


def run(world: CloudCluster, pod: str, *argv: str) -> tuple[str, str, int]:
    """Run a command inside a pod."""
    return world.containers.exec(world.read(pod), "", list(argv) or ["aws", "sts", "get-caller-identity"])


def env(pod: Obj) -> dict[str, str]:
    """Return the variables of a pod's container."""
    return {each["name"]: each["value"] for each in pod["spec"]["containers"][0].get("env") or ()}


def test_irsa_puts_role_and_token_into_the_pod() -> None:
    world = world_of()
    pod = world.pod("web", CLI, serviceAccountName="irsa", container=SLEEP)
    path = "/var/run/secrets/eks.amazonaws.com/serviceaccount"
    assert env(pod) == {
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ROLE_ARN": ROLE,
        "AWS_WEB_IDENTITY_TOKEN_FILE": f"{path}/token",
    }
    volume = next(each for each in pod["spec"]["volumes"] if each["name"] == "aws-iam-token")
    token = {"audience": "sts.amazonaws.com", "expirationSeconds": 86400, "path": "token"}
    assert volume["projected"] == {"defaultMode": 420, "sources": [{"serviceAccountToken": token}]}
    mount = {"name": "aws-iam-token", "readOnly": True, "mountPath": path}
    assert mount in pod["spec"]["containers"][0]["volumeMounts"]


def test_irsa_gives_the_role_that_trusts_the_account() -> None:
    world = world_of()
    world.cloud.roles[ROLE] = {"system:serviceaccount:default:irsa"}
    world.pod("web", CLI, serviceAccountName="irsa", container=SLEEP)
    world.advance(60)
    out, error, code = run(world, "web")
    assert (code, error) == (0, "")
    assert "assumed-role/shop/botocore-session-" in json.loads(out)["Arn"]


def test_a_trust_policy_for_another_account_is_refused() -> None:
    world = world_of()
    world.cloud.roles[ROLE] = {"system:serviceaccount:default:other"}
    world.pod("web", CLI, serviceAccountName="irsa", container=SLEEP)
    world.advance(60)
    out, error, code = run(world, "web")
    assert (out, code) == ("", 254)
    assert error.strip() == (
        "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: "
        "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    )


def test_annotations_change_audience_lifetime_and_containers() -> None:
    world = world_of()
    notes = {
        "eks.amazonaws.com/role-arn": ROLE,
        "eks.amazonaws.com/audience": "vault",
        "eks.amazonaws.com/token-expiration": "3600",
        "eks.amazonaws.com/sts-regional-endpoints": "false",
    }
    account(world, "odd", notes)
    pod = world.pod(
        "web",
        serviceAccountName="odd",
        container={"env": [{"name": "AWS_REGION", "value": "eu-west-1"}]},
        initContainers=[{"name": "first", "image": "busybox"}],
        metadata={"annotations": {"eks.amazonaws.com/skip-containers": "first"}},
    )
    assert "env" not in pod["spec"]["initContainers"][0]
    assert sorted(env(pod)) == ["AWS_REGION", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"]
    volume = next(each for each in pod["spec"]["volumes"] if each["name"] == "aws-iam-token")
    token = {"audience": "vault", "expirationSeconds": 3600, "path": "token"}
    assert volume["projected"]["sources"] == [{"serviceAccountToken": token}]


def test_pod_identity_wins_and_counts_at_creation_only() -> None:
    world = world_of(hop_limit=2)
    world.pod("before", CLI, serviceAccountName="irsa", container=SLEEP)
    world.cloud.associations["default", "irsa"] = {"roleArn": ROLE}
    pod = world.pod("after", CLI, serviceAccountName="irsa", container=SLEEP)
    world.advance(60)
    assert "AWS_CONTAINER_CREDENTIALS_FULL_URI" not in env(world.read("before"))
    path = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token"
    assert env(pod)["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] == path
    assert env(pod)["AWS_CONTAINER_CREDENTIALS_FULL_URI"] == "http://169.254.170.23/v1/credentials"
    assert "AWS_ROLE_ARN" not in env(pod)
    out, _error, code = run(world, "after")
    assert (code, json.loads(out)["Arn"].split("/")[1:]) == (0, ["shop", "eks-lab-pod"])


def test_the_token_is_a_jwt_bound_to_the_pod_and_is_renewed() -> None:
    world = world_of()
    world.pod("web", CLI, serviceAccountName="irsa", container=SLEEP)
    world.advance(30)
    file = env(world.read("web"))["AWS_WEB_IDENTITY_TOKEN_FILE"]
    token = run(world, "web", "cat", file)[0].strip()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["aud"] == ["sts.amazonaws.com"]
    assert claims["sub"] == "system:serviceaccount:default:irsa"
    assert claims["kubernetes.io"]["pod"]["name"] == "web"
    assert claims["exp"] - claims["iat"] == 86_400
    assert world.cluster.tokens.user_of(token, ("sts.amazonaws.com",)) is not None
    assert run(world, "web", "cat", file)[0].strip() == token
    world.advance(70_000)
    later = run(world, "web", "cat", file)[0].strip()
    assert later != token
    assert world.cluster.tokens.user_of(later, ("sts.amazonaws.com",)) is not None


@pytest.mark.parametrize(
    ("image", "options", "text"),
    [
        (
            CLI,
            {"env": [{"name": "HTTP_PROXY", "value": "http://proxy:3128"}]},
            "Connect timeout on endpoint URL",
        ),
        ("amazon/aws-cli:2.13.4", {}, "Unsupported host '169.254.170.23'."),
        ("example.com/aws-caller:old-sdk", {}, "HTTP credential provider invalid endpoint host"),
    ],
)
def test_what_keeps_a_pod_from_the_agent(image: str, options: dict[str, Any], text: str) -> None:
    world = world_of()
    account(world, "plain")
    world.cloud.associations["default", "plain"] = {"roleArn": ROLE}
    world.pod("web", image, serviceAccountName="plain", container={**SLEEP, **options})
    world.advance(60)
    _out, error, code = run(world, "web")
    assert text in error
    assert code == 255


def test_without_the_agent_the_call_times_out() -> None:
    world = CloudCluster()
    world.cloud.associations["default", "default"] = {"roleArn": ROLE}
    world.advance(30)
    world.pod("web", CLI, container=SLEEP)
    world.advance(60)
    _out, error, code = run(world, "web")
    assert 'Connect timeout on endpoint URL: "http://169.254.170.23/v1/credentials"' in error
    assert code == 255


@pytest.mark.parametrize(
    ("hop_limit", "host", "is_node"), [(1, False, False), (1, True, True), (2, False, True)]
)
def test_the_nodes_role_is_one_hop_away(hop_limit: int, host: bool, is_node: bool) -> None:
    world = world_of(hop_limit=hop_limit)
    world.pod("web", CLI, hostNetwork=host, container=SLEEP)
    world.advance(60)
    out, error, code = run(world, "web")
    if is_node:
        assert "assumed-role/eks-lab-node/i-0" in json.loads(out)["Arn"]
    else:
        assert error.startswith("\nUnable to locate credentials.")
        assert code == 253


def test_keys_in_the_environment_come_first() -> None:
    world = world_of(hop_limit=2)
    keys = {"AWS_ACCESS_KEY_ID": "AKIAstudent", "AWS_SECRET_ACCESS_KEY": "secret"}
    env = [{"name": name, "value": value} for name, value in keys.items()]
    world.pod("web", CLI, serviceAccountName="irsa", container={**SLEEP, "env": env})
    world.advance(60)
    assert json.loads(run(world, "web")[0])["Arn"].endswith(":user/student")


def test_calls_stand_in_the_log_of_a_container() -> None:
    world = world_of(hop_limit=2)
    world.pod("web", "example.com/aws-caller:1")
    world.advance(90)
    text = "\n".join(world.containers.logs(world.read("web")))
    assert text.count("assumed-role/eks-lab-node/i-0") >= 2
