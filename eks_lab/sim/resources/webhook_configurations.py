"""Validating and mutating webhook configurations (pkg/apis/admissionregistration)."""

from __future__ import annotations

from urllib.parse import urlsplit

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, duplicate, invalid, not_supported, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.admission_rules import (
    FAILURE_POLICIES,
    MATCH_POLICIES,
    choice_errors,
    condition_errors,
    default_match,
    default_rules,
    rule_errors,
)
from eks_lab.sim.resources.columns import AGE, NAME
from eks_lab.sim.resources.field_rules import selector_errors, subdomain_problems

GROUP = "admissionregistration.k8s.io"
_SIDE_EFFECTS = ("None", "NoneOnDryRun")
_REINVOCATIONS = ("IfNeeded", "Never")
_KNOWN_VERSIONS = ("v1", "v1beta1")
_VARIABLES = ("object", "oldObject", "request", "authorizer")
_LONGEST_TIMEOUT = 30
_FORMAT = "; desired format: https://host[/path]"


def _default_webhook(webhook: Obj) -> None:
    if webhook.get("failurePolicy") is None:
        webhook["failurePolicy"] = "Fail"
    default_match(webhook)
    if webhook.get("timeoutSeconds") is None:
        webhook["timeoutSeconds"] = 10
    default_rules(webhook.get("rules"))
    service = (webhook.setdefault("clientConfig", {})).get("service")
    if service is not None and service.get("port") is None:
        service["port"] = 443


def _default_validating(configuration: Obj, world: World) -> None:
    for webhook in configuration.get("webhooks") or ():
        _default_webhook(webhook)


def _default_mutating(configuration: Obj, world: World) -> None:
    for webhook in configuration.get("webhooks") or ():
        _default_webhook(webhook)
        if webhook.get("reinvocationPolicy") is None:
            webhook["reinvocationPolicy"] = "Never"


def _full_name_errors(name: str, path: str) -> list[FieldError]:
    if not name:
        return [required(path)]
    said = subdomain_problems(name)
    if said:
        return [invalid(path, name, ",".join(said))]
    if name.count(".") < 2:
        detail = "should be a domain with at least three segments separated by dots"
        return [invalid(path, name, detail)]
    return []


def _url_errors(url: str, path: str) -> list[FieldError]:
    try:
        address = urlsplit(url)
    except ValueError as error:
        return [required(path, f"url must be a valid URL: {error}{_FORMAT}")]
    errors: list[FieldError] = []
    if address.scheme != "https":
        detail = f"'https' is the only allowed URL scheme{_FORMAT}"
        errors.append(invalid(path, address.scheme, detail))
    if not address.hostname:
        errors.append(invalid(path, address.netloc, f"host must be specified{_FORMAT}"))
    if "@" in address.netloc:
        user = address.netloc.rpartition("@")[0]
        errors.append(invalid(path, user, "user information is not permitted in the URL"))
    if address.fragment:
        errors.append(invalid(path, address.fragment, "fragments are not permitted in the URL"))
    if address.query:
        errors.append(invalid(path, address.query, "query parameters are not permitted in the URL"))
    return errors


def _service_errors(service: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for field in ("name", "namespace"):
        if not service.get(field):
            errors.append(required(f"{path}.{field}", f"service {field} is required"))
    said = names.port_number(service.get("port") or 0)
    if said:
        detail = f"port is not valid: {','.join(said)}"
        errors.append(invalid(f"{path}.port", service.get("port") or 0, detail))
    where = service.get("path")
    if where is None or where == "/":
        return errors
    here = f"{path}.path"
    if not where.startswith("/"):
        errors.append(invalid(here, where, "must start with a '/'"))
    parts = where.removeprefix("/").removesuffix("/").split("/")
    for number, part in enumerate(parts):
        if not part:
            errors.append(invalid(here, where, f"segment[{number}] may not be empty"))
            continue
        for text in subdomain_problems(part):
            errors.append(invalid(here, where, f"segment[{number}]: {text}"))
    return errors


def _client_errors(client: Obj, path: str) -> list[FieldError]:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        return [required(path, "exactly one of url or service is required")]
    if url is not None:
        return _url_errors(url, f"{path}.url")
    return _service_errors(service or {}, f"{path}.service")


def _review_errors(versions: list[str], path: str) -> list[FieldError]:
    known = ", ".join(_KNOWN_VERSIONS)
    if not versions:
        return [required(path, f"must specify one of {known}")]
    errors: list[FieldError] = []
    for number, version in enumerate(versions):
        if version in versions[:number]:
            errors.append(invalid(f"{path}[{number}]", version, "duplicate version"))
            continue
        said = names.dns1035_label(version)
        if said:
            errors.append(invalid(f"{path}[{number}]", version, said[0]))
    if not any(version in _KNOWN_VERSIONS for version in versions):
        errors.append(invalid(path, versions, f"must include at least one of {known}"))
    return errors


def _webhook_errors(webhook: Obj, path: str) -> list[FieldError]:
    errors = _full_name_errors(webhook.get("name") or "", f"{path}.name")
    for number, rule in enumerate(webhook.get("rules") or ()):
        errors.extend(rule_errors(rule, f"{path}.rules[{number}]"))
    errors.extend(choice_errors(webhook.get("failurePolicy"), FAILURE_POLICIES, f"{path}.failurePolicy"))
    errors.extend(choice_errors(webhook.get("matchPolicy"), MATCH_POLICIES, f"{path}.matchPolicy"))
    effects, here = webhook.get("sideEffects"), f"{path}.sideEffects"
    if effects is None:
        errors.append(required(here, f"must specify one of {', '.join(_SIDE_EFFECTS)}"))
    elif effects not in _SIDE_EFFECTS:
        errors.append(not_supported(here, effects, _SIDE_EFFECTS))
    seconds = webhook.get("timeoutSeconds")
    if seconds is not None and not 0 < seconds <= _LONGEST_TIMEOUT:
        detail = "the timeout value must be between 1 and 30 seconds"
        errors.append(invalid(f"{path}.timeoutSeconds", seconds, detail))
    for selector in ("namespaceSelector", "objectSelector"):
        errors.extend(selector_errors(webhook.get(selector), f"{path}.{selector}"))
    again = webhook.get("reinvocationPolicy")
    errors.extend(choice_errors(again, _REINVOCATIONS, f"{path}.reinvocationPolicy"))
    errors.extend(_client_errors(webhook.get("clientConfig") or {}, f"{path}.clientConfig"))
    return errors + condition_errors(webhook.get("matchConditions"), _VARIABLES, f"{path}.matchConditions")


def _validate(configuration: Obj, world: World) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, webhook in enumerate(configuration.get("webhooks") or ()):
        here, name = f"webhooks[{number}]", webhook.get("name") or ""
        errors.extend(_webhook_errors(webhook, here))
        versions = webhook.get("admissionReviewVersions") or []
        errors.extend(_review_errors(versions, f"{here}.admissionReviewVersions"))
        if name and name in seen:
            errors.append(duplicate(f"{here}.name", name))
        seen.add(name)
    return errors


_COLUMNS = (
    NAME,
    Column("Webhooks", lambda each, now: len(each.get("webhooks") or ()), type="integer"),
    AGE,
)

VALIDATING_WEBHOOK_CONFIGURATIONS = Resource(
    plural="validatingwebhookconfigurations",
    kind="ValidatingWebhookConfiguration",
    group=GROUP,
    namespaced=False,
    categories=("api-extensions",),
    columns=_COLUMNS,
    default=_default_validating,
    validate=_validate,
    validate_update=lambda new, old, world: _validate(new, world),
    counts_generation=True,
)
MUTATING_WEBHOOK_CONFIGURATIONS = Resource(
    plural="mutatingwebhookconfigurations",
    kind="MutatingWebhookConfiguration",
    group=GROUP,
    namespaced=False,
    categories=("api-extensions",),
    columns=_COLUMNS,
    default=_default_mutating,
    validate=_validate,
    validate_update=lambda new, old, world: _validate(new, world),
    counts_generation=True,
)

RESOURCES = (VALIDATING_WEBHOOK_CONFIGURATIONS, MUTATING_WEBHOOK_CONFIGURATIONS)
