"""Calculators: pure functions with a worked answer, the same in page, script, quiz and simulator.

Belongs here: one module a calculator. Must not: read files or clocks (data comes from `catalog`),
know how an answer is shown.
"""
