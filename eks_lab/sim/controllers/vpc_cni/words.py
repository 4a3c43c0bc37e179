"""What ipamd says: lines of its log, the CNI's errors, the kubelet's view of it."""

from __future__ import annotations

import json
from datetime import datetime

from eks_lab.sim.cloud import CloudError

NOT_INITIALISED = (
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
    "message:Network plugin returns error: cni plugin not initialized"
)
"""Message of a node's Ready condition while there is no CNI configuration (pkg/kubelet/kubelet_node_status.go)."""
NO_ADDRESS = "add cmd: failed to assign an IP address to container"
NO_IPAMD = (
    "add cmd: Error received from AddNetwork gRPC call: rpc error: code = Unavailable desc = connection error: "
    'desc = "transport: Error while dialing: dial tcp 127.0.0.1:50051: connect: connection refused"'
)

_CALLERS = {"datastore": "datastore/data_store.go:756", "rpc": "ipamd/rpc_handler.go:248"}


def line(moment: datetime, level: str, message: str, caller: str = "ipamd") -> str:
    """Return a line as zap writes it.

    Args:
        moment: of the line.
        level: debug, info, warn or error.
        message: the sentence.
        caller: datastore, rpc, or ipamd itself.
    """
    return json.dumps(
        {
            "level": level,
            "ts": moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "caller": _CALLERS.get(caller, "ipamd/ipamd.go:918"),
            "msg": message,
        },
        separators=(",", ":"),
    )


def api_error(error: CloudError, request: str) -> str:
    """Return an error of EC2 as the AWS SDK for Go prints it.

    Args:
        error: of the cloud.
        request: identifier of the request.
    """
    return (
        f"operation error EC2: {error.operation}, https response error StatusCode: {error.status}, "
        f"RequestID: {request}, api error {error.code}: {error.message}"
    )
