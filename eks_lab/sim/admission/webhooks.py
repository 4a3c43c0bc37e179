"""MutatingAdmissionWebhook and ValidatingAdmissionWebhook: which webhook would be called; calling is not simulated.

A real kube-apiserver calls the webhook's Service. Programs of learners do not run here, so a webhook that
concerns a request is treated as one that does not answer: `failurePolicy: Fail` refuses the request and
`Ignore` lets it through with a warning.
"""

from __future__ import annotations

from typing import ClassVar

from eks_lab.sim.admission.plugin import Plugin
from eks_lab.sim.admission.request_rules import OWN_GROUP, UNTOUCHED, concerns, selected
from eks_lab.sim.objects import ApiError, Key, Obj
from eks_lab.sim.resource import Attributes, World

NOT_SIMULATED = (
    "calling admission webhooks is not simulated by eks-lab, real EKS calls it from the control plane"
)


class _Webhooks(Plugin):
    configurations: ClassVar[str] = ""

    def _judge(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        if request.resource.group in (OWN_GROUP, *UNTOUCHED):
            return []
        configurations = world.items(self.configurations)
        if not configurations:
            return []
        warnings = []
        for configuration in configurations:
            for webhook in configuration.get("webhooks") or ():
                if concerns(webhook.get("rules") or (), request) and selected(
                    webhook, request, obj, old, world
                ):
                    if webhook.get("failurePolicy") != "Ignore":
                        raise _failed(webhook, world)
                    warnings.append(f'webhook "{webhook["name"]}" was not called: {NOT_SIMULATED}')
        return warnings


def _failed(webhook: Obj, world: World) -> ApiError:
    name = webhook["name"]
    config = webhook.get("clientConfig") or {}
    service = config.get("service")
    why = NOT_SIMULATED
    if service:
        path = service.get("path") or "/"
        url = f"https://{service['name']}.{service['namespace']}.svc:{service.get('port', 443)}{path}"
        if world.get("services", Key(service["namespace"], service["name"])) is None:
            why = f'service "{service["name"]}" not found'
    else:
        url = config.get("url") or ""
    text = (
        f'Internal error occurred: failed calling webhook "{name}": failed to call webhook: '
        f'Post "{url}?timeout={webhook.get("timeoutSeconds", 10)}s": {why}'
    )
    return ApiError(500, "InternalError", text, {"causes": [{"message": text.partition(": ")[2]}]})


class MutatingAdmissionWebhook(_Webhooks):
    """Webhooks of MutatingWebhookConfigurations."""

    name: str = "MutatingAdmissionWebhook"
    configurations: ClassVar[str] = "mutatingwebhookconfigurations.admissionregistration.k8s.io"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Refuse what a webhook that must be asked is for.

        Raises:
            ApiError: 500.
        """
        self._judge(request, obj, old, world)

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Warn of webhooks that were passed over."""
        return self._judge(request, obj, old, world)


class ValidatingAdmissionWebhook(_Webhooks):
    """Webhooks of ValidatingWebhookConfigurations."""

    name: str = "ValidatingAdmissionWebhook"
    configurations: ClassVar[str] = "validatingwebhookconfigurations.admissionregistration.k8s.io"

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Refuse what a webhook that must be asked is for; warn of those that were passed over.

        Raises:
            ApiError: 500.
        """
        return self._judge(request, obj, old, world)
