"""Where things are on this machine: content that ships with the program, data of the learner.

`EKS_LAB_HOME` puts data, cache and log under one folder (workshops, tests, portable installs).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from eks_lab.errors import InputError, UnavailableError

APP_NAME = "eks-lab"
HOME_VARIABLE = "EKS_LAB_HOME"


def content_root() -> Path:
    """Return the folder that holds `lessons/`, `labs/` and `infra/`.

    A wheel carries them in `eks_lab/_data`; an editable install or a checkout uses the repository.
    """
    package = Path(__file__).resolve().parent
    shipped = package / "_data"
    return shipped if shipped.is_dir() else package.parent


def expanded(name: str) -> Path:
    """Return a typed path with its `~` or `~user` resolved.

    Args:
        name: as typed.

    Raises:
        InputError: no user of that name has a home folder.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise InputError(
            f"{name}: nobody's home folder is known by the name {Path(name).parts[0]}.",
            hint="Write the whole path, or ./ in front when the name itself begins with a tilde.",
        ) from None


def _home() -> Path | None:
    value = os.environ.get(HOME_VARIABLE, "")
    if not value:
        return None
    try:
        # Absolute: what is printed for other programs has to hold in their folder too.
        return Path(value).expanduser().absolute()
    except RuntimeError:
        problem = "nobody's home folder is known by that name"
    except OSError:
        problem = "the folder you stand in is gone"
    raise UnavailableError(
        f"{HOME_VARIABLE} is {value!r}, and {problem}.",
        hint=f"Write the whole path: export {HOME_VARIABLE}=/path/to/a/folder",
    )


def _usual(folder: Callable[[str], Path]) -> Path:
    """Return one of the platform's folders; platformdirs gives up where a user has no home."""
    try:
        return folder(APP_NAME)
    except RuntimeError:
        raise UnavailableError(
            "Your home folder is unknown: HOME is not set, and the system knows none for this user.",
            hint=f"Say where your progress is to be kept: export {HOME_VARIABLE}=/path/to/a/folder",
        ) from None


def data_dir() -> Path:
    """Return the folder of the learner's progress (not created here).

    Raises:
        UnavailableError: the learner has no home folder, and no other was named.
    """
    home = _home()
    if home is not None:
        return home / "data"
    import platformdirs

    return _usual(platformdirs.user_data_path)


def cache_dir() -> Path:
    """Return the folder of files that can be made again (not created here).

    Raises:
        UnavailableError: the learner has no home folder, and no other was named.
    """
    home = _home()
    if home is not None:
        return home / "cache"
    import platformdirs

    return _usual(platformdirs.user_cache_path)


def log_file() -> Path:
    """Return the file that keeps what a learner is spared (its folder is not created here).

    Raises:
        UnavailableError: the learner has no home folder, and no other was named.
    """
    home = _home()
    if home is not None:
        return home / "log" / "eks-lab.log"
    import platformdirs

    return _usual(platformdirs.user_log_path) / "eks-lab.log"


def save_dir() -> Path:
    """Return the folder that saved code blocks and exports go to: the one the learner stands in."""
    return Path.cwd()
