"""Default accounts, the root CA, and token Secrets."""

from __future__ import annotations

import base64

import pytest

from eks_lab.sim.controllers.service_account.controller import (
    ROOT_CA,
    DefaultAccountController,
    RootCaController,
    TokenSecretController,
)
from tests.sim.world import World

CERTIFICATE = "-----BEGIN CERTIFICATE-----\n"


@pytest.fixture
def world() -> World:
    return World(
        lambda world: [
            DefaultAccountController(world.api),
            RootCaController(world.api, CERTIFICATE),
            TokenSecretController(world.api, lambda account, secret: "signed", CERTIFICATE),
        ]
    )


def test_every_namespace_gets_a_default_account_and_the_ca(world: World) -> None:
    world.create("namespaces", {"metadata": {"name": "team"}})
    for namespace in ("default", "team"):
        assert world.find("serviceaccounts", "default", namespace) is not None
        assert world.get("configmaps", ROOT_CA, namespace)["data"] == {"ca.crt": CERTIFICATE}


def test_what_is_deleted_or_changed_comes_back(world: World) -> None:
    world.delete("serviceaccounts", "default")
    assert world.find("serviceaccounts", "default") is not None
    present = world.get("configmaps", ROOT_CA)
    world.api.update("configmaps", {**present, "data": {"ca.crt": "forged"}})
    world.runtime.settle()
    assert world.get("configmaps", ROOT_CA)["data"] == {"ca.crt": CERTIFICATE}


def test_a_token_secret_is_filled_and_goes_with_its_account(world: World) -> None:
    account = world.create("serviceaccounts", {"metadata": {"name": "robot"}})
    world.create(
        "secrets",
        {
            "metadata": {"name": "t", "annotations": {"kubernetes.io/service-account.name": "robot"}},
            "type": "kubernetes.io/service-account-token",
        },
    )
    secret = world.get("secrets", "t")
    assert base64.b64decode(secret["data"]["token"]) == b"signed"
    assert (
        secret["metadata"]["annotations"]["kubernetes.io/service-account.uid"] == account["metadata"]["uid"]
    )
    world.delete("serviceaccounts", "robot")
    assert world.find("secrets", "t") is None
