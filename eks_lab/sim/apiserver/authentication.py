"""Who asks: client certificates, service-account tokens, other bearer tokens, impersonation, nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from urllib.parse import unquote

from eks_lab.sim.apiserver.access import AccessRequest, Authorizer, denied
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.apiserver.tls_protocol import SCOPE_KEY, user_of
from eks_lab.sim.apiserver.tokens import TokenAuthority
from eks_lab.sim.objects import ApiError, User, bad_request

ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
AUTHENTICATED = "system:authenticated"
OPEN_PATHS = ("/healthz", "/livez", "/readyz")
"""What anonymous callers reach since EKS 1.32 (EKS user guide, "Kubernetes 1.32"); everywhere else they get 401."""
ACCOUNT_PREFIX = "system:serviceaccount:"


class BearerAuthenticator(Protocol):
    """Knows tokens of some other kind: EKS's `k8s-aws-v1.…`, a static list."""

    def user_of(self, token: str) -> User | None:
        """Return the user of a token, without `system:authenticated`; None when it is not known."""
        ...


class StaticTokens:
    """Tokens from a list."""

    def __init__(self, users: Mapping[str, User]) -> None:
        """Know some tokens.

        Args:
            users: token -> user.
        """
        self._users = dict(users)

    def user_of(self, token: str) -> User | None:
        """Return the user of a token."""
        return self._users.get(token)


class Authentication:
    """Asks each way in turn, as a kube-apiserver does: certificate, bearer tokens, anonymous, impersonation."""

    def __init__(
        self,
        authorizer: Authorizer,
        tokens: TokenAuthority | None = None,
        bearers: Sequence[BearerAuthenticator] = (),
    ) -> None:
        """Wire the ways together.

        Args:
            authorizer: says who may impersonate whom.
            tokens: of service accounts.
            bearers: further kinds of tokens, asked in order.
        """
        self._authorizer = authorizer
        self._tokens = tokens
        self._bearers = tuple(bearers)

    def authenticate(self, request: HttpRequest) -> User | None:
        """Return the user a request acts as; None for wrong or missing credentials.

        Raises:
            ApiError: 400 or 403, impersonation is malformed or not allowed.
        """
        user = self._caller(request)
        if user is None:
            return None
        if any(name.startswith("impersonate-") for name in request.headers):
            return self._impersonated(request, user)
        return user

    def _caller(self, request: HttpRequest) -> User | None:
        certificate = request.scope.get(SCOPE_KEY)
        if certificate is not None:
            user = user_of(certificate)
            if user is not None:
                return _authenticated(user)
        kind, _, token = request.headers.get("authorization", "").strip().partition(" ")
        if kind.lower() == "bearer" and token.strip():
            return self.user_of(token.strip())
        if kind:
            return None
        path = request.path
        is_open = any(path == each or path.startswith(each + "/") for each in OPEN_PATHS)
        return ANONYMOUS if is_open else None

    def user_of(self, token: str, audiences: Sequence[str] = ()) -> User | None:
        """Return the user of a bearer token.

        Args:
            token: without the word Bearer.
            audiences: whom it must be for; the API server when empty.
        """
        user = self._tokens.user_of(token, audiences) if self._tokens else None
        if user is None:
            user = next((found for each in self._bearers if (found := each.user_of(token))), None)
        return _authenticated(user) if user is not None else None

    def _impersonated(self, request: HttpRequest, caller: User) -> User:
        """Return the user that the Impersonate headers name (endpoints/filters/impersonation)."""
        headers = _all_headers(request)
        names = headers.get("impersonate-user", [])
        groups = headers.get("impersonate-group", [])
        uids = headers.get("impersonate-uid", [])
        extra = {
            unquote(name.removeprefix("impersonate-extra-")).lower(): tuple(values)
            for name, values in headers.items()
            if name.startswith("impersonate-extra-")
        }
        if not names or not names[0]:
            raise ApiError(
                500,
                "InternalError",
                f"Internal error occurred: requested {[*groups, *uids]} without impersonating a user",
            )
        name = names[0]
        if name.startswith(ACCOUNT_PREFIX):
            namespace, _, account = name.removeprefix(ACCOUNT_PREFIX).partition(":")
            if not namespace or not account:
                raise bad_request(f"invalid service account name: {name}")
            self._allow(caller, "", "serviceaccounts", account, namespace)
            own: tuple[str, ...] = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
        else:
            self._allow(caller, "", "users", name)
            own = ()
        for group in groups:
            self._allow(caller, "", "groups", group)
        for uid in uids:
            self._allow(caller, "authentication.k8s.io", "uids", uid)
        for key, values in extra.items():
            for value in values:
                self._allow(caller, "authentication.k8s.io", "userextras", value, subresource=key)
        user = User(name, tuple(groups) or own, uids[0] if uids else "", extra)
        if name == ANONYMOUS.name:
            return replace(user, groups=(*user.groups, "system:unauthenticated"))
        return _authenticated(user)

    def _allow(
        self, caller: User, group: str, resource: str, name: str, namespace: str = "", subresource: str = ""
    ) -> None:
        wanted = AccessRequest("impersonate", "", True, group, "v1", resource, subresource, namespace, name)
        allowed, reason = self._authorizer.authorize(caller, wanted)
        if not allowed:
            raise denied(caller, wanted, reason)


def _authenticated(user: User) -> User:
    if AUTHENTICATED in user.groups:
        return user
    return replace(user, groups=(*user.groups, AUTHENTICATED))


def _all_headers(request: HttpRequest) -> dict[str, list[str]]:
    """Return every value of every header; `HttpRequest.headers` keeps the last one only."""
    found: dict[str, list[str]] = {}
    for name, value in request.scope.get("headers", ()):
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found
