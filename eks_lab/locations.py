"""Where things are on this machine: content that ships with the program, data of the learner.

`EKS_LAB_HOME` puts data, cache and log under one folder (workshops, tests, portable installs).
"""

from __future__ import annotations

import os
from pathlib import Path

APP_NAME = "eks-lab"
HOME_VARIABLE = "EKS_LAB_HOME"


def content_root() -> Path:
    """Return the folder that holds `lessons/`, `labs/` and `infra/`.

    A wheel carries them in `eks_lab/_data`; an editable install or a checkout uses the repository.
    """
    package = Path(__file__).resolve().parent
    shipped = package / "_data"
    return shipped if shipped.is_dir() else package.parent


def _home() -> Path | None:
    value = os.environ.get(HOME_VARIABLE, "")
    return Path(value).expanduser() if value else None


def data_dir() -> Path:
    """Return the folder of the learner's progress (not created here)."""
    home = _home()
    if home is not None:
        return home / "data"
    import platformdirs

    return platformdirs.user_data_path(APP_NAME)


def cache_dir() -> Path:
    """Return the folder of files that can be made again (not created here)."""
    home = _home()
    if home is not None:
        return home / "cache"
    import platformdirs

    return platformdirs.user_cache_path(APP_NAME)


def log_file() -> Path:
    """Return the file that keeps what a learner is spared (its folder is not created here)."""
    home = _home()
    if home is not None:
        return home / "log" / "eks-lab.log"
    import platformdirs

    return platformdirs.user_log_path(APP_NAME) / "eks-lab.log"


def save_dir() -> Path:
    """Return the folder that saved code blocks and exports go to: the one the learner stands in."""
    return Path.cwd()
