"""Routes of /v1, one file per noun; ROUTERS is the list that the application includes. A new noun adds its line."""

from fastapi import APIRouter

from api.routes.ach_accounts import routes as ach_accounts
from api.routes.ach_debits import routes as ach_debits
from api.routes.ach_debits import transactions as ach_transactions
from api.routes.cases import routes as cases
from api.routes.merchants import routes as merchants
from api.routes.money_calls import routes as money_calls
from api.routes.sandbox_clock import routes as sandbox_clock

ROUTERS: list[APIRouter] = [
    merchants,
    ach_accounts,
    ach_debits,
    ach_transactions,
    money_calls,
    cases,
    sandbox_clock,
]
