"""Other people's clients: partly without types, partly with types that do not allow what their calls do."""

from __future__ import annotations

from importlib import import_module
from typing import Any

client: Any = import_module("kubernetes.client")
config: Any = import_module("kubernetes.config")
dynamic: Any = import_module("kubernetes.dynamic")
lease_lock: Any = import_module("kubernetes.leaderelection.resourcelock.leaselock")
election_record: Any = import_module("kubernetes.leaderelection.leaderelectionrecord")
stream: Any = import_module("kubernetes.stream")
utils: Any = import_module("kubernetes.utils")
watch: Any = import_module("kubernetes.watch")
kr8s: Any = import_module("kr8s")
kr8s_objects: Any = import_module("kr8s.objects")
ApiException: Any = import_module("kubernetes.client.exceptions").ApiException
