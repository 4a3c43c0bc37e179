"""Real kubectl over TLS: certificates, tokens, impersonation, RBAC, admission; skipped where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim.apiserver.secure_server import KUBECTL, REAL, Kubectl, Secured, authority, served

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")


@pytest.fixture
def secured() -> Secured:
    return Secured()


@pytest.fixture
def address(secured: Secured, tmp_path: Path) -> Iterator[str]:
    with served(secured.app, tmp_path) as address:
        yield address


@pytest.fixture
def kubectl(address: str, tmp_path: Path) -> Kubectl:
    return Kubectl(address, tmp_path, authority().client("ann", ("system:masters",), REAL))


def test_users_of_certificates_and_impersonation(kubectl: Kubectl) -> None:
    assert kubectl("auth", "whoami").split() == [
        "ATTRIBUTE", "VALUE", "Username", "ann", "Groups", "[system:masters", "system:authenticated]",
    ]  # fmt: skip
    told = kubectl(
        "auth", "whoami", "--as=jane", "--as-group=dev", "--as-user-extra=reason=test", "--as-uid=7"
    )
    assert "jane" in told
    assert "[dev system:authenticated]" in told
    assert "Extra: reason" in told
    account = kubectl("auth", "whoami", "--as=system:serviceaccount:default:default")
    assert "[system:serviceaccounts system:serviceaccounts:default system:authenticated]" in account


def test_rights_are_asked_and_refused(kubectl: Kubectl) -> None:
    kubectl("create", "role", "dev", "--verb=get,list", "--resource=pods,services")
    kubectl("create", "rolebinding", "dev", "--role=dev", "--user=jane")
    assert kubectl("auth", "can-i", "list", "services", "--as=jane") == "yes\n"
    assert kubectl("auth", "can-i", "delete", "pods", "--as=jane", code=1).strip() == "no"
    listed = kubectl("auth", "can-i", "--list", "--as=jane", "--no-headers")
    assert [line.split()[0] for line in listed.splitlines()[:5]] == [
        "selfsubjectreviews.authentication.k8s.io",
        "selfsubjectaccessreviews.authorization.k8s.io",
        "selfsubjectrulesreviews.authorization.k8s.io",
        "pods",
        "services",
    ]
    refused = kubectl("get", "pods", "-n", "kube-system", "--as=jane", code=1)
    assert refused == (
        'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group '
        '"" in the namespace "kube-system"\n'
    )


def test_a_created_token_is_a_user(kubectl: Kubectl, address: str, tmp_path: Path) -> None:
    token = kubectl("create", "token", "default").strip()
    home = tmp_path / "other"
    home.mkdir()
    other = Kubectl(address, home, None)
    assert "system:serviceaccount:default:default" in other("--token", token, "auth", "whoami")
    assert "(Unauthorized)" in other("--token", token + "x", "get", "--raw", "/apis", code=1)


def test_nobody_grants_what_they_do_not_have(kubectl: Kubectl) -> None:
    kubectl("create", "role", "admin", "--verb=create", "--resource=roles,rolebindings")
    kubectl("create", "rolebinding", "admin", "--role=admin", "--user=jane")
    refused = kubectl(
        "create", "role", "more", "--verb=get,delete", "--resource=secrets", "--as=jane", code=1
    )
    assert refused == (
        'Error from server (Forbidden): roles.rbac.authorization.k8s.io "more" is forbidden: user "jane" '
        '(groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}\n'
    )


def test_a_pod_is_completed_and_judged(kubectl: Kubectl) -> None:
    kubectl("run", "web", "--image=nginx")
    mount = kubectl("get", "pod", "web", "-o", "jsonpath={.spec.containers[0].volumeMounts[0].mountPath}")
    assert mount == "/var/run/secrets/kubernetes.io/serviceaccount"
    kubectl("label", "namespace", "default", "pod-security.kubernetes.io/enforce=restricted")
    refused = kubectl("run", "other", "--image=nginx", code=1)
    assert (
        'pods "other" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation'
        in refused
    )
