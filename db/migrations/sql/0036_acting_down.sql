-- As in file 0027_childcare_parties.sql.
do $$
declare
    v_table text;
begin
    for v_table in select tablename from pg_policies where schemaname = 'public' and policyname = 'of_family'
            and tablename not in ('family', 'care_day', 'lump_sum', 'attendance', 'payment_rate', 'provider_payment') loop
        execute format('alter policy of_family on public.%I using ((select public.acting_family()) is null '
            'or family_id = (select public.acting_family()))', v_table);
    end loop;
    alter policy of_family on public.family
        using ((select public.acting_family()) is null or id = (select public.acting_family()));
    foreach v_table in array array['care_day', 'lump_sum', 'attendance', 'payment_rate', 'provider_payment'] loop
        execute format('alter policy of_family on public.%I using ((select public.acting_family()) is null '
            'or child_id in (select id from public.child))', v_table);
    end loop;
    for v_table in select tablename from pg_policies where schemaname = 'public' and policyname = 'of_provider'
            and tablename <> 'provider' loop
        execute format('alter policy of_provider on public.%I using ((select public.acting_provider()) is null '
            'or provider_id = (select public.acting_provider()))', v_table);
    end loop;
    alter policy of_provider on public.provider
        using ((select public.acting_provider()) is null or id = (select public.acting_provider()));
end
$$;
