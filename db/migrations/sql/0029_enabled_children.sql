-- A child that is enabled anew needs a place with each of its providers, for every writer.
--
-- SQLSTATE: BC008 the provider has as many children as the programme of the child that comes allows.

create function public.childcare_enabled_children() returns trigger language plpgsql as $$
declare
    v_provider uuid;
    v_most integer;
begin
    select p.children_per_provider into v_most from public.program p where p.id = new.program_id;
    -- the providers' row locks make this meet first rates and other children that are enabled; always in one order
    for v_provider in
        select p.id from public.provider p
        where exists (select from public.payment_rate r where r.provider_id = p.id and r.child_id = new.id)
        order by p.id for no key update
    loop
        if v_most <= (select count(distinct r.child_id) from public.payment_rate r
                join public.child c on c.id = r.child_id and c.payment_enabled
                where r.provider_id = v_provider and r.child_id <> new.id) then
            raise exception 'the provider has as many children as its programme allows' using errcode = 'BC008';
        end if;
    end loop;
    return new;
end
$$;
create trigger childcare_enabled_children before update of payment_enabled on public.child
    for each row when (new.payment_enabled and not old.payment_enabled)
    execute function public.childcare_enabled_children();
