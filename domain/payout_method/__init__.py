"""The payout methods by kind. A new method is a new module here and its line in METHODS."""

from collections.abc import Mapping

from domain.payout_method.ach import AchMethod
from domain.payout_method.base import PayoutMethod
from domain.payout_method.check import CheckMethod
from domain.payout_method.paypal import PayPalMethod
from domain.payout_method.wire import WireMethod

METHODS: Mapping[str, PayoutMethod] = {
    method.kind: method for method in (AchMethod(), CheckMethod(), PayPalMethod(), WireMethod())
}
DEFAULT_KIND = AchMethod.kind
