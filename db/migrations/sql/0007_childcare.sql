-- What keeps budgets and payments right for every writer, plain SQL of the application's role included.
--
-- SQLSTATE: BC001 a day or lump sum is in a payment, BC002 not what the payment says, BC003 a payment that ended is
-- kept, BC004 no applied payout behind the payment. A budget that would be overdrawn fails a check of month_allocation.

-- Live days and lump sums add up to what their allocation has selected. The row lock this takes on the allocation is
-- what makes simultaneous selections meet one after the other.
create function public.childcare_select() returns trigger language plpgsql as $$
declare
    v_change bigint := case when new.deleted_at is null then new.amount_cents else 0 end;
begin
    if tg_op = 'UPDATE' then
        if new.allocation_id <> old.allocation_id or new.child_id <> old.child_id or new.provider_id <> old.provider_id
            or new.organization_id <> old.organization_id then
            raise exception 'a day or lump sum stays where it is' using errcode = 'BC002';
        end if;
        if exists (select from public.payment_intent_item i where i.released_at is null
            and (i.care_day_id = old.id or i.lump_sum_id = old.id)) then
            raise exception 'a day or lump sum does not change while it is in a payment' using errcode = 'BC001';
        end if;
        v_change := v_change - case when old.deleted_at is null then old.amount_cents else 0 end;
    end if;
    update public.month_allocation set selected_cents = selected_cents + v_change
    where id = new.allocation_id and organization_id = new.organization_id and currency = new.currency;
    if not found then
        raise exception 'no such allocation' using errcode = 'BC002';
    end if;
    return null;
end
$$;
create trigger childcare_select after insert or update on public.care_day
    for each row execute function public.childcare_select();
create trigger childcare_select after insert or update on public.lump_sum
    for each row execute function public.childcare_select();

create function public.childcare_kept() returns trigger language plpgsql as $$
begin
    raise exception '% is kept', tg_table_name using errcode = 'BC003';
end
$$;
create trigger kept before delete or truncate on public.care_day
    for each statement execute function public.childcare_kept();
create trigger kept before delete or truncate on public.lump_sum
    for each statement execute function public.childcare_kept();
create trigger kept before delete or truncate on public.payment_intent
    for each statement execute function public.childcare_kept();
create trigger kept before delete or truncate on public.payment_intent_item
    for each statement execute function public.childcare_kept();
create trigger kept before update or delete or truncate on public.provider_payment
    for each statement execute function public.childcare_kept();

-- What is funded, or has a funding under way, does not change under it.
create function public.month_allocation_guard() returns trigger language plpgsql as $$
begin
    if (new.organization_id, new.program_id, new.family_id, new.child_id, new.month, new.currency)
        is distinct from (old.organization_id, old.program_id, old.family_id, old.child_id, old.month, old.currency)
        or (new.allocation_cents <> old.allocation_cents and old.funding_state <> 'unfunded')
        or (old.funding_state = 'funded' and new.funding_state <> 'funded') then
        raise exception 'an allocation under way does not change' using errcode = 'BC002';
    end if;
    return new;
end
$$;
create trigger month_allocation_guard before update on public.month_allocation
    for each row execute function public.month_allocation_guard();

-- An item is a live day or lump sum of the payment's allocation and provider, for its whole amount.
create function public.payment_item_guard() returns trigger language plpgsql as $$
declare
    v_fits boolean;
    v_state text;
begin
    if tg_op = 'UPDATE' then
        select state into v_state from public.payment_intent where id = old.payment_intent_id;
        if old.released_at is not null or new.released_at is null or v_state not in ('cancelled', 'given_back')
            or (new.payment_intent_id, new.amount_cents, new.organization_id)
                is distinct from (old.payment_intent_id, old.amount_cents, old.organization_id)
            or new.care_day_id is distinct from old.care_day_id or new.lump_sum_id is distinct from old.lump_sum_id then
            raise exception 'an item is only released, once its payment ended without a payout' using errcode = 'BC001';
        end if;
        return new;
    end if;
    if new.care_day_id is not null then
        select d.deleted_at is null and d.amount_cents = new.amount_cents and d.allocation_id = p.allocation_id
            and d.provider_id = p.provider_id and d.organization_id = new.organization_id and p.kind = 'care_days'
            into v_fits
        from public.care_day d, public.payment_intent p
        where d.id = new.care_day_id and p.id = new.payment_intent_id for update of d;
    else
        select l.deleted_at is null and l.amount_cents = new.amount_cents and l.allocation_id = p.allocation_id
            and l.provider_id = p.provider_id and l.organization_id = new.organization_id and p.kind = 'lump_sum'
            into v_fits
        from public.lump_sum l, public.payment_intent p
        where l.id = new.lump_sum_id and p.id = new.payment_intent_id for update of l;
    end if;
    if v_fits is not true then
        raise exception 'the item does not fit the payment' using errcode = 'BC002';
    end if;
    return new;
end
$$;
create trigger payment_item_guard before insert or update on public.payment_intent_item
    for each row execute function public.payment_item_guard();

create function public.payment_intent_guard() returns trigger language plpgsql as $$
begin
    if old.state in ('paid', 'cancelled', 'given_back') then
        raise exception 'a payment that ended does not change' using errcode = 'BC003';
    end if;
    if (new.organization_id, new.family_id, new.child_id, new.allocation_id, new.provider_id, new.amount_cents,
            new.currency, new.kind)
        is distinct from (old.organization_id, old.family_id, old.child_id, old.allocation_id, old.provider_id,
            old.amount_cents, old.currency, old.kind) then
        raise exception 'what a payment is for does not change' using errcode = 'BC002';
    end if;
    return new;
end
$$;
create trigger payment_intent_guard before update on public.payment_intent
    for each row execute function public.payment_intent_guard();

create function public.payment_intent_release() returns trigger language plpgsql as $$
begin
    update public.payment_intent_item set released_at = clock_timestamp() where payment_intent_id = new.id;
    return null;
end
$$;
create trigger payment_intent_release after update on public.payment_intent
    for each row when (new.state in ('cancelled', 'given_back')) execute function public.payment_intent_release();

-- Looked at when the transaction commits: the items add up to the amount, and `paid` has its payment.
create function public.payment_intent_whole() returns trigger language plpgsql as $$
begin
    if new.amount_cents is distinct from
        (select sum(amount_cents) from public.payment_intent_item where payment_intent_id = new.id) then
        raise exception 'the items of a payment make its amount' using errcode = 'BC002';
    end if;
    if (select state from public.payment_intent where id = new.id) = 'paid'
        and not exists (select from public.provider_payment where payment_intent_id = new.id) then
        raise exception 'a paid intent has its payment' using errcode = 'BC004';
    end if;
    return null;
end
$$;
create constraint trigger payment_intent_whole after insert or update on public.payment_intent
    deferrable initially deferred for each row execute function public.payment_intent_whole();

-- A payment is paid out of its allocation at once, and at commit its payout must be applied, for this intent and amount.
create function public.provider_payment_paid() returns trigger language plpgsql as $$
begin
    update public.month_allocation set paid_cents = paid_cents + new.amount_cents
    where id = new.allocation_id and organization_id = new.organization_id and currency = new.currency;
    if not found then
        raise exception 'no such allocation' using errcode = 'BC002';
    end if;
    return null;
end
$$;
create trigger provider_payment_paid after insert on public.provider_payment
    for each row execute function public.provider_payment_paid();

create function public.provider_payment_applied() returns trigger language plpgsql as $$
begin
    if not exists (
        select from public.payment_intent p
        join public.money_call c on c.flow = 'provider-payment' and c.flow_id = p.id and c.step = 'pay_out'
        where p.id = new.payment_intent_id and c.id = new.money_call_id and c.state = 'applied' and p.state = 'paid'
            and (p.allocation_id, p.child_id, p.provider_id, p.amount_cents, p.currency)
                = (new.allocation_id, new.child_id, new.provider_id, new.amount_cents, new.currency)
            and (c.amount, c.currency) = (new.amount_cents, new.currency)) then
        raise exception 'a payment is written only with an applied payout' using errcode = 'BC004';
    end if;
    return null;
end
$$;
create constraint trigger provider_payment_applied after insert on public.provider_payment
    deferrable initially deferred for each row execute function public.provider_payment_applied();
