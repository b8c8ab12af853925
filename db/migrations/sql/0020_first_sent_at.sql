-- When a call first left is business time: a partner's key is good for so many of its days.
create or replace function public.money_call_begin_send(
    p_id uuid, p_token bigint, p_window interval, p_settling interval, p_reference text, p_evidence jsonb
) returns public.money_call language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    v_call public.money_call;
begin
    if exists (select from public.money_call m join public.case_file c on c.organization_id = m.organization_id
        and c.kind = 'contradiction' and c.subject_kind = m.flow and c.subject_id = m.flow_id::text and c.state = 'open'
        where m.id = p_id and m.state = 'recorded') then
        -- recorded before the contradiction came to light: it is not sent either
        raise exception 'a contradiction is open' using errcode = 'BM002';
    end if;
    update public.money_call set
        state = 'sending', fencing_token = fencing_token + 1, send_count = send_count + 1,
        send_deadline = clock_timestamp() + p_window, first_sent_at = coalesce(first_sent_at, public.business_now()),
        rail_reference = coalesce(p_reference, rail_reference),
        evidence = case when p_evidence is null then evidence else evidence || jsonb_build_array(p_evidence) end
    where id = p_id and fencing_token = p_token
        and organization_id = coalesce(public.current_organization(), organization_id)
        and (state = 'recorded'
            or (state in ('sending', 'unknown') and strategy in ('repeatable_key', 'harmless')
                and send_deadline + p_settling < clock_timestamp())
            or (state = 'unknown' and strategy = 'harmless'))
    returning * into v_call;
    if not found then
        return null;
    end if;
    insert into public.money_call_send (money_call_id, fencing_token, organization_id, rail_reference, send_deadline)
    values (v_call.id, v_call.fencing_token, v_call.organization_id, v_call.rail_reference, v_call.send_deadline);
    perform public.money_call_told(v_call, 'sending', jsonb_build_object('token', v_call.fencing_token));
    return v_call;
end
$$;
