"""The flows' money steps by name. A new flow adds one line."""

from collections.abc import Mapping

from db.flows.ach_account import AchAccountSteps
from db.flows.ach_debit import AchDebitSteps
from db.flows.base import FlowSteps
from settings import Settings


def all_flows(settings: Settings) -> Mapping[str, FlowSteps]:
    """Every flow's money steps."""
    flows: list[FlowSteps] = [
        AchAccountSteps(cut_off=settings.epx.cut_off),
        AchDebitSteps(cut_off=settings.epx.cut_off),
    ]
    return {flow.flow: flow for flow in flows}
