"""Free answers against key points: words are compared, by rules that can be read, and nothing is understood."""

from eks_lab.content.items.result import PointResult, Reason
from eks_lab.content.items.rubric.finding import NOTICE, STRONG, WEAK, Strength, find, score, strength

__all__ = ["NOTICE", "STRONG", "WEAK", "PointResult", "Reason", "Strength", "find", "score", "strength"]
