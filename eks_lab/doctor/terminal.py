"""What the terminal can show: size, colours, characters, and whether copying can work."""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.doctor.model import Check, Machine

SMALLEST_SIZE = (40, 10)
COMFORTABLE_SIZE = (80, 24)
_GROUP = "Terminal"

# Compared 2026-11-22 with public documentation and issue threads; what a terminal was
# told in its settings cannot be seen from here.
_COPYING_TERMINALS = {
    "iTerm.app": "iTerm2 (allow it: Settings, General, Selection, applications may access clipboard)",
    "WezTerm": "WezTerm",
    "ghostty": "Ghostty",
    "vscode": "VS Code",
    "WarpTerminal": "Warp",
}


def terminal_checks(machine: Machine) -> list[Check]:
    """Return what there is to know about the terminal."""
    return [_size(machine), _type(machine), _colours(machine), _characters(machine), _clipboard(machine)]


def _size(machine: Machine) -> Check:
    needed = "reading lessons"
    comfortable = f"{COMFORTABLE_SIZE[0]} x {COMFORTABLE_SIZE[1]}"
    if machine.terminal_size is None:
        return Check(
            _GROUP,
            "size",
            "warn",
            "no terminal here: input and output are pipes or files",
            needed,
            "Run it in a terminal window to have its size checked.",
            required=True,
        )
    columns, rows = machine.terminal_size
    found = f"{columns} x {rows}"
    if columns < SMALLEST_SIZE[0] or rows < SMALLEST_SIZE[1]:
        how = (
            f"Make the window at least {SMALLEST_SIZE[0]} x {SMALLEST_SIZE[1]}; {comfortable} is comfortable."
        )
        return Check(_GROUP, "size", "missing", found, needed, how, required=True)
    if columns < COMFORTABLE_SIZE[0] or rows < COMFORTABLE_SIZE[1]:
        how = f"It works; {comfortable} or more is comfortable."
        return Check(_GROUP, "size", "warn", found, needed, how, required=True)
    return Check(_GROUP, "size", "ok", found, needed, required=True)


def _type(machine: Machine) -> Check:
    term = machine.environment.get("TERM", "")
    needed = "drawing on the screen"
    if term == "dumb":
        how = "Use a terminal window; a terminal inside an editor may set TERM=dumb."
        return Check(_GROUP, "type", "missing", "TERM=dumb", needed, how, required=True)
    if not term and machine.system != "Windows":
        how = "Set it, for example: export TERM=xterm-256color"
        return Check(_GROUP, "type", "warn", "TERM is not set", needed, how, required=True)
    return Check(_GROUP, "type", "ok", f"TERM={term}" if term else "Windows console", needed, required=True)


def _colours(machine: Machine) -> Check:
    environment = machine.environment
    needed = "themes; everything works without colour too"
    if environment.get("NO_COLOR"):
        return Check(_GROUP, "colours", "ok", "switched off by NO_COLOR", needed)
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") or environment.get("WT_SESSION"):
        return Check(_GROUP, "colours", "ok", "16 million", needed)
    if "256color" in environment.get("TERM", ""):
        return Check(_GROUP, "colours", "ok", "256; themes are shown in the nearest ones", needed)
    how = "If your terminal has them: export COLORTERM=truecolor"
    return Check(_GROUP, "colours", "warn", "perhaps 16 or fewer", needed, how)


def _characters(machine: Machine) -> Check:
    needed = "lines, arrows and signs in lessons and diagrams"
    encoding = machine.output_encoding.lower().replace("-", "").replace("_", "")
    name = next((name for name in ("LC_ALL", "LC_CTYPE", "LANG") if machine.environment.get(name)), "")
    setting = f"{name}={machine.environment[name]}" if name else "no locale is set"
    # Python speaks UTF-8 in the C locale too, but other programs in the terminal do not.
    is_utf8_locale = not name or "utf8" in setting.lower().replace("-", "")
    if encoding.startswith("utf8") and is_utf8_locale:
        return Check(_GROUP, "characters", "ok", f"UTF-8 ({setting})", needed)
    return Check(
        _GROUP,
        "characters",
        "warn",
        f"{machine.output_encoding} ({setting})",
        needed,
        "Choose a UTF-8 locale, for example: export LC_ALL=C.UTF-8 (macOS: en_US.UTF-8)",
    )


def _clipboard(machine: Machine) -> Check:
    environment = machine.environment
    needed = "copying code with c; saving it with s always works"
    unproved = "cannot be proved from here"
    how: list[str] = []
    terminal = _known_terminal(environment)
    if environment.get("TMUX"):
        how.append("In tmux, add to ~/.tmux.conf: set -g set-clipboard on")
    elif environment.get("TERM", "").startswith("screen"):
        how.append("GNU screen does not pass it on; tmux can.")
    if environment.get("VTE_VERSION"):
        how.append("Terminals built on VTE (GNOME Terminal and relatives) do not support it.")
    elif environment.get("TERM_PROGRAM") == "Apple_Terminal":
        how.append("Reports about Apple's Terminal differ; iTerm2, Ghostty and kitty support it.")
    elif not terminal:
        how.append(
            "kitty, foot, Ghostty, WezTerm, Alacritty, iTerm2, VS Code and Windows Terminal support it."
        )
    where = terminal or "this terminal is not known"
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        where += "; over SSH it reaches the clipboard of the machine in front of you"
    return Check(
        _GROUP,
        "clipboard",
        "warn" if how else "ok",
        f"OSC 52, {unproved}: {where}",
        needed,
        " ".join(how),
    )


def _known_terminal(environment: Mapping[str, str]) -> str:
    """Return the name of a terminal that supports OSC 52, or nothing."""
    if environment.get("TMUX"):
        return "inside tmux"
    program = environment.get("TERM_PROGRAM", "")
    if program in _COPYING_TERMINALS:
        return _COPYING_TERMINALS[program]
    if environment.get("WT_SESSION"):
        return "Windows Terminal"
    if environment.get("KITTY_WINDOW_ID"):
        return "kitty"
    term = environment.get("TERM", "")
    if environment.get("ALACRITTY_WINDOW_ID") or term.startswith("alacritty"):
        return "Alacritty"
    if term in ("foot", "foot-extra"):
        return "foot"
    return ""
