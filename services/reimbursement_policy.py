"""Changing what an organization asks of its reports."""

from collections.abc import Mapping
from typing import Any

from db.queries import reimbursement_policy as queries
from db.unit_of_work import UnitOfWork
from domain.report_policy import ReportPolicy


async def change(uow: UnitOfWork, values: Mapping[str, Any]) -> ReportPolicy:
    """Set these values; reports that are approved already go on as they were approved."""
    return await queries.change(uow, **values) if values else await queries.read(uow)
