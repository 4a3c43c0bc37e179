"""EKS Auth: the service that the Pod Identity agent of a node calls for the pods on it.

Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_auth_AssumeRoleForPodIdentity.html and
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from eks_lab.aws.errors import AwsError
from eks_lab.aws.iam.credentials import Credentials
from eks_lab.aws.iam.engine import Iam
from eks_lab.aws.principal import Principal, service
from eks_lab.aws.service import Action, Call
from eks_lab.aws.sts.service import Issuers
from eks_lab.aws.sts.sessions import Wish, session_principal, trust_decision
from eks_lab.aws.sts.web_identity import TokenError, WebIdentity, issuer_of, verified
from eks_lab.ids import Ids
from eks_lab.sim.objects import Obj
from eks_lab.sim.store import Store

AUDIENCE = "pods.eks.amazonaws.com"
ASSOCIATIONS = "podidentityassociations.eks"
CLUSTERS = "clusters.eks"
LIFETIME = timedelta(hours=6)
"""Of a pod's credentials (EKS user guide, "How EKS Pod Identity works")."""
LIFETIME_OF_TARGET = timedelta(hours=1)
"""A target role is reached by role chaining."""
LONGEST_SESSION_NAME = 64
_CLAIM = "kubernetes.io"


class Owner(Protocol):
    """The account, as far as EKS Auth looks."""

    id: str
    region: str
    iam: Iam
    ids: Ids
    store: Store

    @property
    def kubernetes(self) -> Issuers:
        """Return the control planes, which publish the keys of their issuers."""
        ...


class EksAuthService:
    """Gives pods the credentials of the role that their association names."""

    name = "eks-auth"
    operations = ("AssumeRoleForPodIdentity",)

    def __init__(self, account: Owner) -> None:
        """Take the account."""
        self._account = account

    def actions(self, operation: str, params: dict[str, Any], context: Call) -> Iterable[Action]:
        """Return what IAM must allow: the node's role has to hold `eks-auth:AssumeRoleForPodIdentity`."""
        arn = f"arn:aws:eks:{context.region}:{self._account.id}:cluster/{params.get('clusterName', '')}"
        return (Action(f"eks-auth:{operation}", arn),)

    def handle(self, operation: str, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Perform AssumeRoleForPodIdentity; see `Service`.

        Raises:
            AwsError: EKS Auth refuses.
            NotImplementedError: it has no other operation.
        """
        if operation != "AssumeRoleForPodIdentity":
            raise NotImplementedError
        cluster = str(params["clusterName"])
        record = self._cluster(cluster)
        identity = self._identity(record, str(params["token"]), context)
        namespace, account = _service_account(identity)
        association = self._association(cluster, namespace, account)
        spec = association["spec"]
        credentials, principal = self._credentials(cluster, record, identity, spec, context)
        return {
            "subject": {"namespace": namespace, "serviceAccount": account},
            "audience": AUDIENCE,
            "podIdentityAssociation": {
                "associationArn": spec["associationArn"],
                "associationId": spec["associationId"],
            },
            "assumedRoleUser": {"arn": principal.arn, "assumeRoleId": principal.unique_id},
            "credentials": {
                "accessKeyId": credentials.access_key,
                "secretAccessKey": credentials.secret,
                "sessionToken": credentials.token,
                "expiration": credentials.expiration,
            },
        }

    def _cluster(self, name: str) -> Obj:
        for record in self._account.store.items(CLUSTERS):
            if record["metadata"]["name"] == name:
                return record
        raise AwsError("ResourceNotFoundException", f"No cluster found for name: {name}.", status=404)

    def _identity(self, record: Obj, token: str, context: Call) -> WebIdentity:
        """Return a good token of a pod of this cluster.

        Raises:
            AwsError: InvalidTokenException or ExpiredTokenException.
        """
        try:
            issuer = issuer_of(token)
            identity = verified(token, self._account.kubernetes.keys_of(issuer))
        except TokenError as error:
            raise AwsError(
                "InvalidTokenException", "The token included in the request is invalid."
            ) from error
        own = _issuer_of(record)
        if own and own != issuer:
            raise AwsError(
                "InvalidTokenException",
                "The token included in the request was not issued by the cluster in the request.",
            )
        if context.now.timestamp() >= identity.expires:
            raise AwsError("ExpiredTokenException", "The token included in the request is expired.")
        if AUDIENCE not in identity.audiences:
            raise AwsError(
                "InvalidTokenException", f"Expected audience {AUDIENCE}, got {', '.join(identity.audiences)}."
            )
        return identity

    def _association(self, cluster: str, namespace: str, account: str) -> Obj:
        for record in self._account.store.items(ASSOCIATIONS, cluster):
            spec = record["spec"]
            if (spec["namespace"], spec["serviceAccount"]) == (namespace, account):
                return record
        raise AwsError(
            "ResourceNotFoundException",
            f"No association found for service account {namespace}/{account} in cluster {cluster}.",
            status=404,
        )

    def _credentials(
        self, cluster: str, record: Obj, identity: WebIdentity, spec: Mapping[str, Any], context: Call
    ) -> tuple[Credentials, Principal]:
        iam = self._account.iam
        tags = {} if spec.get("disableSessionTags") else self._tags(cluster, record, identity, context)
        caller = service(self._account.id, AUDIENCE)
        source = {
            "aws:SourceAccount": self._account.id,
            "aws:SourceArn": f"arn:aws:eks:{context.region}:{self._account.id}:cluster/{cluster}",
        }
        has_target = bool(spec.get("targetRoleArn"))
        policies = (str(spec["policy"]),) if spec.get("policy") and not has_target else ()
        wish = Wish(
            str(spec["roleArn"]), self._session_name(cluster, identity), None, policies, tags, tuple(tags)
        )
        principal = self._assume(caller, wish, source)
        if not has_target:
            return iam.session(principal, LIFETIME, by_wall=context.is_over_http), principal
        target = Wish(
            str(spec["targetRoleArn"]),
            wish.session,
            None,
            (str(spec["policy"]),) if spec.get("policy") else (),
            tags,
            tuple(tags),
        )
        external = {"sts:ExternalId": str(spec["externalId"])} if spec.get("externalId") else {}
        reached = self._assume(principal, target, external)
        return iam.session(reached, LIFETIME_OF_TARGET, by_wall=context.is_over_http), reached

    def _assume(self, caller: Principal, wish: Wish, keys: Mapping[str, str]) -> Principal:
        """Return the session of a role that trusts the caller.

        Raises:
            AwsError: AccessDeniedException: it does not, or is not there.
        """
        iam = self._account.iam
        role = iam.identities.role_of_arn(wish.role_arn)
        context: dict[str, str | list[str]] = {
            **keys,
            **{f"aws:RequestTag/{key}": value for key, value in wish.tags.items()},
        }
        if wish.tags:
            context["aws:TagKeys"] = list(wish.tags)
        actions = ["sts:AssumeRole", *(["sts:TagSession"] if wish.tags else [])]
        if role is None or not all(
            trust_decision(iam, role, caller, action, context).allowed for action in actions
        ):
            raise AwsError(
                "AccessDeniedException",
                "Unauthorized Exception! EKS does not have permissions to assume the associated role."
                if caller.kind == "service"
                else f"Unauthorized Exception! The associated role cannot assume the target role: {wish.role_arn}",
            )
        return session_principal(iam, self._account.id, role, wish, None)

    def _tags(self, cluster: str, record: Obj, identity: WebIdentity, context: Call) -> dict[str, str]:
        """Return the session tags that Pod Identity adds, by which policies can tell pods apart."""
        namespace, account = _service_account(identity)
        pod = identity.claims.get(_CLAIM, {}).get("pod", {})
        found = {
            "eks-cluster-arn": f"arn:aws:eks:{context.region}:{self._account.id}:cluster/{cluster}",
            "eks-cluster-name": cluster,
            "kubernetes-namespace": namespace,
            "kubernetes-service-account": account,
            "kubernetes-pod-name": str(pod.get("name", "")),
            "kubernetes-pod-uid": str(pod.get("uid", "")),
        }
        return {key: value for key, value in found.items() if value}

    def _session_name(self, cluster: str, identity: WebIdentity) -> str:
        pod = str(identity.claims.get(_CLAIM, {}).get("pod", {}).get("name", "") or identity.subject)
        unique = self._account.ids.uid()
        room = LONGEST_SESSION_NAME - len("eks---") - len(unique)
        # Names of both are cut so that the whole fits; the random end keeps sessions apart.
        return f"eks-{cluster[: room // 2]}-{pod[: room - min(len(cluster), room // 2)]}-{unique}"


def _issuer_of(record: Obj) -> str:
    found = record.get("spec", {}).get("identity") or record.get("status", {}).get("identity") or {}
    return str((found.get("oidc") or {}).get("issuer", ""))


def _service_account(identity: WebIdentity) -> tuple[str, str]:
    parts = identity.subject.split(":")
    if len(parts) != 4 or parts[:2] != ["system", "serviceaccount"]:
        raise AwsError(
            "InvalidTokenException", "The token included in the request is not of a service account."
        )
    return parts[2], parts[3]
