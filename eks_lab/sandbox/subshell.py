"""A shell that shows where it points: the learner's own set-up, then `(eks-lab)` before the prompt."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

MARK = "(eks-lab) "
_OWN = ("KUBECONFIG", "PATH", "NO_PROXY", "no_proxy")
"""Set again after the learner's start-up files, with all that begins with AWS_."""
TYPED = "EKS_LAB_TYPED"
"""Names a file to which the shell appends what is typed, where a lab wants to know it."""
_BASH = """alias k=kubectl
if declare -F _init_completion _get_comp_words_by_ref >/dev/null && command -v kubectl >/dev/null; then
  . <(kubectl completion bash); complete -o default -F __start_kubectl k
fi
"""
# The first prompt only remembers where the history stands: what was typed elsewhere is nobody's business here.
_BASH_TYPED = f"""__eks_lab_typed() {{
  local line; line=$(HISTTIMEFORMAT= history 1)
  if [ "${{__eks_lab_last-$line}}" != "$line" ] && [[ $line =~ ^\\ *[0-9]+\\*?\\ +(.*) ]]; then
    printf '%s\\n' "${{BASH_REMATCH[1]}}" >> "${TYPED}"
  fi
  __eks_lab_last=$line
}}
PROMPT_COMMAND="__eks_lab_typed${{PROMPT_COMMAND:+;$PROMPT_COMMAND}}"
"""
_ZSH = """alias k=kubectl
(( $+functions[compdef] && $+commands[kubectl] )) && { source <(kubectl completion zsh); compdef k=kubectl }
"""
_ZSH_TYPED = f"""__eks_lab_typed() {{ print -r -- "$1" >> "${TYPED}" }}
preexec_functions+=(__eks_lab_typed)
"""
_FISH = "alias k kubectl; type -q kubectl; and kubectl completion fish | source"
_FISH_TYPED = f"function __eks_lab_typed --on-event fish_preexec; echo $argv[1] >> ${TYPED}; end"


@contextlib.contextmanager
def prepared(program: str, environment: Mapping[str, str]) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Yield the command line and the environment of an interactive shell.

    The learner's own start-up files run first, so that what the sandbox sets wins.

    Args:
        program: path of the shell.
        environment: what it should have.
    """
    name = Path(program).name
    settled = {**environment, "EKS_LAB_SHELL": "1"}
    own = {key: value for key, value in settled.items() if key in _OWN or key.startswith("AWS_")}
    again = "\n".join(f"export {key}={_quoted(value)}" for key, value in own.items())
    is_noted = bool(environment.get(TYPED))
    with tempfile.TemporaryDirectory(prefix="eks-lab-") as folder:
        if name == "bash":
            file = Path(folder) / "bashrc"
            # Credentials, profiles and endpoints of start-up files would win over the sandbox's.
            forgotten = "unset $(compgen -v AWS_) _"
            more = _BASH + (_BASH_TYPED if is_noted else "")
            file.write_text(
                f'[ -f ~/.bashrc ] && . ~/.bashrc\n{forgotten}\n{again}\nPS1="{MARK}$PS1"\n{more}'
            )
            yield [program, "--rcfile", str(file), "-i"], settled
        elif name == "zsh":
            home = environment.get("ZDOTDIR") or environment.get("HOME", "")
            file_of_home = f"{home}/.zshrc"
            content = (
                f"ZDOTDIR={_quoted(home)}\n[ -f {_quoted(file_of_home)} ] && . {_quoted(file_of_home)}\n"
                f"unset -m 'AWS_*'\n{again}\n"
                f'PROMPT="{MARK}$PROMPT"\n{_ZSH}{_ZSH_TYPED if is_noted else ""}'
            )
            (Path(folder) / ".zshrc").write_text(content)
            yield [program, "-i"], {**settled, "ZDOTDIR": folder}
        elif name == "fish":
            forgotten = "for name in (set -n | string match 'AWS_*'); set -e $name; end"
            setup = "; ".join(
                [
                    forgotten,
                    *(f"set -gx {key} {_quoted(value)}" for key, value in own.items() if key != "PATH"),
                ]
            )
            setup = "; ".join([setup, _FISH, *([_FISH_TYPED] if is_noted else [])])
            prompt = f"functions -c fish_prompt eks_lab_prompt; function fish_prompt; echo -n '{MARK}'; eks_lab_prompt; end"
            yield [program, "-i", "-C", f"{setup}; {prompt}"], settled
        else:
            yield [program, "-i"], {**settled, "PS1": f"{MARK}$ "}


def _quoted(value: str) -> str:
    escaped = value.replace("'", "'\\''")
    return f"'{escaped}'"
