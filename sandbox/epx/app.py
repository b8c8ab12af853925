"""EPX's HTTP face: ``POST /`` for Server Post, and the downloads a merchant fetches with a key."""

import asyncio
import hmac
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.epx.codes import SYSTEM_ERRORS, invalid
from sandbox.epx.fields import amount_in_cents
from sandbox.epx.gateway import Result
from sandbox.epx.partner import Epx
from sandbox.epx.xml import EpxWire
from sandbox.exchange import BodyTooLargeError, Exchange, read_body
from sandbox.faults import FaultBook
from sandbox.journal import Call, Journal
from sandbox.wire import Answer

FORM = "application/x-www-form-urlencoded"
_ECHOED = re.compile(r"(?!ACCOUNT_NBR$|AUTH_GUID$)[A-Z_]+")  # never the account number


def create_app(epx: Epx, journal: Journal, faults: FaultBook, stopping: asyncio.Event) -> Starlette:
    exchange = Exchange(epx.name, EpxWire(), journal=journal, faults=faults, stopping=stopping)

    async def server_post(request: Request) -> Response:
        form, problem = await _form(request)
        call = Call(
            operation=form.get("TRAN_TYPE", "?")[:4],
            reference=form.get("TRAN_NBR", "")[:40] or None,
            amount=amount_in_cents(form.get("AMOUNT", "")),
            last_four=_last_four(epx, form),
            detail={name: form[name][:40] for name in ("BATCH_ID", "ORIG_AUTH_GUID") if name in form},
        )

        def process() -> Answer:
            result = problem or epx.gateway.post(form)
            return Answer(
                _response_fields(form, result, epx.clock.now()),
                outcome=result.code,
                took_effect=result.took_effect,
                delay_ms=result.delay_ms + epx.config.latency_ms,
            )

        return await exchange.answer(request, call, process)

    def download(operation: str, make: Callable[[Request], Answer]) -> Callable[..., object]:
        async def endpoint(request: Request) -> Response:
            def process() -> Answer:
                if not hmac.compare_digest(request.headers.get("X-API-Key", ""), epx.config.report_key):
                    return Answer("invalid key\n", "unauthorized", status=401, media_type="text/plain")
                return make(request)

            return await exchange.answer(request, Call(operation, reference=request.url.path), process)

        return endpoint

    def report(request: Request) -> Answer:
        found = epx.reports.batch(request.path_params["owner"], request.path_params["batch_id"])
        if found is None:
            return Answer("no such merchant\n", "not_found", status=404, media_type="text/plain")
        headers = {"X-Batch-Closed": str(found.closed).lower()}
        return Answer(found.text, "report", headers=headers, media_type="text/csv")

    def feed(read: Callable[[str | None], str]) -> Callable[[Request], Answer]:
        def make(request: Request) -> Answer:
            try:
                return Answer(read(request.query_params.get("since")), "feed", media_type="text/csv")
            except ValueError:
                return Answer("unknown event id in since\n", "bad_request", status=400, media_type="text/plain")

        return make

    return Starlette(
        routes=[
            Route("/", server_post, methods=["POST"]),
            Route("/reports/{owner}/{batch_id}.csv", download("report", report)),
            Route("/feeds/settlements.csv", download("settlements_feed", feed(epx.reports.settlements))),
            Route("/feeds/returns.csv", download("returns_feed", feed(epx.reports.returns))),
            exchange.nowhere("no such page\n"),
        ]
    )


async def _form(request: Request) -> tuple[dict[str, str], Result | None]:
    """The fields, and a refusal where the body is not a form that the gateway reads."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        return {}, Result("RR", invalid("CONTENT_TYPE", None).text)
    try:
        body = (await read_body(request)).decode("ascii")
        pairs = parse_qsl(body, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=64)
    except (BodyTooLargeError, ValueError):
        return {}, Result("RR", invalid("REQUEST", None).text)
    form = dict(pairs)
    if len(form) != len(pairs):
        return form, Result("RR", invalid("REQUEST", None).text)
    return form, None


def _last_four(epx: Epx, form: dict[str, str]) -> str | None:
    """Of the account as keyed, or of the one behind the token."""
    number = form.get("ACCOUNT_NBR") or epx.entries.number_behind(form.get("ORIG_AUTH_GUID", ""))
    return number[-4:] if len(number) > 4 else None


def _response_fields(form: dict[str, str], result: Result, now: datetime) -> dict[str, str]:
    """Request fields echoed, then the gateway's own; the account number only masked."""
    fields = {"MSG_VERSION": "003"}
    fields |= {name: value for name, value in form.items() if _ECHOED.fullmatch(name) and value.isprintable()}
    accepted = result.guid is not None and result.code not in SYSTEM_ERRORS  # an error hides what was kept
    amount = f"{result.amount // 100}.{result.amount % 100:02d}"
    fields |= {
        "AUTH_RESP": result.code,
        "AUTH_RESP_TEXT": result.text,
        "AUTH_CARD_TYPE": "L",
        "AUTH_AMOUNT": amount if accepted else "0.00",
        "AUTH_AMOUNT_REQUESTED": amount if accepted else form.get("AMOUNT", "0.00"),
        "AUTH_CURRENCY_CODE": "840",
        "AUTH_TRAN_DATE_GMT": now.strftime("%m/%d/%Y %I:%M:%S %p"),
        "NETWORK_RESPONSE": result.code,
    }
    if accepted and result.guid is not None:
        fields["AUTH_GUID"] = result.guid
        if result.text != "APPROVAL":  # a void has no authorization code
            code = f"{int(result.guid[2:], 36) % 1_000_000:06d}"
            fields["AUTH_CODE"] = code
            if form["TRAN_TYPE"][3] == "2":
                fields["AUTH_RESP_TEXT"] = f"{result.text} {code}"
    if accepted and result.account is not None:
        number = result.account.account_number
        fields["AUTH_MASKED_ACCOUNT_NBR"] = "*" * (len(number) - 4) + number[-4:]
    if result.orig_tran_type is not None:
        fields["ORIG_TRAN_TYPE"] = result.orig_tran_type
    return fields
