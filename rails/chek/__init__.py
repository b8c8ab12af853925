"""Chek: wallets, same-day ACH and virtual cards of a childcare programme, over JSON with trailing slashes."""

from rails.chek.client import ChekClient as ChekClient
from rails.chek.rail import ChekRail as ChekRail
