"""What it means that a person's Chek user is known, and by what a provider is paid: whoever says so."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from db.flows.base import FlowSteps
from db.queries import allocation, chek_wallet, family, provider, provider_payment
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.errors import StateConflict
from domain.ids import new_id, public_id
from domain.provider_method import ProviderMethod, require_payable_to
from domain.provider_payment import Method


async def set_family_wallet(uow: UnitOfWork, allocations: FlowSteps, family_id: UUID, chek_user_id: str) -> None:
    """The family pays from this Chek user's wallet, from now on and for good: money may stand in it.

    Allocations that stopped for want of it are funded by themselves.
    """
    await family.get_family(uow, family_id, lock=True)
    standing = await family.chek_user_of(uow, family_id)
    if standing == chek_user_id:
        return
    if standing is not None:
        raise StateConflict("wallet_set", "The family has another wallet already.", field="chek_user_id")
    wallet_id = await chek_wallet.register(uow, chek_user_id)
    try:
        async with uow.savepoint():
            await family.set_wallet(uow, family_id, wallet_id)
    except IntegrityError:
        raise StateConflict(
            "chek_user_taken", "Another family has this Chek user's wallet.", field="chek_user_id"
        ) from None
    await uow.audit("family.wallet_set", "family", family_id, {"chek_user_id": chek_user_id})
    for row in await allocation.unfunded(uow, family_id):
        if row["code"] == "family_not_onboarded":
            await allocations.command(uow, row, "retry", {})
            await uow.wake_workflow(allocations.run(await allocations.read(uow, row["id"])))


async def set_provider_wallet(uow: UnitOfWork, provider_id: UUID, chek_user_id: str) -> None:
    """The provider is paid in this Chek user's wallet, from now on and for good: money may stand in it."""
    await provider.get(uow, provider_id, lock=True)
    standing = await provider.payment_settings(uow, provider_id)
    if standing is not None:
        if standing["chek_user_id"] != chek_user_id:
            raise StateConflict("wallet_set", "The provider has another wallet already.", field="chek_user_id")
        return
    wallet_id = await chek_wallet.register(uow, chek_user_id)
    try:
        async with uow.savepoint():
            await provider.add_payment_settings(uow, provider_id=provider_id, wallet_id=wallet_id)
    except IntegrityError:
        raise StateConflict(
            "chek_user_taken", "Another provider has this Chek user's wallet.", field="chek_user_id"
        ) from None
    await uow.audit("provider.wallet_set", "provider", provider_id, {"chek_user_id": chek_user_id})


async def choose_method(uow: UnitOfWork, payments: FlowSteps, provider_id: UUID, method: Method) -> None:
    """The provider is paid by this method from now on; payments that stopped for want of one go on by it at once."""
    await provider.get(uow, provider_id, lock=True)
    settings = await provider.payment_settings(uow, provider_id)
    if settings is None:
        raise StateConflict("provider_not_onboarded", "The provider has no wallet at Chek yet.", field="method")
    if settings["method"] == method:
        return
    await provider.change_payment_settings(
        uow, provider_id, "method_changed", method=method, method_changed_at=await uow.business_now()
    )
    for payment in await provider_payment.stopped_by_method(uow, provider_id):
        if payment["method"] != method:
            await payments.command(uow, payment, "method_changed", {})
            await uow.wake_workflow(payments.run(await payments.read(uow, payment["id"])))


async def method_read(uow: UnitOfWork, payments: FlowSteps, provider_id: UUID) -> None:
    """Chek said how the provider is paid: payments that waited for this method to be active go on by themselves."""
    settings = await provider.payment_settings(uow, provider_id)
    if settings is None or settings["method"] is None:
        return
    try:
        require_payable_to(ProviderMethod.of(settings), settings["method"])
    except StateConflict:
        return
    for payment in await provider_payment.stopped_by_method(uow, provider_id):
        if payment["code"] in provider_payment.OF_METHOD:
            await payments.command(uow, payment, "retry", {})
            await uow.wake_workflow(payments.run(await payments.read(uow, payment["id"])))


def refresh_run(organization_id: UUID, provider_id: UUID) -> WorkflowRun:
    """Have Chek asked how the provider is paid; each time is a run of its own."""
    shown = public_id("prov", provider_id)
    workflow_id = f"provider-refresh/{provider_id}/{new_id().hex}"
    return WorkflowRun(
        workflow="provider-refresh",
        workflow_id=workflow_id,
        restart_id=workflow_id,
        argument={"organization_id": str(organization_id), "id": str(provider_id)},
        search_attributes={
            "Organization": public_id("org", organization_id),
            "Flow": "provider-refresh",
            "Subject": shown,
            "Payee": shown,
        },
        summary="Read from Chek how a provider is paid",
        path=f"/v1/providers/{shown}",
    )
