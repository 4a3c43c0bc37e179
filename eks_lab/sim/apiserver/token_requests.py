"""The subresource serviceaccounts/token, and the pages on which the issuer publishes its keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import orjson

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.access import Call, Handlers
from eks_lab.sim.apiserver.answers import Answer
from eks_lab.sim.apiserver.negotiation import form_of
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.apiserver.showing import ONE, encoded
from eks_lab.sim.apiserver.tokens import LONGEST, SHORTEST, TokenAuthority
from eks_lab.sim.apiserver.typed_bodies import TOKEN_REQUEST, typed_body
from eks_lab.sim.objects import (
    Key,
    Obj,
    bad_request,
    conflict,
    invalid,
    invalid_object,
    not_found,
    timestamp,
    uid_of,
)

DEFAULT_SECONDS = 3600
MOST_SECONDS = 86_400
"""EKS shortens tokens to a day (--service-account-max-token-expiration=24h0m0s)."""

BOUND = {"Pod": ("pods", "pod"), "Secret": ("secrets", "secret"), "Node": ("nodes", "node")}


class TokenRequests:
    """Issues tokens on request (pkg/registry/core/serviceaccount/storage/token.go)."""

    def __init__(self, api: Api, tokens: TokenAuthority) -> None:
        """Wire it up.

        Args:
            api: where accounts are.
            tokens: signs.
        """
        self._api = api
        self._tokens = tokens

    def register(self, handlers: Handlers) -> None:
        """Answer the subresource."""
        handlers.register("serviceaccounts", "token", "create", self.create)

    async def create(self, call: Call) -> Answer:
        """Issue a token.

        Raises:
            ApiError: 400 it cannot be bound so, 404 no such account or object, 409 another uid, 422.
        """
        body = typed_body(self._api, call, TOKEN_REQUEST)
        account = self._api.read("serviceaccounts", Key(call.namespace, call.name))
        spec: Obj = body.get("spec") or {}
        seconds = _seconds(call, spec)
        bound = self._bound(call, spec.get("boundObjectRef"))
        audiences = spec.get("audiences") or list(self._tokens.audiences)
        token, _ = self._tokens.issue(account, audiences=audiences, seconds=seconds, bound=bound)
        now = self._api.now()
        shown: Obj = {"audiences": audiences, "expirationSeconds": seconds}
        shown["boundObjectRef"] = spec.get("boundObjectRef")
        answer: Obj = {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": call.name,
                "namespace": call.namespace,
                "creationTimestamp": timestamp(now),
            },
            "spec": shown,
            "status": {"token": token, "expirationTimestamp": timestamp(now + timedelta(seconds=seconds))},
        }
        return encoded(201, answer, form_of(call.request.headers.get("accept", ""), ONE), call.warnings)

    def _bound(self, call: Call, reference: Obj | None) -> tuple[str, Obj] | None:
        """Return what the token is to live with."""
        if not reference:
            return None
        kind, name = reference.get("kind") or "", reference.get("name") or ""
        if kind not in BOUND:
            raise bad_request(
                f"cannot bind token to object of type {reference.get('apiVersion', '')}, Kind={kind}"
            )
        resource, claim = BOUND[kind]
        found = self._api.get(resource, Key("" if kind == "Node" else call.namespace, name))
        if found is None:
            raise not_found(resource, "", name)
        uid = reference.get("uid") or ""
        if uid and uid != uid_of(found):
            raise conflict(
                resource,
                "",
                name,
                f"the UID in the bound object reference ({uid}) does not match the UID in record. "
                "The object might have been deleted and then recreated",
            )
        if kind == "Pod" and found["spec"].get("serviceAccountName") != call.name:
            raise bad_request(
                f'cannot bind token for serviceaccount "{call.name}" to pod running with different '
                "serviceaccount name."
            )
        return claim, found


def _seconds(call: Call, spec: Obj) -> int:
    seconds = spec.get("expirationSeconds")
    if seconds is None:
        return DEFAULT_SECONDS
    path = "spec.expirationSeconds"
    if not isinstance(seconds, int) or seconds < SHORTEST:
        why = "may not specify a duration less than 10 minutes"
        raise invalid_object("TokenRequest", "authentication.k8s.io", "", [invalid(path, seconds, why)])
    if seconds > LONGEST:
        why = "may not specify a duration larger than 2^32 seconds"
        raise invalid_object("TokenRequest", "authentication.k8s.io", "", [invalid(path, seconds, why)])
    if seconds > MOST_SECONDS:
        call.warnings.append(f"requested expiration of {seconds} seconds shortened to {MOST_SECONDS} seconds")
        return MOST_SECONDS
    return seconds


def issuer_pages(tokens: TokenAuthority) -> dict[str, Callable[[HttpRequest], Answer]]:
    """Return the pages of the issuer, to be added to `ApiServer.pages` (pkg/routes/openidmetadata.go)."""

    def page(document: Obj, content_type: str) -> Callable[[HttpRequest], Answer]:
        body = orjson.dumps(document)
        return lambda request: Answer(200, body, content_type, {"Cache-Control": "public, max-age=3600"})

    return {
        "/.well-known/openid-configuration": page(tokens.discovery(), "application/json"),
        "/openid/v1/jwks": page(tokens.keys(), "application/jwk-set+json"),
    }
