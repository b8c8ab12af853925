-- The guard of refunds and voids locks the original as the application does: rows that refer to it may be written
-- meanwhile (docs/decisions/0007-one-order-of-locks.md). With the full row lock a receipt of the original would wait for
-- a refund of it, out of the order of locks. Else the function is that of 0010.

create or replace function public.ach_child_guard() returns trigger language plpgsql as $$
declare
    v_parent public.ach_transaction;
    v_refunded bigint;
    v_voided boolean;
begin
    if tg_op = 'UPDATE' then
        if (new.amount, new.currency, new.type, new.direction, new.parent_transaction_id, new.merchant_id)
            is distinct from
            (old.amount, old.currency, old.type, old.direction, old.parent_transaction_id, old.merchant_id) then
            raise exception 'what an entry is does not change' using errcode = 'BA001';
        end if;
        if public.ach_counts(old.ach_state) then
            return new;
        end if;
    end if;
    if new.type = 'DEBIT' or not public.ach_counts(new.ach_state) then
        return new;
    end if;
    select * into v_parent from public.ach_transaction where id = new.parent_transaction_id for no key update;
    if not found or v_parent.type <> 'DEBIT' or v_parent.direction <> 'debit'
        or (v_parent.organization_id, v_parent.merchant_id, v_parent.account_id, v_parent.currency)
            is distinct from (new.organization_id, new.merchant_id, new.account_id, new.currency)
        or v_parent.ach_state not in ('accepted', 'originated', 'settled') then
        raise exception 'not a debit that can be given back' using errcode = 'BA001';
    end if;
    select coalesce(sum(amount) filter (where type = 'REFUND'), 0), coalesce(bool_or(type = 'VOID'), false)
    into v_refunded, v_voided from public.ach_transaction
    where parent_transaction_id = v_parent.id and id <> new.id and public.ach_counts(ach_state);
    if v_voided then
        raise exception 'the debit is voided already' using errcode = 'BA002';
    elsif new.type = 'VOID' and v_refunded > 0 then
        raise exception 'the debit is refunded already' using errcode = 'BA003';
    elsif new.type = 'VOID' and new.amount <> v_parent.amount then
        raise exception 'a void has the amount of its debit' using errcode = 'BA004';
    elsif new.type = 'REFUND' and v_refunded + new.amount > v_parent.amount then
        raise exception 'more than is left of the debit' using errcode = 'BA005';
    end if;
    return new;
end
$$;
