"""One file per noun; importing this package registers every table on the one metadata."""

from db.tables import ach as ach
from db.tables import case_file as case_file
from db.tables import clock as clock
from db.tables import event as event
from db.tables import idempotency as idempotency
from db.tables import inbox as inbox
from db.tables import money_call as money_call
from db.tables import organization as organization
from db.tables.metadata import metadata as metadata
