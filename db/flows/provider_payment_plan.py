"""What a provider payment's steps rest on, checked anew before each, and the money calls they make."""

from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowRow
from db.queries import allocation as allocations
from db.queries import attendance, care_day, chek_wallet, family, lump_sum, program, provider
from db.queries import provider_payment as queries
from db.unit_of_work import UnitOfWork
from domain.attendance import require_entered
from domain.chek_wallet import card_wallet, user_wallet
from domain.childcare_accounts import CHEK_IN_TRANSIT, family_wallet, provider_card, provider_wallet
from domain.childcare_limits import require_payable
from domain.errors import LimitExceeded, StateConflict
from domain.ids import new_id, public_id
from domain.money import Money
from domain.money_call import Hold, LedgerLine, NewMoneyCall
from domain.provider_method import ProviderMethod, require_payable_to
from domain.provider_payment import UNDER_WAY, Step


async def plan_fund(uow: UnitOfWork, row: FlowRow, ordinal: int) -> NewMoneyCall:
    """Family's wallet to provider's wallet, out of the one allocation's part of it."""
    allocation = await allocations.get(uow, row["allocation_id"], lock=True)
    if allocation["funding_state"] != "funded":
        raise StateConflict("allocation_unfunded", "The allocation's money has not reached the family's wallet.")
    owner = await program.get(uow, row["program_id"])
    await _require_sound(uow, row, owner, allocation)
    require_entered(await attendance.overdue(uow, row["child_id"], row["provider_id"], owner["time_zone"]))
    payer, settings = await _wallets(uow, row)
    await _begin(uow, row, "fund", payer, settings)
    line = LedgerLine(
        family_wallet(row["family_id"], row["allocation_id"]), provider_wallet(row["provider_id"]), row["amount_cents"]
    )
    users = payer, str(settings["chek_user_id"])
    return await _between_wallets(uow, row, "fund", ordinal, "wallet_to_wallet", users, line)


async def plan_pay_out(uow: UnitOfWork, row: FlowRow, ordinal: int) -> NewMoneyCall:
    """Provider's wallet to bank account or card, whichever the provider is paid by now."""
    owner = await program.get(uow, row["program_id"])
    await _require_sound(uow, row, owner, await allocations.get(uow, row["allocation_id"]))
    payer, settings = await _wallets(uow, row)
    payee = str(settings["chek_user_id"])
    by, method = await _begin(uow, row, "pay_out", payer, settings)
    money = Money(row["amount_cents"], row["currency"])
    wallets = [user_wallet(payee)]
    if by == "ach":
        operation = "send_payment"
        request = {"user": payee, "direct_pay": method.direct_pay_id, "program": owner["chek_program_id"]}
        to_account = CHEK_IN_TRANSIT
    else:
        operation = "allocate_to_card"
        wallets.append(card_wallet(str(method.card_id)))
        request = {"user": payee, "card": method.card_id}
        to_account = provider_card(row["provider_id"])
    line = LedgerLine(provider_wallet(row["provider_id"]), to_account, money.minor_units)
    return NewMoneyCall(
        step="pay_out",
        ordinal=ordinal,
        rail="chek",
        operation=operation,
        rail_reference=_reference(),
        money=money,
        request=request,
        hold=Hold(f"provider_payout_{by}", (line,), _described(row)),
        wallets=tuple(wallets),
        expectation=await chek_wallet.expectation(uow, [payee], money.currency),
    )


async def plan_give_back(uow: UnitOfWork, row: FlowRow, ordinal: int) -> NewMoneyCall:
    """Provider's wallet back to the family's, into the allocation it came from."""
    payer, settings = await _wallets(uow, row)
    users = str(settings["chek_user_id"]), payer
    line = LedgerLine(
        provider_wallet(row["provider_id"]), family_wallet(row["family_id"], row["allocation_id"]), row["amount_cents"]
    )
    return await _between_wallets(uow, row, "give_back", ordinal, "return_to_family", users, line)


async def _between_wallets(
    uow: UnitOfWork,
    row: FlowRow,
    step: Step,
    ordinal: int,
    operation: str,
    users: tuple[str, str],
    line: LedgerLine,
) -> NewMoneyCall:
    payer, payee = users
    money = Money(row["amount_cents"], row["currency"])
    return NewMoneyCall(
        step=step,
        ordinal=ordinal,
        rail="chek",
        operation=operation,
        rail_reference=_reference(),
        money=money,
        request={"payer": payer, "payee": payee},
        hold=Hold(f"provider_payment_{step}", (line,), _described(row)),
        wallets=(user_wallet(payer), user_wallet(payee)),
        expectation=await chek_wallet.expectation(uow, users, money.currency),
    )


async def _require_sound(uow: UnitOfWork, row: FlowRow, owner: RowMapping, allocation: RowMapping) -> None:
    """Items live and unchanged, within cap and budget. The database holds the same; this says why."""
    require_payable(row["amount_cents"], owner["cap_cents"], field="amount")
    budget = allocations.budget(allocation)
    if row["amount_cents"] > budget.remaining_unpaid:
        raise LimitExceeded("The payment is above what is left to pay of the allocation.", code="over_budget")
    for item in await queries.items(uow, row["id"]):
        if item["care_day_id"] is not None:
            standing = await care_day.get(uow, item["care_day_id"])
        else:
            standing = await lump_sum.get(uow, item["lump_sum_id"])
        if standing["deleted_at"] is not None or standing["amount_cents"] != item["amount_cents"]:
            raise StateConflict("items_changed", "A care day or lump sum of the payment was changed.")


async def _wallets(uow: UnitOfWork, row: FlowRow) -> tuple[str, RowMapping]:
    """The Chek user of the family, and the provider's payment settings, which name the provider's."""
    payer = await family.chek_user_of(uow, row["family_id"])
    if payer is None:
        raise StateConflict("family_not_onboarded", "The family has no wallet at Chek yet.")
    settings = await provider.payment_settings(uow, row["provider_id"])
    if settings is None:
        raise StateConflict("provider_not_onboarded", "The provider has no wallet at Chek yet.")
    if payer == settings["chek_user_id"]:
        raise StateConflict("payer_is_payee", "Family and provider have the same wallet: nobody pays himself.")
    return payer, settings


def _method(row: FlowRow, settings: RowMapping) -> tuple[str, ProviderMethod]:
    """How the provider is paid now, `ach` or `card`: it must be active before any money moves."""
    by: str = settings["method"] or row["method"]
    method = ProviderMethod.of(settings)
    require_payable_to(method, by)
    return by, method


async def _begin(
    uow: UnitOfWork, row: FlowRow, step: Step, payer: str, settings: RowMapping
) -> tuple[str, ProviderMethod]:
    """Show the step under way, in an attempt that keeps what the payment rests on. Repeating changes nothing."""
    by, method = _method(row, settings)
    if row["state"] != UNDER_WAY[step] or row["method"] != by:
        await queries.change(uow, row["id"], UNDER_WAY[step], state=UNDER_WAY[step], method=by)
    snapshot = {
        "method": by,
        "family_chek_user_id": payer,
        "provider_chek_user_id": method.chek_user_id,
        "provider_direct_pay_id": method.direct_pay_id,
        "provider_card_id": method.card_id,
    }
    if await queries.open_attempt(uow, row["id"]) is None:
        await queries.begin_attempt(uow, row["id"], wallet_money_call_id=await _wallet_call(uow, row), **snapshot)
    else:
        await queries.change_attempt(uow, row["id"], **snapshot)
    return by, method


async def _wallet_call(uow: UnitOfWork, row: FlowRow) -> UUID | None:
    """The wallet-to-wallet move that an earlier attempt made; a payout tried again rests on it."""
    moved = [attempt["wallet_money_call_id"] for attempt in await queries.attempts(uow, row["id"])]
    return next((call for call in reversed(moved) if call is not None), None)


def _reference() -> str:
    return f"bursar-{new_id().hex}"


def _described(row: FlowRow) -> str:
    return f"Provider payment {public_id('ppay', row['id'])}"
