"""CertificateSigningRequests (pkg/apis/certificates/validation)."""

from __future__ import annotations

import base64
import binascii

from eks_lab.sim.objects import (
    FieldError,
    Obj,
    condition_of,
    duplicate,
    forbidden_field,
    invalid,
    not_supported,
    required,
)
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, NONE, duration_text, field_of
from eks_lab.sim.resources.field_rules import immutable_errors, subdomain_problems

_USAGES = (
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
    "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system",
    "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc",
    "ocsp signing", "s/mime", "server auth", "signing", "timestamping",
)  # fmt: skip
_SHORTEST = 600
_HEADER = b"-----BEGIN CERTIFICATE REQUEST-----"
_DECIDED = ("Approved", "Denied", "Failed")


def _default(request: Obj, world: World) -> None:
    spec = request.setdefault("spec", {})
    if not spec.get("usages"):
        spec["usages"] = ["digital signature", "key encipherment"]
    request.setdefault("status", {})


def _prepare_create(request: Obj, world: World) -> None:
    request["status"] = {}


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["spec"] = old["spec"]
    new["status"] = old.get("status") or {}


def _signer_errors(signer: str, path: str) -> list[FieldError]:
    """Return the errors of a signer's name: a domain, a slash, a path (ValidateSignerName)."""
    if not signer:
        return [required(path)]
    domain, slash, rest = signer.partition("/")
    if not slash or not rest or "/" in rest:
        detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        return [invalid(path, signer, detail)]
    errors = [invalid(path, domain, said) for said in subdomain_problems(domain)]
    if "." not in domain:
        errors.append(
            invalid(path, domain, "should be a domain with at least two segments separated by dots")
        )
    return errors + [invalid(path, rest, said) for said in subdomain_problems(rest)]


def _is_request(encoded: str) -> bool:
    try:
        text = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.strip().startswith(_HEADER)


def _validate(request: Obj, world: World) -> list[FieldError]:
    spec = request["spec"]
    errors: list[FieldError] = []
    if not _is_request(spec.get("request") or ""):
        detail = "PEM block type must be CERTIFICATE REQUEST"
        errors.append(invalid("spec.request", spec.get("request") or "", detail))
    usages = spec.get("usages") or []
    if not usages:
        errors.append(required("spec.usages", "usages must be non-empty"))
    seen: set[str] = set()
    for number, usage in enumerate(usages):
        if usage not in _USAGES:
            errors.append(not_supported(f"spec.usages[{number}]", usage, _USAGES))
        if usage in seen:
            errors.append(duplicate(f"spec.usages[{number}]", usage))
        seen.add(usage)
    errors.extend(_signer_errors(spec.get("signerName") or "", "spec.signerName"))
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < _SHORTEST:
        detail = "may not specify a duration less than 600 seconds (10 minutes)"
        errors.append(invalid("spec.expirationSeconds", seconds, detail))
    return errors


def _condition_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    conditions = (new.get("status") or {}).get("conditions") or []
    errors: list[FieldError] = []
    kinds = [each.get("type") for each in conditions]
    for number, condition in enumerate(conditions):
        here = f"status.conditions[{number}]"
        if not condition.get("type"):
            errors.append(required(f"{here}.type"))
        if condition.get("type") in _DECIDED and condition.get("status") != "True":
            errors.append(not_supported(f"{here}.status", condition.get("status") or "", ("True",)))
        if condition.get("type") in kinds[:number]:
            errors.append(duplicate(f"{here}.type", condition.get("type")))
    if "Approved" in kinds and "Denied" in kinds:
        detail = "Approved and Denied conditions are mutually exclusive"
        errors.append(invalid(f"status.conditions[{kinds.index('Denied')}].type", "Denied", detail))
    had = [each.get("type") for each in (old.get("status") or {}).get("conditions") or ()]
    errors.extend(
        forbidden_field("status.conditions", f'updates may not remove a condition of type "{kind}"')
        for kind in _DECIDED
        if kind in had and kind not in kinds
    )
    before = (old.get("status") or {}).get("certificate")
    if before:
        after = (new.get("status") or {}).get("certificate")
        errors.extend(immutable_errors(after, before, "status.certificate"))
    return errors


def _state(request: Obj) -> str:
    """Return `Approved,Issued` and the like (extractCSRStatus)."""
    found = [kind for kind in ("Approved", "Denied") if condition_of(request, kind)][:1] or ["Pending"]
    if condition_of(request, "Failed"):
        found.append("Failed")
    if (request.get("status") or {}).get("certificate"):
        found.append("Issued")
    return ",".join(found)


def _duration(request: Obj) -> str:
    seconds = request["spec"].get("expirationSeconds")
    return duration_text(seconds) if seconds is not None else NONE


CERTIFICATE_SIGNING_REQUESTS = Resource(
    plural="certificatesigningrequests",
    kind="CertificateSigningRequest",
    group="certificates.k8s.io",
    namespaced=False,
    short_names=("csr",),
    has_status=True,
    subresources={"approval": "CertificateSigningRequest"},
    subresource_validation={"approval": _condition_errors},
    columns=(
        NAME,
        AGE,
        Column("SignerName", field_of("spec", "signerName", otherwise=NONE)),
        Column("Requestor", field_of("spec", "username")),
        Column("RequestedDuration", lambda each, now: _duration(each)),
        Column("Condition", lambda each, now: _state(each)),
    ),
    field_labels={"spec.signerName": lambda each: each["spec"].get("signerName") or ""},
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_status_update=_condition_errors,
)

RESOURCES = (CERTIFICATE_SIGNING_REQUESTS,)
