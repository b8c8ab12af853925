-- In whose name a unit of work acts, and what a provider's children may come to, for every writer.
--
-- SQLSTATE: BC003 what stands is kept, BC008 the provider has as many children as its programme allows.

-- The family or provider that is named for the transaction; null: the organization's own staff, and every flow.
create function public.acting_family() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('bursar.family_id', true), '')::uuid;
create function public.acting_provider() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('bursar.provider_id', true), '')::uuid;

-- Restrictive: they only take away from what of_organization shows. The sub-selects are looked at once per statement.
create policy of_family on public.family as restrictive to bursar_app
    using ((select public.acting_family()) is null or id = (select public.acting_family()));
create policy of_provider on public.provider as restrictive to bursar_app
    using ((select public.acting_provider()) is null or id = (select public.acting_provider()));
create policy of_provider on public.provider_payment_settings as restrictive to bursar_app
    using ((select public.acting_provider()) is null or provider_id = (select public.acting_provider()));
do $$
declare
    v_table text;
begin
    foreach v_table in array array['child', 'month_allocation', 'payment_intent', 'family_payment_settings'] loop
        execute format('create policy of_family on public.%I as restrictive to bursar_app '
            'using ((select public.acting_family()) is null or family_id = (select public.acting_family()))', v_table);
    end loop;
    -- what names no family names a child, of which a family sees its own
    foreach v_table in array array['care_day', 'lump_sum', 'attendance', 'payment_rate', 'provider_payment'] loop
        execute format('create policy of_family on public.%I as restrictive to bursar_app '
            'using ((select public.acting_family()) is null or child_id in (select id from public.child))', v_table);
    end loop;
    foreach v_table in array array['care_day', 'lump_sum', 'attendance', 'payment_rate', 'payment_intent',
            'provider_payment'] loop
        execute format('create policy of_provider on public.%I as restrictive to bursar_app '
            'using ((select public.acting_provider()) is null or provider_id = (select public.acting_provider()))',
            v_table);
    end loop;
end
$$;

-- A database that is made anew has it from 0007 on.
alter table public.program
    add column if not exists children_per_provider integer not null default 2
        constraint ck_program_children_per_provider check (children_per_provider > 0);

-- A child's first rate is what brings it to a provider. The provider's row lock makes simultaneous ones meet; a child
-- that is no longer enabled leaves its place.
create function public.childcare_children() returns trigger language plpgsql as $$
declare
    v_most integer;
begin
    perform from public.provider where id = new.provider_id for no key update;
    if exists (select from public.payment_rate r
            where r.provider_id = new.provider_id and r.child_id = new.child_id) then
        return new;
    end if;
    select p.children_per_provider into v_most
    from public.child c join public.program p on p.id = c.program_id where c.id = new.child_id;
    if v_most <= (select count(distinct r.child_id) from public.payment_rate r
            join public.child c on c.id = r.child_id and c.payment_enabled
            where r.provider_id = new.provider_id) then
        raise exception 'the provider has as many children as its programme allows' using errcode = 'BC008';
    end if;
    return new;
end
$$;
create trigger childcare_children before insert on public.payment_rate
    for each row execute function public.childcare_children();

-- Rates are a history: another one takes effect from another date.
create trigger kept before update or delete or truncate on public.payment_rate
    for each statement execute function public.childcare_kept();
