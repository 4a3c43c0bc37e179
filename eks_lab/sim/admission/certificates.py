"""CertificateApproval, CertificateSigning, CertificateSubjectRestriction (plugin/pkg/admission/certificates)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import ClassVar

from cryptography import x509
from cryptography.x509.oid import NameOID

from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.objects import Obj, User
from eks_lab.sim.resource import Attributes, World

REQUESTS = "certificatesigningrequests.certificates.k8s.io"
CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client"
MASTERS = "system:masters"

MaySign = Callable[[User, str, str], bool]
"""User, verb (`approve`, `sign`) and signer name -> whether RBAC lets them use it on `signers`."""


class _SignerCheck(Plugin):
    verb: ClassVar[str] = ""
    subresource: ClassVar[str] = ""

    def __init__(self, may: MaySign) -> None:
        """Ask somebody who knows the rights.

        Args:
            may: says who may use which signer.
        """
        self._may = may

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Refuse who may not use the signer.

        Raises:
            ApiError: 403.
        """
        if (
            request.resource.id != REQUESTS
            or request.subresource != self.subresource
            or old is None
            or obj is None
        ):
            return []
        if self.subresource == "status" and not self._signs(obj, old):
            return []
        signer = (old.get("spec") or {}).get("signerName") or ""
        if not self._may(request.user, self.verb, signer):
            raise refused(request, f'user not permitted to {self.verb} requests with signerName "{signer}"')
        return []

    def _signs(self, obj: Obj, old: Obj) -> bool:
        after, before = obj.get("status") or {}, old.get("status") or {}
        return any(after.get(field) != before.get(field) for field in ("certificate", "conditions"))


class CertificateApproval(_SignerCheck):
    """Lets only those approve who may `approve` with the signer."""

    name: str = "CertificateApproval"
    verb: ClassVar[str] = "approve"
    subresource: ClassVar[str] = "approval"


class CertificateSigning(_SignerCheck):
    """Lets only those fill in a certificate who may `sign` with the signer."""

    name: str = "CertificateSigning"
    verb: ClassVar[str] = "sign"
    subresource: ClassVar[str] = "status"


class CertificateSubjectRestriction(Plugin):
    """Refuses client certificates for the group that may do everything."""

    name: str = "CertificateSubjectRestriction"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Write down who asks; in the real server the strategy of the kind does (csrStrategy PrepareForCreate)."""
        if (
            obj is None
            or request.resource.id != REQUESTS
            or request.operation != "CREATE"
            or request.subresource
        ):
            return
        user, spec = request.user, obj.setdefault("spec", {})
        asked: Obj = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
        asked["extra"] = {key: list(values) for key, values in user.extra.items()}
        for field, value in asked.items():
            # What a client claims about itself does not count.
            spec.pop(field, None)
            if value:
                spec[field] = value

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Judge the subject of a new request.

        Raises:
            ApiError: 403.
        """
        if (
            obj is None
            or request.resource.id != REQUESTS
            or request.operation != "CREATE"
            or request.subresource
        ):
            return []
        spec = obj.get("spec") or {}
        if spec.get("signerName") == CLIENT_SIGNER and MASTERS in _organizations(spec.get("request") or ""):
            raise refused(request, f"use of {CLIENT_SIGNER} signer with {MASTERS} group is not allowed")
        return []


def _organizations(text: str) -> list[str]:
    """Return the organizations that a base64 PEM request names; none when it cannot be read."""
    try:
        subject = x509.load_pem_x509_csr(b64decode(text)).subject
    except ValueError:
        return []
    return [str(each.value) for each in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
