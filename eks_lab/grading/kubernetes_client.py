"""Reads a cluster over HTTPS as a kubeconfig says: the least that checks and start steps need.

The official client takes 0.4 s to import; a check may take 0.2 s in all.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import yaml

from eks_lab.errors import ContentError, UnavailableError
from eks_lab.grading.token_plugin import TokenPlugin
from eks_lab.grading.trust import trusting
from eks_lab.sandbox.kubeconfig import CONTEXT, USER

TIMEOUT_SECONDS = 10.0
_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


class StatusError(Exception):
    """The API server refuses."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        """Carry the Status.

        Args:
            code: HTTP status.
            reason: `NotFound`.
            message: the sentence.
        """
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class ApiResource:
    """One resource as discovery describes it."""

    plural: str
    kind: str
    group: str
    version: str
    is_namespaced: bool
    words: frozenset[str]
    """Lower-case names under which it is found."""

    @property
    def id(self) -> str:
        """Return `deployments.apps`, or `pods`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the URL path of a collection or of one object; namespace `*` or empty means all."""
        head = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        inside = (
            f"/namespaces/{quote(namespace)}" if self.is_namespaced and namespace not in ("", "*") else ""
        )
        return f"{head}{inside}/{self.plural}" + (f"/{quote(name, safe='')}" if name else "")


class KubernetesClient:
    """One cluster; requests may come from any thread, one at a time."""

    def __init__(self, kubeconfig: Path) -> None:
        """Read whom to talk to.

        Args:
            kubeconfig: with the certificates of its cluster in it.
        """
        self._kubeconfig = kubeconfig
        self._lock = threading.Lock()
        self._connection: http.client.HTTPSConnection | None = None
        self._resources: list[ApiResource] = []
        self._plugin: TokenPlugin | None = None

    # --- reading ---------------------------------------------------------------------------------------------

    def get(self, kind: str, name: str, namespace: str = "default") -> dict[str, Any] | None:
        """Return an object, or None.

        Raises:
            ContentError: there is no such kind.
            StatusError: the API server refuses.
        """
        try:
            return self.request("GET", self.resource(kind).path(namespace, name))
        except StatusError as error:
            if error.code == 404:
                return None
            raise

    def list(self, kind: str, namespace: str = "default", selector: str = "") -> list[dict[str, Any]]:
        """Return objects by namespace and name.

        Args:
            kind: `Deployment`, `deployments.apps`, `deploy`.
            namespace: `*` for all.
            selector: as after `kubectl get -l`.

        Raises:
            ContentError: there is no such kind.
            StatusError: the API server refuses.
        """
        resource = self.resource(kind)
        query = f"?{urlencode({'labelSelector': selector})}" if selector else ""
        found = self.request("GET", resource.path(namespace) + query)
        api_version = f"{resource.group}/{resource.version}" if resource.group else resource.version
        return [
            {"apiVersion": api_version, "kind": resource.kind, **each} for each in found.get("items") or []
        ]

    def log(self, pod: str, namespace: str, container: str, *, previous: bool) -> str:
        """Return what a container has printed; empty when there is nothing."""
        options = {"container": container} if container else {}
        if previous:
            options["previous"] = "true"
        path = f"/api/v1/namespaces/{quote(namespace)}/pods/{quote(pod)}/log"
        try:
            return self.raw("GET", f"{path}?{urlencode(options)}").decode(errors="replace")
        except StatusError:
            return ""

    def may(self, review: Mapping[str, Any]) -> tuple[bool, str]:
        """Return whether a SubjectAccessReview with this spec is allowed, and why."""
        document = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": dict(review),
        }
        answer = self.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", document)
        status = answer.get("status") or {}
        return bool(status.get("allowed")), str(status.get("reason", ""))

    def resource_id(self, kind: str) -> str:
        """Return `deployments.apps` for `Deployment`, `deploy` or `deployments`.

        Raises:
            ContentError: the cluster has no such kind.
        """
        return self.resource(kind).id

    def resource(self, word: str) -> ApiResource:
        """Return the resource that a kind, a plural, a short name or `deployments.apps` names.

        Raises:
            ContentError: the cluster serves none.
        """
        wanted = word.lower()
        for attempt in range(2):
            if not self._resources or attempt:
                self._discover()
            for resource in self._resources:
                if wanted in resource.words:
                    return resource
        from difflib import get_close_matches

        near = get_close_matches(wanted, [each.kind.lower() for each in self._resources], 3)
        raise ContentError(
            f"the cluster has no kind {word!r}",
            hint=f"Did you mean {' or '.join(near)}?" if near else "Is its CustomResourceDefinition there?",
        )

    def _discover(self) -> None:
        found: list[ApiResource] = []
        for path in ("/api", "/apis"):
            document = self.request("GET", path, accept=_DISCOVERY)
            for group in document.get("items") or []:
                name = str((group.get("metadata") or {}).get("name", ""))
                for number, version in enumerate(group.get("versions") or []):
                    if number == 0:
                        found += [_resource(name, version["version"], each) for each in version["resources"]]
        self._resources = found

    # --- HTTP ------------------------------------------------------------------------------------------------

    def request(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        accept: str = "application/json",
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        """Make a request and return the JSON of the answer.

        Args:
            method: of HTTP.
            path: with its query.
            document: to send, as JSON.
            accept: media types.
            content_type: of the document.

        Raises:
            StatusError: the API server refuses.
            UnavailableError: it does not answer.
        """
        found: dict[str, Any] = json.loads(self.raw(method, path, document, accept, content_type))
        return found

    def raw(
        self,
        method: str,
        path: str,
        document: Any = None,
        accept: str = "*/*",
        content_type: str = "application/json",
    ) -> bytes:
        """Make a request and return the body of the answer; see `request`."""
        body = json.dumps(document).encode() if document is not None else None
        headers = {
            "Accept": accept,
            "User-Agent": "eks-lab",
            **({"Content-Type": content_type} if body else {}),
        }
        with self._lock:
            for attempt in range(2):
                is_reused = self._connection is not None
                connection = self._connected()
                if self._plugin is not None:
                    headers["Authorization"] = f"Bearer {self._plugin.token()}"
                try:
                    connection.request(method, path, body, headers)
                    response = connection.getresponse()
                    content = response.read()
                    break
                except (OSError, http.client.HTTPException) as error:
                    self._close()
                    # A kept connection may have been closed by the other side in the meantime.
                    if attempt or not is_reused:
                        raise UnavailableError(
                            f"the cluster does not answer: {error}",
                            hint="Does the sandbox run? eks-lab sandbox status",
                        ) from error
        if response.status >= 400:
            status: Any = {}
            with contextlib.suppress(ValueError):
                status = json.loads(content)
            if not isinstance(status, dict):
                status = {}
            message = status.get("message") or content.decode(errors="replace")
            raise StatusError(response.status, str(status.get("reason", "")), str(message))
        return content

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            self._close()

    def forget(self) -> None:
        """Hang up and forget what the cluster serves: it is another one from now on."""
        self.close()
        self._resources = []

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> http.client.HTTPSConnection:
        if self._connection is None:
            try:
                # The sandbox writes JSON, `kubectl config …` and `aws eks update-kubeconfig` make YAML of it.
                config = yaml.safe_load(self._kubeconfig.read_bytes())
                cluster = _named(config["clusters"], CONTEXT)["cluster"]
                user = _named(config["users"], USER)["user"]
                server = urlsplit(cluster["server"])
                context = trusting(cluster, user)
                self._plugin = TokenPlugin(user["exec"]) if "exec" in user else None
            except (OSError, ValueError, LookupError, TypeError, ssl.SSLError, yaml.YAMLError) as error:
                raise UnavailableError(
                    f"{self._kubeconfig}: no cluster can be reached with it: {error}",
                    hint="Does the sandbox run? eks-lab sandbox status",
                ) from error
            assert server.hostname is not None
            self._connection = http.client.HTTPSConnection(
                server.hostname, server.port, timeout=TIMEOUT_SECONDS, context=context
            )
        return self._connection


def _named(entries: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    """Return the sandbox's own entry: a learner may have added others."""
    return next((each for each in entries if each["name"] == name), entries[0])


def _resource(group: str, version: str, document: Mapping[str, Any]) -> ApiResource:
    kind = str((document.get("responseKind") or {}).get("kind", ""))
    plural = str(document["resource"])
    words = {kind, plural, str(document.get("singularResource", "")), *(document.get("shortNames") or [])}
    if group:
        words |= {f"{plural}.{group}", f"{plural}.{version}.{group}", f"{kind}.{group}"}
    return ApiResource(
        plural,
        kind,
        group,
        version,
        document.get("scope") == "Namespaced",
        frozenset(word.lower() for word in words if word),
    )
