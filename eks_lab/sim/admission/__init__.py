"""Admission: plugins that complete and refuse what is about to be written; their explicit list."""

from __future__ import annotations

from eks_lab.sim.admission.admission_policy import Evaluate, ValidatingAdmissionPolicy
from eks_lab.sim.admission.certificates import (
    CertificateApproval,
    CertificateSigning,
    CertificateSubjectRestriction,
    MaySign,
)
from eks_lab.sim.admission.ingress_class import DefaultIngressClass
from eks_lab.sim.admission.limit_ranger import LimitRanger
from eks_lab.sim.admission.nodes import NodeRestriction, TaintNodesByCondition
from eks_lab.sim.admission.pod_security import PodSecurity
from eks_lab.sim.admission.priority import Priority
from eks_lab.sim.admission.resource_quota import ResourceQuota
from eks_lab.sim.admission.runtime_class import RuntimeClass
from eks_lab.sim.admission.service_account import ServiceAccount
from eks_lab.sim.admission.storage import (
    DefaultStorageClass,
    PersistentVolumeClaimResize,
    StorageObjectInUseProtection,
)
from eks_lab.sim.admission.tolerations import DefaultTolerationSeconds, ExtendedResourceToleration
from eks_lab.sim.admission.webhook_backends import Backends
from eks_lab.sim.admission.webhooks import MutatingAdmissionWebhook, ValidatingAdmissionWebhook
from eks_lab.sim.objects import User
from eks_lab.sim.resource import Admission
from eks_lab.sim.resources import expressions

__all__ = ["default_plugins"]


def _everybody_may(user: User, verb: str, signer: str) -> bool:
    return True


def default_plugins(
    *,
    may_sign: MaySign = _everybody_may,
    evaluate: Evaluate = expressions.evaluate,
    backends: Backends | None = None,
) -> tuple[Admission, ...]:
    """Return the plugins that EKS runs, in the order of pkg/kubeapiserver/options/plugins.go.

    Namespace lifecycle and pod topology labels are part of the Api itself.

    Args:
        may_sign: says who may approve and sign with which signer; RBAC knows.
        evaluate: a CEL interpreter.
        backends: who answers webhooks; None means nobody.
    """
    backends = backends or Backends()
    return (
        LimitRanger(),
        ServiceAccount(),
        NodeRestriction(),
        TaintNodesByCondition(),
        PodSecurity(),
        Priority(),
        DefaultTolerationSeconds(),
        ExtendedResourceToleration(),
        DefaultStorageClass(),
        StorageObjectInUseProtection(),
        PersistentVolumeClaimResize(),
        RuntimeClass(),
        CertificateApproval(may_sign),
        CertificateSigning(may_sign),
        CertificateSubjectRestriction(),
        DefaultIngressClass(),
        MutatingAdmissionWebhook(evaluate, backends),
        ValidatingAdmissionPolicy(evaluate),
        ValidatingAdmissionWebhook(evaluate, backends),
        ResourceQuota(),
    )
