"""The stem of an English word: enough of it that "encrypts", "encrypted" and "encryption" meet.

A light stemmer on purpose: `deployment` stays apart from `deploy`, `container` from `contain`, since the field
means different things by them.
"""

from __future__ import annotations

from functools import lru_cache

_VOWELS = frozenset("aeiouy")
_IRREGULAR = {
    "ran": "run",
    "run": "run",
    "kept": "keep",
    "went": "go",
    "gone": "go",
    "goes": "go",
    "took": "take",
    "taken": "take",
    "gave": "give",
    "given": "give",
    "chosen": "choose",
    "chose": "choose",
    "wrote": "write",
    "written": "write",
    "broke": "break",
    "broken": "break",
    "lost": "lose",
    "found": "find",
    "held": "hold",
    "sent": "send",
    "built": "build",
    "paid": "pay",
    "got": "get",
    "does": "do",
    "did": "do",
    "has": "have",
    "had": "have",
    "lacks": "lack",
    "lacking": "lack",
    "dies": "die",
    "died": "die",
    "dying": "die",
    "indices": "index",
    "assumed": "assume",
    "metadata": "metadata",
}


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return the stem of a word.

    Args:
        word: lower case, letters and digits.

    Returns:
        The stem; a word of up to three letters, or with a digit, as it is.
    """
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3 or not word.isalpha():
        return word
    word = _without_ending(_singular(_american(word)))
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    if word.endswith("y") and len(word) > 3 and word[-2] not in _VOWELS:
        word = word[:-1] + "i"
    return _undoubled(word)


def _american(word: str) -> str:
    for british, american in (("isation", "ization"), ("ising", "izing"), ("ised", "ized"), ("ises", "izes")):
        if word.endswith(british):
            word = word[: -len(british)] + american
    if word.endswith("ise") and len(word) > 5:
        word = word[:-3] + "ize"
    if len(word) > 5:
        word = word.replace("our", "or")
    return word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "is")) and (len(word) <= 4 or not word.endswith("us")):
        return word[:-1]
    return word


def _without_ending(word: str) -> str:
    if word.endswith("ically"):
        word = word[:-4]
    elif word.endswith("ly") and len(word) > 6:
        word = word[:-2]
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    for ending, instead, shortest in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= shortest and _VOWELS & set(rest):
            return rest + instead
    return word


_ENDINGS = (
    ("ibility", "ibl", 2),
    ("ability", "abl", 2),
    ("able", "abl", 2),
    ("ible", "ibl", 2),
    ("ization", "iz", 2),
    ("ations", "", 3),
    ("ation", "", 3),
    ("ating", "", 3),
    ("ated", "", 3),
    ("ator", "", 3),
    ("ate", "", 3),
    ("ption", "pt", 2),
    ("ction", "ct", 1),
    ("tion", "t", 3),
    ("sion", "s", 3),
    ("ing", "", 3),
    ("ed", "", 3),
    ("ler", "l", 4),
    ("cer", "c", 4),
    ("zer", "z", 3),
    ("per", "p", 5),
)
"""Ending, what stands in its place, fewest letters that have to be left."""


def _undoubled(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
