"""Questions to the API server that are answered and never stored: who am I, may I.

Discovery lists them; the HTTP layer answers.
"""

from __future__ import annotations

from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Resource, World

_AUTHENTICATION = "authentication.k8s.io"
_AUTHORIZATION = "authorization.k8s.io"


def _default(review: Obj, world: World) -> None:
    review.setdefault("metadata", {})


def _review(plural: str, kind: str, group: str, *, namespaced: bool = False) -> Resource:
    return Resource(
        plural=plural,
        kind=kind,
        group=group,
        namespaced=namespaced,
        verbs=("create",),
        default=_default,
    )


TOKEN_REVIEWS = _review("tokenreviews", "TokenReview", _AUTHENTICATION)
SELF_SUBJECT_REVIEWS = _review("selfsubjectreviews", "SelfSubjectReview", _AUTHENTICATION)
LOCAL_SUBJECT_ACCESS_REVIEWS = _review(
    "localsubjectaccessreviews", "LocalSubjectAccessReview", _AUTHORIZATION, namespaced=True
)
SELF_SUBJECT_ACCESS_REVIEWS = _review("selfsubjectaccessreviews", "SelfSubjectAccessReview", _AUTHORIZATION)
SELF_SUBJECT_RULES_REVIEWS = _review("selfsubjectrulesreviews", "SelfSubjectRulesReview", _AUTHORIZATION)
SUBJECT_ACCESS_REVIEWS = _review("subjectaccessreviews", "SubjectAccessReview", _AUTHORIZATION)

RESOURCES = (
    TOKEN_REVIEWS,
    SELF_SUBJECT_REVIEWS,
    LOCAL_SUBJECT_ACCESS_REVIEWS,
    SELF_SUBJECT_ACCESS_REVIEWS,
    SELF_SUBJECT_RULES_REVIEWS,
    SUBJECT_ACCESS_REVIEWS,
)
