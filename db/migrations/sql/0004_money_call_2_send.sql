-- Recording and sending, up to the point where the outcome is known or in doubt.

-- Record: the frozen request, the hold, the wallets it keeps to itself, audit and event. Repeating it returns the row.
create function public.money_call_record(p jsonb, p_request bytea, p_request_hash bytea, p_wallets text[])
    returns public.money_call language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    v_call public.money_call;
    v_previous public.money_call;
    v_wallet text;
    v_hold uuid;
    v_organization uuid := (p ->> 'organization_id')::uuid;
begin
    if public.current_organization() is distinct from v_organization then
        raise exception 'not this organization' using errcode = 'BL007';
    end if;
    select * into v_call from public.money_call
    where flow = p ->> 'flow' and flow_id = (p ->> 'flow_id')::uuid and step = p ->> 'step'
        and ordinal = (p ->> 'ordinal')::int;
    if found then
        if v_call.organization_id <> v_organization or v_call.request_hash <> p_request_hash then
            raise exception 'this step is recorded with another request' using errcode = 'BM006';
        end if;
        return v_call;
    end if;
    if exists (select from public.case_file where organization_id = v_organization and kind = 'contradiction'
        and subject_kind = p ->> 'flow' and subject_id = p ->> 'flow_id' and state = 'open') then
        raise exception 'a contradiction is open' using errcode = 'BM002';
    end if;
    if (p ->> 'ordinal')::int > 1 then
        select * into v_previous from public.money_call
        where flow = p ->> 'flow' and flow_id = (p ->> 'flow_id')::uuid and step = p ->> 'step'
            and ordinal = (p ->> 'ordinal')::int - 1
        for update;
        if found and v_previous.state <> 'refused' and v_previous.returned_at is null then
            raise exception 'the previous call of this step is neither refused nor returned' using errcode = 'BM003';
        end if;
    end if;
    begin
        insert into public.money_call (id, organization_id, flow, flow_id, step, ordinal, rail, operation, strategy,
            rail_reference, amount, currency, request, request_hash, expectation)
        values ((p ->> 'id')::uuid, v_organization, p ->> 'flow', (p ->> 'flow_id')::uuid, p ->> 'step',
            (p ->> 'ordinal')::int, p ->> 'rail', p ->> 'operation', p ->> 'strategy', p ->> 'rail_reference',
            (p ->> 'amount')::bigint, p ->> 'currency', p_request, p_request_hash,
            coalesce(p -> 'expectation', '{}'::jsonb))
        returning * into v_call;
    exception when unique_violation then
        raise exception 'another call of this step is open' using errcode = 'BM003';
    end;
    foreach v_wallet in array (select coalesce(array_agg(w order by w), '{}') from unnest(p_wallets) as w) loop
        insert into public.wallet_in_flight (wallet_id, money_call_id, organization_id)
        values (v_wallet, v_call.id, v_organization) on conflict do nothing;
        if not found then
            raise exception 'the wallet is in use by another open call' using errcode = 'BM001';
        end if;
    end loop;
    perform public.money_call_told(v_call, 'recorded', '{}'::jsonb);
    if p ? 'hold' then
        v_hold := ledger.hold(v_organization, 'money_call/' || v_call.id || '/hold', p -> 'hold' ->> 'kind',
            v_call.currency, p -> 'hold' -> 'entries', (p -> 'hold' ->> 'effective_date')::date, 'money_call', v_call.id,
            coalesce(p -> 'hold' ->> 'description', ''));
        update public.money_call set hold_id = v_hold where id = v_call.id returning * into v_call;
    end if;
    return v_call;
end
$$;

-- Begin a send: `sending` is committed before a byte leaves. Null when somebody else was first.
create function public.money_call_begin_send(
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
        send_deadline = clock_timestamp() + p_window, first_sent_at = coalesce(first_sent_at, clock_timestamp()),
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

-- Nothing left this machine (no connection): back to `recorded`, or to `unknown` when an earlier send may have arrived.
-- Token and deadline name the send: a token alone may have been given again where the first begin was rolled back.
create function public.money_call_not_sent(p_id uuid, p_token bigint, p_deadline timestamptz) returns public.money_call
    language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    v_call public.money_call;
    v_earlier boolean;
begin
    v_call := public.money_call_locked(p_id);
    update public.money_call_send set not_sent = true
    where money_call_id = p_id and fencing_token = p_token and send_deadline = p_deadline and not not_sent;
    if not found then
        return v_call;
    end if;
    update public.money_call set send_count = send_count - 1 where id = p_id returning * into v_call;
    if v_call.state = 'needs_person' then
        return public.money_call_learned(v_call, jsonb_build_object('not_sent', p_token, 'at', clock_timestamp()));
    end if;
    if v_call.state not in ('sending', 'unknown') or v_call.fencing_token <> p_token then
        return v_call;
    end if;
    v_earlier := exists (select from public.money_call_send s where s.money_call_id = p_id and not s.not_sent);
    update public.money_call set
        state = case when v_earlier then 'unknown' else 'recorded' end,
        first_sent_at = case when v_earlier then first_sent_at end,
        send_deadline = (select max(s.send_deadline) from public.money_call_send s
            where s.money_call_id = p_id and not s.not_sent)
    where id = p_id returning * into v_call;
    perform public.money_call_told(v_call, 'not_sent', '{}'::jsonb);
    return v_call;
end
$$;

-- In doubt: the answer was lost, unreadable, or one that proves nothing. Also counts each question that found nothing.
-- p_by: `answer` (something was read, or nothing came) or `find`. An answer that comes after a person was asked is evidence.
create function public.money_call_in_doubt(
    p_id uuid, p_token bigint, p_state text, p_by text, p_code text, p_message text, p_evidence jsonb, p_response bytea
) returns public.money_call language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    v_call public.money_call;
    v_seen jsonb := jsonb_strip_nulls(jsonb_build_object('outcome', p_state, 'by', p_by, 'code', p_code, 'token', p_token,
        'evidence', p_evidence, 'at', clock_timestamp()));
begin
    if p_state not in ('unknown', 'needs_person') or p_by not in ('answer', 'find') then
        raise exception 'not a state of doubt' using errcode = 'BM004';
    end if;
    v_call := public.money_call_locked(p_id);
    if v_call.state not in ('sending', 'unknown') or v_call.fencing_token <> p_token then
        if p_by = 'answer' and v_call.state <> 'recorded' and not exists (
            select from jsonb_array_elements(v_call.evidence) as known
            where known - 'at' = v_seen - 'at') then
            return public.money_call_learned(v_call, v_seen);
        end if;
        return v_call;
    end if;
    if v_call.state = p_state and v_call.code is not distinct from p_code then
        update public.money_call set find_count = find_count + 1 where id = p_id returning * into v_call;
        return v_call;
    end if;
    update public.money_call set state = p_state, code = p_code, message = p_message,
        response = coalesce(p_response, response), evidence = evidence || jsonb_build_array(v_seen)
    where id = p_id returning * into v_call;
    update public.money_call_send set outcome = p_state, code = p_code
    where money_call_id = p_id and fencing_token = p_token and outcome is null;
    perform public.money_call_told(v_call, p_state, jsonb_build_object('code', p_code));
    if p_state = 'needs_person' then
        perform public.open_case(v_call.organization_id, 'needs_person', v_call.flow, v_call.flow_id::text,
            'The ' || v_call.rail || ' rail cannot tell whether it did ' || v_call.step || ': find out, then resolve',
            jsonb_build_object('money_call_id', v_call.id, 'rail_reference', v_call.rail_reference,
                'amount', v_call.amount, 'currency', v_call.currency, 'first_sent_at', v_call.first_sent_at,
                'code', p_code));
    end if;
    return v_call;
end
$$;
