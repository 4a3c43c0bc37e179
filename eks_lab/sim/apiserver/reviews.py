"""Questions that are answered and not stored: who am I, may I, whose token is this."""

from __future__ import annotations

from typing import Any

from eks_lab.kube.types import GroupVersionKind
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.access import AccessRequest, Authorizer, Call, Handlers
from eks_lab.sim.apiserver.answers import Answer
from eks_lab.sim.apiserver.authentication import Authentication
from eks_lab.sim.apiserver.negotiation import form_of
from eks_lab.sim.apiserver.rbac import Rbac
from eks_lab.sim.apiserver.showing import ONE, encoded
from eks_lab.sim.apiserver.typed_bodies import typed_body
from eks_lab.sim.objects import FieldError, Obj, User, bad_request, invalid, invalid_object, required

AUTHENTICATION = "authentication.k8s.io"
AUTHORIZATION = "authorization.k8s.io"

NO_RULES = "webhook authorizer does not support user rule resolution"
"""apiserver/plugin/pkg/authorizer/webhook/webhook.go, RulesFor."""


class Reviews:
    """Answers every kind of review."""

    def __init__(
        self, api: Api, rbac: Rbac, authentication: Authentication, authorizer: Authorizer | None = None
    ) -> None:
        """Wire it up.

        Args:
            api: knows what a review looks like.
            rbac: knows the rules.
            authentication: knows tokens.
            authorizer: decides; RBAC itself when it is missing.
        """
        self._api = api
        self._rbac = rbac
        self._authentication = authentication
        self._authorizer: Authorizer = authorizer or rbac

    def register(self, handlers: Handlers) -> None:
        """Answer the reviews' resources."""
        handlers.register(f"selfsubjectreviews.{AUTHENTICATION}", "", "create", self.self_subject)
        handlers.register(f"tokenreviews.{AUTHENTICATION}", "", "create", self.token)
        handlers.register(f"selfsubjectaccessreviews.{AUTHORIZATION}", "", "create", self.self_access)
        handlers.register(f"subjectaccessreviews.{AUTHORIZATION}", "", "create", self.access)
        handlers.register(f"localsubjectaccessreviews.{AUTHORIZATION}", "", "create", self.local_access)
        handlers.register(f"selfsubjectrulesreviews.{AUTHORIZATION}", "", "create", self.self_rules)

    async def self_subject(self, call: Call) -> Answer:
        """Say who asks."""
        return _answer(call, {"metadata": {}}, {"userInfo": _user_info(call.user)})

    async def token(self, call: Call) -> Answer:
        """Say whose a token is.

        Raises:
            ApiError: 422, there is none.
        """
        review = self._review(call)
        spec = review.get("spec") or {}
        token, audiences = spec.get("token") or "", spec.get("audiences") or []
        if not token:
            raise bad_request("token is required for TokenReview in authentication")
        user = self._authentication.user_of(token, audiences)
        if user is None:
            error = "[invalid bearer token, token lookup failed]"
            return _answer(call, review, {"user": {}, "error": error})
        status: Obj = {"authenticated": True, "user": _user_info(user)}
        if audiences:
            status["audiences"] = audiences
        return _answer(call, review, status)

    async def self_access(self, call: Call) -> Answer:
        """Say whether the caller may do something.

        Raises:
            ApiError: 422, the question is neither of a resource nor of a path, or of both.
        """
        review = self._review(call)
        spec = review.get("spec") or {}
        _check(call, _attribute_errors(spec))
        return self._judged(call, review, call.user, spec)

    async def access(self, call: Call) -> Answer:
        """Say whether somebody may do something.

        Raises:
            ApiError: 422, the question is incomplete.
        """
        review = self._review(call)
        spec = review.get("spec") or {}
        _check(call, _subject_errors(spec))
        return self._judged(call, review, _subject(spec), spec)

    async def local_access(self, call: Call) -> Answer:
        """Say the same within one namespace.

        Raises:
            ApiError: 400 another namespace is asked for, 422 the question is incomplete.
        """
        review = self._review(call)
        spec = review.get("spec") or {}
        errors = _subject_errors(spec)
        attributes = spec.get("resourceAttributes") or {}
        if attributes and (attributes.get("namespace") or "") != call.namespace:
            errors.append(
                invalid(
                    "spec.resourceAttributes.namespace",
                    attributes.get("namespace") or "",
                    "must match metadata.namespace",
                )
            )
        _check(call, errors)
        return self._judged(call, review, _subject(spec), spec)

    async def self_rules(self, call: Call) -> Answer:
        """List what the caller may do in a namespace.

        Raises:
            ApiError: 400, no namespace.
        """
        review = self._review(call)
        namespace = (review.get("spec") or {}).get("namespace") or ""
        if not namespace:
            raise bad_request("no namespace on request")
        granted = self._rbac.rules_of(call.user, namespace)
        resource_rules = [
            {"verbs": rule["verbs"], **_present(rule, "apiGroups", "resources", "resourceNames")}
            for rule in granted.rules
            if rule.get("resources")
        ]
        paths = [
            {"verbs": rule["verbs"], "nonResourceURLs": rule["nonResourceURLs"]}
            for rule in granted.rules
            if rule.get("nonResourceURLs")
        ]
        status: Obj = {"resourceRules": resource_rules, "nonResourceRules": paths, "incomplete": False}
        problems = list(granted.problems)
        if self._authorizer is not self._rbac:
            # Access policies are behind a webhook, which cannot list rules: EKS says so, too.
            problems.append(NO_RULES)
        if problems:
            status |= {"incomplete": True, "evaluationError": ", ".join(problems)}
        return _answer(call, review, status)

    def _review(self, call: Call) -> Obj:
        resource = call.resource
        group, version = resource.group_version(call.version)
        return typed_body(self._api, call, GroupVersionKind(group, version, resource.kind))

    def _judged(self, call: Call, review: Obj, user: User, spec: Obj) -> Answer:
        allowed, reason = self._authorizer.authorize(user, _access_request(spec))
        status: Obj = {"allowed": allowed}
        if reason:
            status["reason"] = reason
        return _answer(call, review, status)


def _answer(call: Call, review: Obj, status: Obj) -> Answer:
    resource = call.resource
    metadata: Obj = {
        key: value
        for key, value in (review.get("metadata") or {}).items()
        if value and key in ("name", "namespace", "labels", "annotations")
    }
    if call.namespace:
        metadata["namespace"] = call.namespace
    whole: Obj = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
    if resource.kind != "SelfSubjectReview":
        whole["spec"] = review.get("spec") or {}
    whole["status"] = status
    return encoded(201, whole, form_of(call.request.headers.get("accept", ""), ONE), call.warnings)


def _present(rule: Obj, *fields: str) -> dict[str, Any]:
    return {field: rule[field] for field in fields if rule.get(field)}


def _user_info(user: User) -> Obj:
    info: Obj = {"username": user.name}
    if user.uid:
        info["uid"] = user.uid
    if user.groups:
        info["groups"] = list(user.groups)
    if user.extra:
        info["extra"] = {key: list(values) for key, values in user.extra.items()}
    return info


def _subject(spec: Obj) -> User:
    extra = {key: tuple(values) for key, values in (spec.get("extra") or {}).items()}
    return User(spec.get("user") or "", tuple(spec.get("groups") or ()), spec.get("uid") or "", extra)


def _access_request(spec: Obj) -> AccessRequest:
    attributes = spec.get("resourceAttributes")
    if attributes is None:
        path = spec.get("nonResourceAttributes") or {}
        return AccessRequest(path.get("verb") or "", path.get("path") or "")
    return AccessRequest(
        attributes.get("verb") or "",
        "",
        True,
        attributes.get("group") or "",
        attributes.get("version") or "*",
        attributes.get("resource") or "",
        attributes.get("subresource") or "",
        attributes.get("namespace") or "",
        attributes.get("name") or "",
    )


def _check(call: Call, errors: list[FieldError]) -> None:
    if errors:
        raise invalid_object(call.resource.kind, call.resource.group, "", errors)


def _attribute_errors(spec: Obj) -> list[FieldError]:
    """Judge what is asked for (pkg/apis/authorization/validation)."""
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and path is not None:
        why = "cannot be specified in combination with resourceAttributes"
        return [invalid("spec.nonResourceAttributes", path, why)]
    if resource is None and path is None:
        why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        return [invalid("spec.resourceAttributes", None, why)]
    return []


def _subject_errors(spec: Obj) -> list[FieldError]:
    errors = _attribute_errors(spec)
    if not spec.get("user") and not spec.get("groups"):
        errors.append(required("spec.user", "at least one of user or group must be specified"))
    return errors
