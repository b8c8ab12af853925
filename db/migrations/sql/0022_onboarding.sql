-- What keeps onboardings right for every writer, plain SQL of the application's role included.
--
-- SQLSTATE: BC002 not what it says it is, BC003 what ended is kept, BC007 onboarded without what that means.

create function public.onboarding_guard() returns trigger language plpgsql as $$
begin
    if old.state in ('onboarded', 'cancelled') then
        raise exception 'an onboarding that ended does not change' using errcode = 'BC003';
    end if;
    if (new.organization_id, new.family_id, new.provider_id, new.program_id, new.method)
        is distinct from (old.organization_id, old.family_id, old.provider_id, old.program_id, old.method) then
        raise exception 'whom an onboarding is for does not change' using errcode = 'BC002';
    end if;
    return new;
end
$$;
create trigger onboarding_guard before update on public.onboarding
    for each row execute function public.onboarding_guard();
create trigger kept before delete or truncate on public.onboarding
    for each statement execute function public.childcare_kept();

-- Looked at when the transaction commits: who is known has a wallet, and who is onboarded has had the method set up.
create function public.onboarding_true() returns trigger language plpgsql as $$
begin
    if not exists (
        select from public.family_payment_settings s
        where s.family_id = new.family_id and s.organization_id = new.organization_id
        union all
        select from public.provider_payment_settings s
        where s.provider_id = new.provider_id and s.organization_id = new.organization_id) then
        raise exception 'nobody is known without a wallet' using errcode = 'BC007';
    end if;
    if new.state = 'onboarded' and new.method is not null and not exists (
        select from public.money_call c where c.flow = 'onboarding' and c.flow_id = new.id and c.state = 'applied'
            and c.step = case new.method when 'ach' then 'invite' else 'create_card' end) then
        raise exception 'nobody is onboarded whose method was not set up' using errcode = 'BC007';
    end if;
    return null;
end
$$;
create constraint trigger onboarding_true after insert or update on public.onboarding
    deferrable initially deferred for each row when (new.state in ('known', 'onboarded'))
    execute function public.onboarding_true();
