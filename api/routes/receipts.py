"""/v1/reports/{id}/expenses/{id}/receipts: files that prove what was spent."""

import re
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from api.auth import Asker, needs
from api.context import Context
from api.idempotency import Answer, Once
from api.router import router
from api.routes.reports import report_key
from api.schemas.receipt import ReceiptView, receipt_view
from api.unit_of_work import Work
from db.queries import receipt as queries
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id, public_id
from domain.receipt_file import ENDINGS, MEDIA_TYPES
from services import receipt as service

routes = router("reports")

_PATH = "/{report_id}/expenses/{expense_id}/receipts"
RECEIPTS = re.compile(r"/v1/reports/[^/]+/expenses/[^/]+/receipts")
"""The paths that take files, which are larger than other bodies."""
_FILE: dict[str, Any] = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in MEDIA_TYPES}


@routes.post(
    _PATH,
    status_code=201,
    dependencies=[needs("reports:write")],
    response_model=ReceiptView,
    openapi_extra={"requestBody": {"required": True, "content": _FILE}},
)
async def attach(
    report_id: str, expense_id: str, request: Request, once: Once, context: Context, asker: Asker
) -> object:
    """Upload a file as a receipt of a draft's expense. The body is the file itself, its type the Content-Type."""
    report, expense = report_key(report_id), _expense(expense_id)
    declared = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    content = await request.body()

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.attach(uow, context.receipts, asker, report, expense, content, declared)
        return Answer(201, receipt_view(row))

    return await once.answer(deed)


@routes.get(
    _PATH + "/{receipt_id}",
    dependencies=[needs("reports:read")],
    response_class=Response,
    responses={200: {"content": _FILE, "description": "The file as it was uploaded"}},
)
async def download(report_id: str, expense_id: str, receipt_id: str, uow: Work, context: Context) -> Response:
    """The file as it was uploaded, to be saved: no browser shows it on our address."""
    report, expense, receipt = report_key(report_id), _expense(expense_id), _receipt(receipt_id)
    await reports.get_expense(uow, report, expense)
    row = await queries.get(uow, expense, receipt)
    content = await service.read(uow, context.receipts, row)
    name = f"{public_id('rct', row['id'])}.{ENDINGS[row['media_type']]}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(content, media_type=row["media_type"], headers=headers)


@routes.delete(_PATH + "/{receipt_id}", status_code=204, dependencies=[needs("reports:write")])
async def detach(report_id: str, expense_id: str, receipt_id: str, uow: Work, asker: Asker) -> None:
    """Take a receipt off a draft's expense."""
    await service.detach(uow, asker, report_key(report_id), _expense(expense_id), _receipt(receipt_id))


def _expense(text: str) -> UUID:
    return parse_public_id("rex", text, field="expense_id")


def _receipt(text: str) -> UUID:
    return parse_public_id("rct", text, field="receipt_id")
