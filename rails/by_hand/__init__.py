"""The rail by hand: a person does at the bank what no interface of ours can, and another confirms it."""

from rails.by_hand.rail import ByHandRail

__all__ = ["ByHandRail"]
