"""Three small controllers around ServiceAccounts."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key, Obj, annotations_of, is_deleting, key_of
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

ACCOUNTS = "serviceaccounts"
MANAGER = "kube-controller-manager"
ROOT_CA = "kube-root-ca.crt"
ROOT_CA_NOTE = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
TOKEN_TYPE = "kubernetes.io/service-account-token"
ACCOUNT_NAME = "kubernetes.io/service-account.name"
ACCOUNT_UID = "kubernetes.io/service-account.uid"

MakeToken = Callable[[Obj, Obj], str]
"""ServiceAccount and Secret -> a signed token."""


def _namespace_keys(event: StoreEvent) -> Iterable[Key]:
    return (Key("", event.obj["metadata"]["name"]),) if event.type != "DELETED" else ()


class DefaultAccountController:
    """Gives every namespace its `default` ServiceAccount."""

    name: ClassVar[str] = "service-account"

    def __init__(self, api: Api) -> None:
        """Wire it up."""
        self._api = api
        self.watches: Sequence[Watch] = (Watch("namespaces", _namespace_keys), Watch(ACCOUNTS, _lost_default))

    def reconcile(self, key: Key) -> Result:
        """Create the account when it is missing."""
        namespace = self._api.get("namespaces", key)
        if namespace is None or is_deleting(namespace):
            return DONE
        if self._api.get(ACCOUNTS, Key(key.name, "default")) is None:
            account: Obj = {"apiVersion": "v1", "kind": "ServiceAccount"}
            account["metadata"] = {"name": "default", "namespace": key.name}
            self._api.create(ACCOUNTS, account, namespace=key.name, manager=MANAGER)
        return DONE


def _lost_default(event: StoreEvent) -> Iterable[Key]:
    metadata = event.obj["metadata"]
    is_lost = event.type == "DELETED" and metadata["name"] == "default"
    return (Key("", metadata["namespace"]),) if is_lost else ()


class RootCaController:
    """Publishes the cluster's CA in every namespace."""

    name: ClassVar[str] = "root-ca"

    def __init__(self, api: Api, certificate: str) -> None:
        """Wire it up.

        Args:
            api: the API server.
            certificate: the CA's certificate in PEM.
        """
        self._api = api
        self._certificate = certificate
        self.watches: Sequence[Watch] = (
            Watch("namespaces", _namespace_keys),
            Watch("configmaps", _changed_ca),
        )

    def reconcile(self, key: Key) -> Result:
        """Create the ConfigMap, or put it right."""
        namespace = self._api.get("namespaces", key)
        if namespace is None or is_deleting(namespace):
            return DONE
        data = {"ca.crt": self._certificate}
        present = self._api.get("configmaps", Key(key.name, ROOT_CA))
        if present is None:
            made: Obj = {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {
                    "name": ROOT_CA,
                    "namespace": key.name,
                    "annotations": {"kubernetes.io/description": ROOT_CA_NOTE},
                },
                "data": data,
            }
            self._api.create("configmaps", made, namespace=key.name, manager=MANAGER)
        elif present.get("data") != data:
            self._api.update("configmaps", {**present, "data": data}, manager=MANAGER)
        return DONE


def _changed_ca(event: StoreEvent) -> Iterable[Key]:
    metadata = event.obj["metadata"]
    is_ours = metadata["name"] == ROOT_CA and event.type != "ADDED"
    return (Key("", metadata["namespace"]),) if is_ours else ()


class TokenSecretController:
    """Fills Secrets that ask for a ServiceAccount's token."""

    name: ClassVar[str] = "service-account-token"

    def __init__(self, api: Api, make_token: MakeToken, certificate: str) -> None:
        """Wire it up.

        Args:
            api: the API server.
            make_token: signs a token for an account, bound to a Secret.
            certificate: the CA's certificate in PEM.
        """
        self._api = api
        self._make_token = make_token
        self._certificate = certificate
        self.watches: Sequence[Watch] = (
            Watch("secrets", self._keys_of_secret),
            Watch(ACCOUNTS, self._keys_of_account),
        )

    def _keys_of_secret(self, event: StoreEvent) -> Iterable[Key]:
        is_token = event.obj.get("type") == TOKEN_TYPE and event.type != "DELETED"
        return (key_of(event.obj),) if is_token else ()

    def _keys_of_account(self, event: StoreEvent) -> Iterable[Key]:
        namespace, name = key_of(event.obj)
        if event.type == "MODIFIED":
            return ()
        return [
            key_of(each)
            for each in self._api.items("secrets", namespace)
            if each.get("type") == TOKEN_TYPE and annotations_of(each).get(ACCOUNT_NAME) == name
        ]

    def reconcile(self, key: Key) -> Result:
        """Fill in what is missing, or delete the Secret of an account that is gone."""
        secret = self._api.get("secrets", key)
        if secret is None or is_deleting(secret):
            return DONE
        account = self._api.get(ACCOUNTS, Key(key.namespace, annotations_of(secret).get(ACCOUNT_NAME, "")))
        uid = annotations_of(secret).get(ACCOUNT_UID)
        if account is None or (uid and uid != account["metadata"]["uid"]):
            self._delete(secret)
            return DONE
        data = dict(secret.get("data") or {})
        wanted = {"ca.crt": self._certificate, "namespace": key.namespace}
        for name, text in wanted.items():
            data.setdefault(name, base64.b64encode(text.encode()).decode())
        if "token" not in data:
            data["token"] = base64.b64encode(self._make_token(account, secret).encode()).decode()
        if data == secret.get("data") and uid:
            return DONE
        annotations = {**annotations_of(secret), ACCOUNT_UID: account["metadata"]["uid"]}
        changed = {**secret, "metadata": {**secret["metadata"], "annotations": annotations}, "data": data}
        self._api.update("secrets", changed, manager=MANAGER)
        return DONE

    def _delete(self, secret: Obj) -> None:
        try:
            self._api.delete("secrets", key_of(secret), uid=secret["metadata"]["uid"])
        except ApiError as error:
            if error.code != 404:
                raise
