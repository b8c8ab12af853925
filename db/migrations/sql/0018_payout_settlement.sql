-- A payout that Chek took in is followed: a bank settles it or sends it back, and what came back is paid again or given
-- back to the family.
--
-- SQLSTATE: BC003 what ended is kept, BC004 no applied payout, or no return, behind it.

-- The tables stand since 0007, which makes them as they are now; a database that is older gets what is missing.
alter table public.payment_intent drop constraint ck_payment_intent_state;
alter table public.payment_intent add constraint ck_payment_intent_state check (state in ('submitted', 'funding',
    'funding_stopped', 'funded', 'paying_out', 'payout_stopped', 'paid', 'settled', 'returned', 'cancelled',
    'giving_back', 'giving_back_stopped', 'given_back'));
alter table public.payment_intent drop constraint ck_payment_intent_ended;
alter table public.payment_intent add constraint ck_payment_intent_ended
    check ((state in ('paid', 'settled', 'cancelled', 'given_back')) = (ended_at is not null));
alter table public.provider_payment
    add column if not exists settled_at timestamptz,
    add column if not exists returned_at timestamptz,
    add column if not exists return_code varchar(10);
alter table public.provider_payment drop constraint if exists ck_provider_payment_followed;
alter table public.provider_payment add constraint ck_provider_payment_followed
    check (method = 'ach' or (settled_at is null and returned_at is null));
alter table public.provider_payment drop constraint if exists ck_provider_payment_return_code;
alter table public.provider_payment add constraint ck_provider_payment_return_code
    check (return_code is null or returned_at is not null);
alter table public.provider_payment drop constraint if exists uq_provider_payment_payment_intent_id;
create unique index if not exists uq_provider_payment_standing on public.provider_payment (payment_intent_id)
    where returned_at is null;

create or replace function public.payment_intent_guard() returns trigger language plpgsql as $$
begin
    -- a bank settles what was paid, and sends back what was paid or settled; nothing else touches what has ended
    if old.state in ('cancelled', 'given_back')
        or (old.state = 'paid' and new.state not in ('settled', 'returned'))
        or (old.state = 'settled' and new.state <> 'returned') then
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

-- Looked at when the transaction commits: the items add up to the amount; `paid` and `settled` have their payment, and
-- no other state has one that did not come back.
create or replace function public.payment_intent_whole() returns trigger language plpgsql as $$
declare
    v_state text := (select state from public.payment_intent where id = new.id);
    v_settled boolean;
begin
    if new.amount_cents is distinct from
        (select sum(amount_cents) from public.payment_intent_item where payment_intent_id = new.id) then
        raise exception 'the items of a payment make its amount' using errcode = 'BC002';
    end if;
    select p.settled_at is not null into v_settled
    from public.provider_payment p where p.payment_intent_id = new.id and p.returned_at is null;
    if (v_state = 'paid' and v_settled is distinct from false)
        or (v_state = 'settled' and v_settled is distinct from true)
        or (v_state not in ('paid', 'settled') and v_settled is not null) then
        raise exception 'an intent is paid or settled with its payment, and only then' using errcode = 'BC004';
    end if;
    return null;
end
$$;

-- A payment is written once. A bank settles it, at most once, and sends it back, at most once; what came back is paid
-- out of its allocation no longer.
create function public.provider_payment_followed() returns trigger language plpgsql as $$
begin
    if (to_jsonb(new) - 'settled_at' - 'returned_at' - 'return_code')
        is distinct from (to_jsonb(old) - 'settled_at' - 'returned_at' - 'return_code')
        or old.returned_at is not null
        or (old.settled_at is not null and new.settled_at is distinct from old.settled_at) then
        raise exception 'a payment is kept' using errcode = 'BC003';
    end if;
    if new.returned_at is not null then
        if not exists (select from public.money_call c where c.id = new.money_call_id and c.returned_at is not null) then
            raise exception 'a payment came back only with its payout' using errcode = 'BC004';
        end if;
        update public.month_allocation set paid_cents = paid_cents - new.amount_cents
        where id = new.allocation_id and organization_id = new.organization_id;
    end if;
    return new;
end
$$;
drop trigger kept on public.provider_payment;
create trigger kept before delete or truncate on public.provider_payment
    for each statement execute function public.childcare_kept();
create trigger provider_payment_followed before update on public.provider_payment
    for each row execute function public.provider_payment_followed();
