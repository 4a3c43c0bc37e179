"""Quotas, storage and ingress classes, certificates, admission policies."""

from __future__ import annotations

from base64 import b64encode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eks_lab.sim.admission import default_plugins
from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key, Obj
from tests.sim.admission.full_api import JANE, admitting_api, asked, pod, refusal

CLASSES = "storageclasses.storage.k8s.io"


def quota(api: Api, name: str, hard: Obj, **spec: object) -> None:
    """Make a quota whose controller has counted nothing yet used."""
    made = api.create(
        "resourcequotas", {"metadata": {"name": name, "namespace": "default"}, "spec": {"hard": hard, **spec}}
    )
    status = {"hard": made["spec"]["hard"], "used": dict.fromkeys(hard, "0")}
    api.update_status("resourcequotas", {**made, "status": status})


def used(api: Api, name: str) -> Obj:
    found: Obj = api.read("resourcequotas", Key("default", name))["status"]["used"]
    return found


def claim(name: str, size: str, **spec: object) -> Obj:
    resources = {"requests": {"storage": size}}
    return {
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources, **spec},
    }


def test_a_quota_counts_and_refuses() -> None:
    api = admitting_api()
    quota(api, "q", {"pods": "1", "requests.cpu": "2"})
    assert refusal(api, "pods", pod()) == (
        'pods "web" is forbidden: failed quota: q: must specify requests.cpu for: c'
    )
    api.create("pods", pod("dry", asked(cpu="500m")), dry_run=True)
    assert used(api, "q") == {"pods": "0", "requests.cpu": "0"}
    api.create("pods", pod("one", asked(cpu="500m")))
    assert used(api, "q") == {"pods": "1", "requests.cpu": "500m"}
    assert refusal(api, "pods", pod("two", asked(cpu="2"))) == (
        'pods "two" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=2, '
        "used: pods=1,requests.cpu=500m, limited: pods=1,requests.cpu=2"
    )


def test_a_quota_that_nobody_counted_refuses_everything() -> None:
    api = admitting_api()
    api.create(
        "resourcequotas", {"metadata": {"name": "q", "namespace": "default"}, "spec": {"hard": {"pods": "1"}}}
    )
    assert refusal(api, "pods", pod()).endswith("status unknown for quota: q, resources: pods")


def test_scopes_choose_what_is_counted() -> None:
    api = admitting_api()
    quota(api, "best", {"pods": "1"}, scopes=["BestEffort"])
    api.create("pods", pod("burst", asked(cpu="1")))
    api.create("pods", pod("one"))
    assert "exceeded quota: best" in refusal(api, "pods", pod("two"))


def test_a_growing_object_counts_by_its_growth() -> None:
    api = admitting_api()
    quota(api, "q", {"services.nodeports": "1"})
    ports = [{"name": "a", "port": 80}, {"name": "b", "port": 81}]
    service = api.create(
        "services", {"metadata": {"name": "s", "namespace": "default"}, "spec": {"ports": ports}}
    )
    with pytest.raises(ApiError, match=r"services\.nodeports=2, used: services\.nodeports=0"):
        api.update("services", {**service, "spec": {**service["spec"], "type": "NodePort"}})


def test_claims_get_the_newest_default_class_and_a_finalizer() -> None:
    api = admitting_api()
    mark = {"storageclass.kubernetes.io/is-default-class": "true"}
    assert "storageClassName" not in api.create("persistentvolumeclaims", claim("none", "1Gi"))["spec"]
    for name, marks in (("gp3", mark), ("gp2", mark), ("aaa", {})):
        api.create(CLASSES, {"metadata": {"name": name, "annotations": marks}, "provisioner": "x.io/y"})
    made = api.create("persistentvolumeclaims", claim("data", "1Gi"))
    assert made["spec"]["storageClassName"] == "gp2"
    assert made["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    bare = api.create("persistentvolumeclaims", claim("bare", "1Gi", storageClassName=""))
    assert bare["spec"]["storageClassName"] == ""


def test_ingresses_get_the_default_class() -> None:
    api = admitting_api()
    mark = {"ingressclass.kubernetes.io/is-default-class": "true"}
    api.create(
        "ingressclasses.networking.k8s.io",
        {"metadata": {"name": "alb", "annotations": mark}, "spec": {"controller": "eks.amazonaws.com/alb"}},
    )
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    ingress = {"metadata": {"name": "i", "namespace": "default"}, "spec": {"defaultBackend": backend}}
    assert api.create("ingresses.networking.k8s.io", ingress)["spec"]["ingressClassName"] == "alb"


def signing_request(name: str, organization: str) -> Obj:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    text = b64encode(request.public_bytes(serialization.Encoding.PEM)).decode()
    signer = "kubernetes.io/kube-apiserver-client"
    return {
        "metadata": {"name": name},
        "spec": {"request": text, "signerName": signer, "usages": ["client auth"]},
    }


def test_certificates_are_guarded() -> None:
    api = admitting_api()
    api.admission = default_plugins(may_sign=lambda user, verb, signer: user != JANE)
    rid = "certificatesigningrequests.certificates.k8s.io"
    assert "system:masters group is not allowed" in refusal(api, rid, signing_request("no", "system:masters"))
    made = api.create(rid, signing_request("yes", "dev"))
    condition = {"type": "Approved", "status": "True", "reason": "x", "message": ""}
    approved = {**made, "status": {"conditions": [condition]}}
    with pytest.raises(ApiError, match="user not permitted to approve requests with signerName"):
        api.update(rid, approved, subresource="approval", user=JANE)
    assert api.update(rid, approved, subresource="approval")["status"]["conditions"]


def test_policies_judge_by_their_expressions() -> None:
    api = admitting_api()
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    validations = [
        {"expression": "size(object.data) < variables.most", "message": "too many keys"},
        {
            "expression": "!object.metadata.name.startsWith('tmp')",
            "messageExpression": "object.metadata.name + ' is temporary'",
            "reason": "Forbidden",
        },
    ]
    spec = {
        "matchConstraints": {"resourceRules": [rule]},
        "variables": [{"name": "most", "expression": "3"}],
        "validations": validations,
    }
    group = "admissionregistration.k8s.io"
    api.create(f"validatingadmissionpolicies.{group}", {"metadata": {"name": "p"}, "spec": spec})

    def made(name: str, *keys: str) -> Obj:
        return {"metadata": {"name": name, "namespace": "default"}, "data": dict.fromkeys(keys, "1")}

    api.create("configmaps", made("unbound", "a", "b", "c"))
    bound = {"policyName": "p", "validationActions": ["Deny"]}
    binding = api.create(
        f"validatingadmissionpolicybindings.{group}", {"metadata": {"name": "b"}, "spec": bound}
    )
    api.create("configmaps", made("fine", "a"))
    with pytest.raises(ApiError) as caught:
        api.create("configmaps", made("many", "a", "b", "c"))
    head = "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "
    assert caught.value.message == f'configmaps "many" is forbidden: {head}too many keys'
    assert (caught.value.code, caught.value.reason) == (422, "Invalid")
    assert caught.value.details["causes"] == [{"message": f"{head}too many keys"}]
    assert refusal(api, "configmaps", made("tmp", "a")).endswith("tmp is temporary")

    warning = {**binding, "spec": {**binding["spec"], "validationActions": ["Warn"]}}
    api.update(f"validatingadmissionpolicybindings.{group}", warning)
    warnings: list[str] = []
    api.create("configmaps", made("many", "a", "b", "c"), warnings=warnings)
    assert warnings == ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': too many keys"]
