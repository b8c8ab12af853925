"""Everything that might spill a secret: flows that succeed and fail, requests that are refused, errors in all parts."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx

from domain.ids import new_id
from sandbox.runner import SandboxRunner
from tests.flows.reimbursements.files import pdf
from tests.security.partner import Chatterbox

SECRETS = {
    "account number": "73519028441673",
    "other account number": "88120476639102",
    "account number of a declined account": "46620918837710",
    "account number by a correction": "55201993760418",
    "account number of a payee": "40917736620581",
    "first name": "Zephyrine",
    "last name": "Quillfeather",
    "payee's name": "Ottoline Brackenridge",
    "payee's e-mail address": "ottoline.brackenridge",
    "e-mail address of a family": "clementine.oakhollow",
    "telephone of a family": "3035559417",
    "street of a family": "Larkspur Hollow Road",
}
_AT_REST = ("onboarded", "stopped")
HOLDER = {"first_name": SECRETS["first name"], "last_name": SECRETS["last name"]}


class Deeds:
    """Two operators' clients of the running API, the partners between us and theirs, and the owner's connection."""

    def __init__(
        self,
        ada: httpx.AsyncClient,
        grace: httpx.AsyncClient,
        sandbox: SandboxRunner,
        epx: Chatterbox,
        column: Chatterbox,
        owner: "asyncpg.Connection[asyncpg.Record]",
    ) -> None:
        self.ada, self.grace, self.sandbox, self.epx, self.column, self.owner = ada, grace, sandbox, epx, column, owner
        self.merchant_id = ""

    async def post(self, path: str, body: Any = None, *, by: httpx.AsyncClient | None = None, wait: int = 0) -> Any:
        """A request that must be accepted."""
        answer = await self.send(path, body, by=by, wait=wait)
        assert answer.is_success, answer.text
        return answer.json()

    async def send(
        self, path: str, body: Any = None, *, by: httpx.AsyncClient | None = None, wait: int = 0
    ) -> httpx.Response:
        """A request, whatever is answered."""
        headers = {"Idempotency-Key": new_id().hex, **({"Prefer": f"wait={wait}"} if wait else {})}
        return await (by or self.ada).post(path, json=body, headers=headers)

    async def until(self, path: str, wanted: Callable[[Any], bool], seconds: float = 40) -> Any:
        """Look until it is as wanted."""
        return await eventually(lambda: self._look(path), wanted, seconds)

    async def _look(self, path: str) -> Any:
        return (await self.ada.get(path)).json()

    def account(self, secret: str, **changes: Any) -> dict[str, Any]:
        """A request to store an account."""
        return {
            "merchant_id": self.merchant_id,
            "customer_id": "customer-1",
            "account_type": "checking",
            "routing_number": "011000015",
            "account_number": SECRETS.get(secret, secret),
            **HOLDER,
            **changes,
        }

    async def a_debit_that_succeeds(self) -> None:
        """Store an account, and debit it."""
        terminal = {"cust_nbr": "7000", "merch_nbr": "700010", "dba_nbr": "1", "terminal_nbr": "1"}
        made = await self.post(
            "/v1/merchants", {"name": "Piano school", "verification_policy": "gateway_accept", **terminal}
        )
        self.merchant_id = made["id"]
        stored = await self.post("/v1/ach-accounts", self.account("account number"), wait=20)
        assert stored["state"] == "stored"
        await self.post("/v1/ach-debits", {"account_id": stored["id"], "amount": 15_000, "currency": "USD"}, wait=20)

    async def a_correction_by_the_bank(self) -> None:
        """The receiving bank tells another account number, which replaces the one that is stored."""
        debits = (await self.ada.get("/v1/ach-transactions")).json()["data"]
        told = {"tran_nbr": debits[0]["tran_nbr"], "batch_id": debits[0]["batch_id"], "code": "C01"}
        corrected = f"{SECRETS['account number by a correction']:<29}"
        async with httpx.AsyncClient(base_url=self.sandbox.addresses["control"], timeout=20) as gateway:
            answer = await gateway.post("/epx/entries/correct", json=told | {"corrected_data": corrected})
            answer.raise_for_status()
        wanted = "applied"
        await self.until("/v1/ach-account-changes", lambda seen: [row["state"] for row in seen["data"]] == [wanted])

    async def requests_that_are_refused(self) -> None:
        """The secrets where they do not belong, and in what cannot be read."""
        number, name = SECRETS["account number"], SECRETS["payee's name"]
        good = self.account("account number")
        for field in good:
            for value in (number, {number: name}, [number], int(number)):
                await self.send("/v1/ach-accounts", {**good, field: value, number: name})
        await self.send("/v1/ach-accounts", {**good, "account_number": f"{number}X", "first_name": name * 9})
        await self.send("/v1/ach-debits", {"account_id": f"acct_{number}", "amount": number, "currency": name})
        await self.send("/v1/payees", {"name": [name], "email": f"{name}\0"})
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"{number} {name}"}
        for body in (f'{{"account_number": "{number}", ', f'{{"a": "{number}", "a": "{name}"}}', f"{number}\\ud800"):
            await self.ada.post("/v1/ach-accounts", content=body.encode(), headers=headers)
            await self.ada.post("/v1/ach-accounts", content=body.encode("utf-16"), headers=headers)
        await self.ada.get(f"/v1/ach-accounts/{number}", params={"customer_id": name, "cursor": number, name: number})
        await self.ada.get("/v1/ach-accounts", params={"customer_id": number + "\0", "cursor": number})
        await self.ada.get(f"/{number}/{name}", headers={"X-Request-Id": f"{number}-{number}!"})
        await self.ada.post("/login", data={"key": f"sk_test_{number}"})
        await self.ada.post("/codec/decode", json={"payloads": [{"data": number}]}, headers={"X-Namespace": name})
        await self.ada.post("/v1/webhooks/column", content=json.dumps({"data": number}), headers={"X": name})

    async def errors_of_the_database(self) -> None:
        """A row that the database refuses to the API, and one that it refuses to the worker until it is mended."""
        refuse = "alter table ach_account add constraint {} check ({}) not valid"
        await self.owner.execute(refuse.format("p1", "customer_id <> 'provoked'"))
        refused = await self.send("/v1/ach-accounts", self.account("other account number", customer_id="provoked"))
        assert refused.status_code == 500
        await self.owner.execute(refuse.replace("ach_account", "money_call").format("p2", "operation <> 'CKC0'"))
        made = await self.post("/v1/ach-accounts", self.account("other account number", customer_id="customer-2"))
        await asyncio.sleep(1.5)
        await self.owner.execute(
            "alter table ach_account drop constraint p1; alter table money_call drop constraint p2"
        )
        await self.owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and usename = 'bursar_app'"
        )
        await self.until(f"/v1/ach-accounts/{made['id']}", lambda seen: seen.get("state") == "stored")

    async def partners_that_repeat_what_they_hear(self) -> None:
        """Answers with the secrets in them, well-formed and not."""
        self.epx.garbage = "decline"
        declined = self.account("account number of a declined account", customer_id="customer-3")
        account = await self.post("/v1/ach-accounts", declined, wait=20)
        assert account["state"] == "failed"
        self.epx.garbage = "page"
        account = await self.post("/v1/ach-accounts", {**declined, "customer_id": "customer-4"})
        await eventually(lambda: _now(self.epx.repeated), lambda seen: seen >= 2)
        self.epx.garbage = None
        await self.until(f"/v1/ach-accounts/{account['id']}", lambda seen: seen.get("state") in ("stored", "failed"))

    async def people_who_become_known_at_chek(self) -> None:
        """One is onboarded after a lost answer, one is refused and stays sealed."""
        lost = {"partner": "chek", "operation": "users.create", "kind": "cut_after"}
        async with httpx.AsyncClient(base_url=self.sandbox.addresses["control"]) as control:
            (await control.post("/faults", json=lost)).raise_for_status()
        for number, last_name in enumerate((SECRETS["last name"], "Refused")):
            family = await self.post("/v1/families", {"external_id": f"family-{number}", "name": "Household"})
            person = {
                "first_name": SECRETS["first name"],
                "last_name": last_name,
                "email": f"{SECRETS['e-mail address of a family']}{number}@example.test",
                "phone": f"+1{SECRETS['telephone of a family']}",
                "address": {
                    "line1": f"{number} {SECRETS['street of a family']}",
                    "city": "Denver",
                    "state": "CO",
                    "postal_code": "80202",
                },
            }
            made = await self.post("/v1/onboardings", {"family_id": family["id"], "person": person})
            ended = await self.until(f"/v1/onboardings/{made['id']}", lambda seen: seen["state"] in _AT_REST)
            assert ended["state"] == ("stopped" if last_name == "Refused" else "onboarded")

    async def a_reimbursement_that_comes_back(self) -> None:
        """Pay a person through a bank that repeats what it hears; the payment comes back, and a mail goes out."""
        control = self.sandbox.addresses["control"]
        email = SECRETS["payee's e-mail address"] + "@example.test"
        async with httpx.AsyncClient(base_url=control, timeout=20) as bank:
            await bank.post("/column/deposits", json={"bank_account_id": "bacc_fs_main", "amount": 100_000})
            deposit = {"amount": 100_000, "currency": "USD", "bank_reference": "line-1", "received_on": "2026-01-05"}
            await self.post("/v1/deposits", deposit)
            payee = await self.post("/v1/payees", {"name": SECRETS["payee's name"], "email": email})
            number = SECRETS["account number of a payee"]
            method = {"routing_number": "011000015", "account_number": number}
            await self.post(f"/v1/payees/{payee['id']}/payout-methods", method)
            report = await self.post("/v1/reports", {"payee_id": payee["id"]})
            path = f"/v1/reports/{report['id']}"
            expense = await self.post(f"{path}/expenses", {"memo": "Train", "amount": 4_200})
            receipt = await self.ada.post(
                f"{path}/expenses/{expense['id']}/receipts",
                content=pdf(SECRETS["payee's name"]),
                headers={"Idempotency-Key": new_id().hex, "Content-Type": "application/pdf"},
            )
            assert receipt.is_success, receipt.text
            await self.post(f"{path}/submit")
            await self.post(f"{path}/review", {}, by=self.grace)
            self.column.garbage = "error"
            await self.post(f"{path}/approve", by=self.grace)
            await eventually(lambda: _now(self.column.repeated), lambda seen: seen >= 1)
            self.column.garbage = None
            await self.until(path, lambda seen: (seen.get("payout") or {}).get("state") == "sent")
            book = (await bank.get("/books/column")).json()
            (transfer,) = [item for item in book["transfers"] if item["kind"] == "ach"]
            (await bank.post(f"/column/ach/{transfer['id']}/return", json={"code": "R03"})).raise_for_status()
            await eventually(
                lambda: _json(bank, "/mailbox/messages"), lambda seen: bool(seen["data"]) and email in str(seen)
            )


async def eventually(look: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool], seconds: float = 40) -> Any:
    """Look until it is as wanted."""
    give_up = time.monotonic() + seconds
    while not wanted(seen := await look()):
        assert time.monotonic() < give_up, f"still {seen!r}"
        await asyncio.sleep(0.1)
    return seen


async def _now(value: int) -> int:
    return value


async def _json(client: httpx.AsyncClient, path: str) -> Any:
    return (await client.get(path)).json()
