-- Week locks, attendance and reclaims, for every writer, plain SQL of the application's role included.
--
-- SQLSTATE: BC002 not what it says it is, BC003 what ended is kept, BC005 the week is locked, BC006 not reclaimed yet.

-- The tables stand since 0007, which makes them as they are now; a database that is older gets what is missing.
alter table public.program
    add column if not exists last_month date
        constraint ck_program_last_month check (extract(day from last_month) = 1);
alter table public.child
    add column if not exists monthly_cents bigint,
    add column if not exists first_month_cents bigint,
    add column if not exists starts_on date;
alter table public.child drop constraint if exists ck_child_not_negative;
alter table public.child add constraint ck_child_not_negative check (monthly_cents >= 0 and first_month_cents >= 0);
alter table public.child drop constraint if exists ck_child_first_month;
alter table public.child add constraint ck_child_first_month
    check (first_month_cents is null or starts_on is not null);
alter table public.provider
    add column if not exists attendance_waived boolean not null default false
        constraint ck_provider_attendance_waived check (kind = 'center' or not attendance_waived);
-- centres have never been asked for attendance
update public.provider set attendance_waived = true where kind = 'center';
alter table public.month_allocation
    add column if not exists basis varchar(12) not null default 'given'
        constraint ck_month_allocation_basis check (basis in ('given', 'whole', 'prorated', 'first_month'));

-- Monday 23:59:59 of a day's week by the clocks of a zone (domain/childcare_week.py; a test compares the two).
create function public.childcare_week_lock(p_day date, p_zone text) returns timestamptz language sql stable as $$
    select (date_trunc('week', p_day::timestamp) + interval '23:59:59') at time zone p_zone
$$;

-- A day is selected, changed, deleted and restored before its week is locked. After its month it may still be deleted:
-- what nobody submitted goes back to the programme.
create function public.care_day_lock() returns trigger language plpgsql as $$
declare
    v_zone text;
    v_cleared boolean := false;
begin
    if tg_op = 'UPDATE' then
        if new.date <> old.date or new.month <> old.month then
            raise exception 'a day or lump sum stays where it is' using errcode = 'BC002';
        end if;
    end if;
    select p.time_zone into v_zone from public.month_allocation a join public.program p on p.id = a.program_id
    where a.id = new.allocation_id;
    if tg_op = 'UPDATE' then
        v_cleared := old.deleted_at is null and new.deleted_at is not null
            and public.business_now() >= (new.month + interval '1 month') at time zone v_zone;
    end if;
    if public.business_now() > public.childcare_week_lock(new.date, v_zone) and not v_cleared then
        raise exception 'the week is locked' using errcode = 'BC005';
    end if;
    return new;
end
$$;
create trigger care_day_lock before insert or update on public.care_day
    for each row execute function public.care_day_lock();

create trigger kept before delete or truncate on public.attendance
    for each statement execute function public.childcare_kept();
create trigger kept before delete or truncate on public.reclaim
    for each statement execute function public.childcare_kept();

-- A reclaim takes its amount out of the budget at once, and gives it back when it is cancelled: what it takes can be
-- neither selected nor paid meanwhile, and what is selected or paid cannot be taken (checks of month_allocation).
create function public.reclaim_budget() returns trigger language plpgsql as $$
declare
    v_change bigint := new.amount_cents;
begin
    if tg_op = 'UPDATE' then
        if old.state in ('reclaimed', 'cancelled') then
            raise exception 'a reclaim that ended does not change' using errcode = 'BC003';
        end if;
        if (new.organization_id, new.program_id, new.family_id, new.allocation_id, new.amount_cents, new.currency)
            is distinct from (old.organization_id, old.program_id, old.family_id, old.allocation_id, old.amount_cents,
                old.currency) then
            raise exception 'what a reclaim is for does not change' using errcode = 'BC002';
        end if;
        if new.state <> 'cancelled' then
            return null;
        end if;
        v_change := -new.amount_cents;
    end if;
    update public.month_allocation set reclaimed_cents = reclaimed_cents + v_change
    where id = new.allocation_id and organization_id = new.organization_id and currency = new.currency
        and program_id = new.program_id and funding_state = 'funded';
    if not found then
        raise exception 'no such funded allocation' using errcode = 'BC002';
    end if;
    return null;
end
$$;
create trigger reclaim_budget after insert or update on public.reclaim
    for each row execute function public.reclaim_budget();

-- Looked at when the transaction commits: what counts as reclaimed was moved.
create function public.reclaim_applied() returns trigger language plpgsql as $$
begin
    if not exists (
        select from public.money_call c where c.flow = 'reclaim' and c.flow_id = new.id and c.step = 'reclaim'
            and c.state = 'applied' and (c.amount, c.currency) = (new.amount_cents, new.currency)) then
        raise exception 'a reclaim has ended only with the money moved' using errcode = 'BC006';
    end if;
    return null;
end
$$;
create constraint trigger reclaim_applied after insert or update on public.reclaim
    deferrable initially deferred for each row when (new.state = 'reclaimed') execute function public.reclaim_applied();
