"""MutatingAdmissionWebhook and ValidatingAdmissionWebhook (apiserver/pkg/admission/plugin/webhook).

A webhook whose server does not answer refuses the request (`failurePolicy: Fail`) or is passed over (`Ignore`), as
with a real control plane; `webhook_backends` says who answers. Left out: reinvocation, and the seconds until a
timeout, which cost no simulated time.
"""

from __future__ import annotations

from typing import ClassVar

from eks_lab.errors import EksLabError
from eks_lab.sim.admission.admission_policy import Evaluate, variables_of
from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.admission.request_rules import OWN_GROUP, concerns, selected
from eks_lab.sim.admission.webhook_backends import Backends, UnreachableError, url_of
from eks_lab.sim.objects import ApiError, Obj, bad_request
from eks_lab.sim.patches.json_patch import apply_json_patch
from eks_lab.sim.resource import Attributes, World


class _Webhooks(Plugin):
    configurations: ClassVar[str] = ""

    def __init__(self, evaluate: Evaluate, backends: Backends) -> None:
        """Use a CEL interpreter and a table of servers.

        Args:
            evaluate: expression and variables -> value, for `matchConditions`.
            backends: who answers.
        """
        self._evaluate = evaluate
        self._backends = backends

    def _ask_all(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Ask every webhook that is for this request, by name of its configuration; return their warnings.

        Raises:
            ApiError: 500 one that must be asked does not answer, or what one of them says.
        """
        # Configurations and policies can always be mended, whatever the webhooks say
        # (predicates/rules: IsExemptAdmissionConfigurationResource).
        if request.resource.group == OWN_GROUP:
            return []
        warnings: list[str] = []
        for configuration in world.items(self.configurations):
            for webhook in configuration.get("webhooks") or ():
                if self._is_for(webhook, request, obj, old, world):
                    warnings += self._ask(webhook, request, obj, old, world)
        return warnings

    def _is_for(
        self, webhook: Obj, request: Attributes, obj: Obj | None, old: Obj | None, world: World
    ) -> bool:
        is_exact = webhook.get("matchPolicy") == "Exact"
        if not concerns(webhook.get("rules") or (), request, is_exact=is_exact):
            return False
        return selected(webhook, request, obj, old, world) and self._meets_conditions(
            webhook, request, obj, old, world
        )

    def _meets_conditions(
        self, webhook: Obj, request: Attributes, obj: Obj | None, old: Obj | None, world: World
    ) -> bool:
        """Say whether all match conditions hold (webhook/matchconditions/matcher.go).

        Raises:
            ApiError: 403, one cannot be evaluated, none is false, and the webhook fails closed.
        """
        conditions = webhook.get("matchConditions") or ()
        if not conditions:
            return True
        variables = variables_of(request, obj, old, None, world)
        problems = []
        for condition in conditions:
            expression = condition["expression"]
            try:
                if self._evaluate(expression, variables) is False:
                    return False
            except EksLabError as error:
                problems.append(f"expression '{expression}' resulted in error: {error.message}")
        if not problems:
            return True
        if webhook.get("failurePolicy") == "Ignore":
            return False
        raise refused(request, problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")

    def _ask(
        self, webhook: Obj, request: Attributes, obj: Obj | None, old: Obj | None, world: World
    ) -> list[str]:
        name = webhook["name"]
        if request.dry_run and webhook.get("sideEffects") not in ("None", "NoneOnDryRun"):
            raise bad_request(f'admission webhook "{name}" does not support dry run')
        review = {"uid": world.ids.uid(), **variables_of(request, obj, old, None, world)["request"]}
        review |= {"object": obj, "oldObject": old}
        try:
            response = self._backends.ask(webhook.get("clientConfig") or {}, review, world)
        except UnreachableError as error:
            if webhook.get("failurePolicy") == "Ignore":
                # Only the audit log of a real server tells: failed-open.validating.webhook.admission.k8s.io.
                return []
            text = f'failed calling webhook "{name}": failed to call webhook: Post "{url_of(webhook)}": {error.message}'
            raise ApiError(
                500, "InternalError", f"Internal error occurred: {text}", {"causes": [{"message": text}]}
            ) from error
        if not response.get("allowed"):
            raise denial(name, response.get("status") or {})
        self._take(name, response, obj)
        return [str(each) for each in response.get("warnings") or ()]

    def _take(self, name: str, response: Obj, obj: Obj | None) -> None:
        """Use what an answer brings besides its consent."""


def denial(name: str, status: Obj) -> ApiError:
    """Return the error of a request that a webhook refused (webhook/errors/statuserror.go: ToStatusErr).

    Args:
        name: of the webhook.
        status: of its response; message, reason and code may be missing.
    """
    said = f'admission webhook "{name}" denied the request'
    why = status.get("message") or status.get("reason")
    text = f"{said}: {why}" if why else f"{said} without explanation"
    code = status.get("code") or 0
    return ApiError(max(code, 400), status.get("reason") or "", text, status.get("details"))


class MutatingAdmissionWebhook(_Webhooks):
    """Webhooks of MutatingWebhookConfigurations, which may patch the object."""

    name: str = "MutatingAdmissionWebhook"
    configurations: ClassVar[str] = "mutatingwebhookconfigurations.admissionregistration.k8s.io"

    def __init__(self, evaluate: Evaluate, backends: Backends) -> None:
        """Begin without warnings; arguments as of every plugin that asks webhooks."""
        super().__init__(evaluate, backends)
        self._warnings: list[str] = []

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Let webhooks change the object, one after the other.

        Raises:
            ApiError: 400, 403, 500, or what a webhook says.
        """
        self._warnings = []
        self._warnings = self._ask_all(request, obj, old, world)

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Return what the webhooks of this request warned of."""
        warnings, self._warnings = self._warnings, []
        return warnings

    def _take(self, name: str, response: Obj, obj: Obj | None) -> None:
        patch = response.get("patch")
        if not patch or obj is None:
            return
        try:
            changed = apply_json_patch(obj, patch)
        except ApiError as error:
            text = f'failed calling webhook "{name}": the JSON patch of its response does not apply'
            raise ApiError(500, "InternalError", f"Internal error occurred: {text}") from error
        obj.clear()
        obj.update(changed)


class ValidatingAdmissionWebhook(_Webhooks):
    """Webhooks of ValidatingWebhookConfigurations."""

    name: str = "ValidatingAdmissionWebhook"
    configurations: ClassVar[str] = "validatingwebhookconfigurations.admissionregistration.k8s.io"

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Ask the webhooks; return what they warn of.

        Raises:
            ApiError: 400, 403, 500, or what a webhook says.
        """
        return self._ask_all(request, obj, old, world)
