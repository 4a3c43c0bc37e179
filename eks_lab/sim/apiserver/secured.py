"""Puts authentication, RBAC, reviews, tokens and admission in front of an Api: one page that names every part."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.sim.admission import default_plugins
from eks_lab.sim.admission.webhook_backends import Backends
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.access import AnyOf, Authorizer, Handlers
from eks_lab.sim.apiserver.app import ApiServer, Observer
from eks_lab.sim.apiserver.authentication import Authentication, BearerAuthenticator
from eks_lab.sim.apiserver.channels import RemoteCommands
from eks_lab.sim.apiserver.container_runtime import ContainerRuntime, MetricsSource
from eks_lab.sim.apiserver.escalation import RoleEscalation
from eks_lab.sim.apiserver.metrics import ResourceMetrics
from eks_lab.sim.apiserver.operator_pages import operator_pages
from eks_lab.sim.apiserver.pod_logs import PodLogs
from eks_lab.sim.apiserver.port_forward import PortForward
from eks_lab.sim.apiserver.rbac import Rbac
from eks_lab.sim.apiserver.reviews import Reviews
from eks_lab.sim.apiserver.token_requests import TokenRequests, issuer_pages
from eks_lab.sim.apiserver.tokens import TokenAuthority


def install_admission(api: Api, backends: Backends | None = None) -> Rbac:
    """Put the admission plugins of EKS in front of an Api; returns the RBAC that some of them ask.

    Args:
        api: serves the resources of rbac.authorization.k8s.io.
        backends: who answers webhooks; None means nobody.
    """
    rbac = Rbac(api)
    api.admission = (RoleEscalation(rbac), *default_plugins(may_sign=rbac.may_sign, backends=backends))
    return rbac


def secured_server(
    api: Api,
    rbac: Rbac,
    tokens: TokenAuthority,
    *,
    bearers: Sequence[BearerAuthenticator] = (),
    authorizers: Sequence[Authorizer] = (),
    containers: ContainerRuntime | None = None,
    metrics: MetricsSource | None = None,
    handlers: Handlers | None = None,
    observer: Observer | None = None,
) -> ApiServer:
    """Return a server that knows who asks and what they may do.

    Args:
        api: the cluster.
        rbac: see `install_admission`.
        tokens: of service accounts.
        bearers: further kinds of tokens.
        authorizers: asked before RBAC: EKS's access policies.
        containers: answers logs, exec, cp and port-forward; without it they are not served.
        metrics: measures nodes and pods for `kubectl top`.
        handlers: answers of others, to which those of access are added.
        observer: the audit log.
    """
    handlers = handlers or Handlers()
    authorizer = AnyOf((*authorizers, rbac)) if authorizers else rbac
    rbac.others = tuple(authorizers)
    authentication = Authentication(authorizer, tokens, bearers)
    Reviews(api, rbac, authentication, authorizer).register(handlers)
    TokenRequests(api, tokens).register(handlers)
    if containers is not None:
        PodLogs(api, containers).register(handlers)
        RemoteCommands(api, containers).register(handlers)
        PortForward(api, containers).register(handlers)
    if metrics is not None:
        ResourceMetrics(api, metrics).register(handlers)
    server = ApiServer(
        api, authenticator=authentication, authorizer=authorizer, handlers=handlers, observer=observer
    )
    server.pages.update(issuer_pages(tokens) | operator_pages())
    return server
