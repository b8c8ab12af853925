"""The questions, each in a file of its name: what it asks, its baseline, its goals."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from bench.answer import Answer
from bench.plan import Plan
from bench.questions import codec, flows, growth, latency, ledger, ledger_reasons, pay_run, settings

Measure = Callable[[Plan], Coroutine[Any, Any, Sequence[Answer]]]

QUESTIONS: Mapping[str, Measure] = {
    "ledger": ledger.measure,
    "ledger_reasons": ledger_reasons.measure,
    "codec": codec.measure,
    "flows": flows.measure,
    "latency": latency.measure,
    "pay_run": pay_run.measure,
    "growth": growth.measure,
    "settings": settings.measure,
}
WHEN_ASKED = ("settings",)
"""Those that take long and say nothing new while the settings stay: not asked unless by name."""
