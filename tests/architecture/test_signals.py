"""Whatever somebody types into the web UI's signal dialog, the handler runs: one that fails blocks its run for good."""

import inspect
from typing import Any

import pytest
from temporalio import workflow

from workflows import WORKFLOWS
from workflows.flow import Flow

HANDLERS = [
    pytest.param(handler, id=f"{each.__name__}-{handler.name}")
    for each in WORKFLOWS
    if issubclass(each, Flow)
    for handler in workflow._Definition.must_from_class(each).signals.values()
]


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_signal_takes_no_input_and_any_input(handler: Any) -> None:
    flow, *said = inspect.signature(handler.fn).parameters.values()
    assert flow.name == "self"
    assert [(parameter.kind, parameter.annotation) for parameter in said] == [(inspect.Parameter.VAR_POSITIONAL, Any)]


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_signal_says_what_it_means(handler: Any) -> None:
    assert handler.description
