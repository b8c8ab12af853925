"""One file per noun; importing this package registers every table on the one metadata."""

from db.tables import ach as ach
from db.tables import allocation as allocation
from db.tables import care_day as care_day
from db.tables import case_file as case_file
from db.tables import chek_wallet as chek_wallet
from db.tables import clock as clock
from db.tables import deposit as deposit
from db.tables import event as event
from db.tables import family as family
from db.tables import feed as feed
from db.tables import idempotency as idempotency
from db.tables import inbox as inbox
from db.tables import lump_sum as lump_sum
from db.tables import mail as mail
from db.tables import money_call as money_call
from db.tables import organization as organization
from db.tables import payee as payee
from db.tables import payment_intent as payment_intent
from db.tables import payout as payout
from db.tables import program as program
from db.tables import provider as provider
from db.tables import report as report
from db.tables.metadata import metadata as metadata
