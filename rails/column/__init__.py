"""Column, the bank of the clearinghouse: form in, JSON out; webhooks say what became of an ACH transfer."""

from rails.column.rail import ACH_TRANSFER as ACH_TRANSFER
from rails.column.rail import BOOK_TRANSFER as BOOK_TRANSFER
from rails.column.rail import ColumnRail as ColumnRail
