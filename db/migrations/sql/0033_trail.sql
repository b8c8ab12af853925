-- The answer of a request, kept under its idempotency key, is left behind like the rest: one trip less for each.
create or replace function public.write_trail(p_rows jsonb) returns void language plpgsql as $$
declare
    v_row jsonb;
    v_organization uuid;
begin
    for v_row in select value from jsonb_array_elements(p_rows) loop
        v_organization := (v_row ->> 1)::uuid;
        case v_row ->> 0
            when 'audit' then
                perform audit.append(v_organization, null, v_row ->> 2, v_row ->> 3, v_row ->> 4, v_row -> 5);
            when 'event' then
                insert into public.outgoing_event (id, organization_id, type, subject_kind, subject_id, payload)
                values ((v_row ->> 2)::uuid, v_organization, v_row ->> 3, v_row ->> 4, v_row ->> 5, v_row -> 6);
            when 'run' then
                insert into public.workflow_outbox (id, organization_id, kind, workflow, workflow_id, restart_id, argument,
                    search_attributes, summary, path, next_attempt_at)
                values ((v_row ->> 2)::uuid, v_organization, v_row ->> 3, v_row ->> 4, v_row ->> 5, v_row ->> 6, v_row -> 7,
                    v_row -> 8, v_row ->> 9, v_row ->> 10,
                    clock_timestamp() + make_interval(secs => (v_row -> 11)::double precision));
            when 'answer' then
                update public.idempotency_key set status = (v_row ->> 3)::integer, response = v_row -> 4
                where organization_id = v_organization and key = v_row ->> 2;
        end case;
    end loop;
end
$$;
