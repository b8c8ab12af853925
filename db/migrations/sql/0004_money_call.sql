-- The money call: one row per request that must take effect at most once. The application's role reads the table and
-- changes it only through these functions; each later change is a compare-and-set on state and fencing token.
--
--   recorded -> sending -> applied | refused | unknown -> applied | refused | needs_person -> applied | refused
--
-- SQLSTATE: BM001 wallet busy, BM002 contradiction open, BM003 another call of the step is open, BM004 stale token or
-- state, BM005 proposal not confirmable, BM006 same identity with another request.

create function public.money_call_guard() returns trigger language plpgsql as $$
begin
    if old.state in ('applied', 'refused') and (
        new.state <> old.state or new.code is distinct from old.code or new.rail_id is distinct from old.rail_id
        or new.response is distinct from old.response or new.settled_at <> old.settled_at) then
        raise exception 'an outcome is final' using errcode = 'BM004';
    end if;
    if new.request <> old.request or new.amount <> old.amount or new.currency <> old.currency
        or new.organization_id <> old.organization_id or new.fencing_token < old.fencing_token then
        raise exception 'a recorded money call is frozen' using errcode = 'BM004';
    end if;
    return new;
end
$$;
create trigger money_call_guard before update on public.money_call
    for each row execute function public.money_call_guard();

create function public.money_call_no_delete() returns trigger language plpgsql as $$
begin
    raise exception 'money calls are kept' using errcode = 'BM004';
end
$$;
create trigger money_call_no_delete before delete or truncate on public.money_call
    for each statement execute function public.money_call_no_delete();

create function public.money_call_told(p_call public.money_call, p_action text, p_detail jsonb) returns void
    language plpgsql as $$
begin
    perform audit.append(p_call.organization_id, null, 'money_call.' || p_action, 'money_call', p_call.id::text,
        p_detail || jsonb_build_object('flow', p_call.flow, 'flow_id', p_call.flow_id, 'step', p_call.step,
            'ordinal', p_call.ordinal, 'state', p_call.state, 'amount', p_call.amount, 'currency', p_call.currency,
            'rail', p_call.rail, 'rail_reference', p_call.rail_reference));
    insert into public.outgoing_event (id, organization_id, type, subject_kind, subject_id, payload)
    values (uuidv7(), p_call.organization_id, 'money_call.' || p_action, p_call.flow, p_call.flow_id::text,
        jsonb_build_object('money_call_id', p_call.id, 'step', p_call.step, 'ordinal', p_call.ordinal,
            'state', p_call.state, 'amount', p_call.amount, 'currency', p_call.currency, 'code', p_call.code));
end
$$;

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
create function public.money_call_not_sent(p_id uuid, p_token bigint) returns public.money_call
    language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    v_call public.money_call;
begin
    select * into v_call from public.money_call
    where id = p_id and organization_id = coalesce(public.current_organization(), organization_id) for update;
    if not found then
        raise exception 'no such money call' using errcode = 'BM004';
    end if;
    update public.money_call_send set not_sent = true where money_call_id = p_id and fencing_token = p_token;
    if v_call.state not in ('sending', 'unknown') or v_call.fencing_token <> p_token then
        return v_call;
    end if;
    update public.money_call set state = case
        when exists (select from public.money_call_send s where s.money_call_id = p_id and not s.not_sent) then 'unknown'
        else 'recorded' end
    where id = p_id returning * into v_call;
    perform public.money_call_told(v_call, 'not_sent', '{}'::jsonb);
    return v_call;
end
$$;

-- In doubt: the answer was lost, unreadable, or one that proves nothing. Also counts each question that found nothing.
create function public.money_call_in_doubt(
    p_id uuid, p_token bigint, p_state text, p_code text, p_message text, p_evidence jsonb
) returns public.money_call language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    v_call public.money_call;
begin
    if p_state not in ('unknown', 'needs_person') then
        raise exception 'not a state of doubt' using errcode = 'BM004';
    end if;
    select * into v_call from public.money_call
    where id = p_id and organization_id = coalesce(public.current_organization(), organization_id) for update;
    if not found then
        raise exception 'no such money call' using errcode = 'BM004';
    end if;
    if v_call.state not in ('sending', 'unknown') or v_call.fencing_token <> p_token then
        return v_call;
    end if;
    if v_call.state = p_state and v_call.code is not distinct from p_code then
        update public.money_call set find_count = find_count + 1 where id = p_id returning * into v_call;
        return v_call;
    end if;
    update public.money_call set state = p_state, code = p_code, message = p_message,
        evidence = case when p_evidence is null then evidence else evidence || jsonb_build_array(p_evidence) end
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

-- Settle: the outcome, the hold, further postings, audit and event. A late answer that contradicts a final outcome
-- is stored as evidence and opens a case; it never overwrites.
create function public.money_call_settle(p jsonb, p_response bytea) returns jsonb
    language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    v_call public.money_call;
    v_posting jsonb;
    v_outcome text := p ->> 'outcome';
    v_token bigint := (p ->> 'token')::bigint;
    v_by text := p ->> 'by';
    v_date date := (p ->> 'effective_date')::date;
    v_seen jsonb;
begin
    if v_outcome not in ('applied', 'refused') or v_by not in ('answer', 'find', 'event', 'person', 'cancel') then
        raise exception 'not an outcome' using errcode = 'BM004';
    end if;
    select * into v_call from public.money_call where id = (p ->> 'id')::uuid
        and organization_id = coalesce(public.current_organization(), organization_id) for update;
    if not found then
        raise exception 'no such money call' using errcode = 'BM004';
    end if;
    v_seen := jsonb_strip_nulls(jsonb_build_object('outcome', v_outcome, 'by', v_by, 'code', p ->> 'code',
        'rail_id', p ->> 'rail_id', 'token', v_token, 'evidence', p -> 'evidence', 'at', clock_timestamp()));
    if v_call.state in ('applied', 'refused') then
        if v_call.state = v_outcome and (v_call.rail_id is null or p ->> 'rail_id' is null
            or v_call.rail_id = p ->> 'rail_id' or v_call.strategy = 'harmless') then
            return jsonb_build_object('settled', false, 'contradiction', false);
        end if;
        if v_call.strategy = 'harmless' or (v_outcome = 'refused' and v_token < v_call.fencing_token) then
            -- another send of the same call was answered otherwise: no money hangs on it
            update public.money_call set evidence = evidence || jsonb_build_array(v_seen) where id = v_call.id;
            return jsonb_build_object('settled', false, 'contradiction', false);
        end if;
        update public.money_call set evidence = evidence || jsonb_build_array(v_seen) where id = v_call.id;
        perform public.open_case(v_call.organization_id, 'contradiction', v_call.flow, v_call.flow_id::text,
            'A later word of the ' || v_call.rail || ' rail contradicts the outcome of ' || v_call.step,
            v_seen || jsonb_build_object('money_call_id', v_call.id, 'final', v_call.state));
        perform public.money_call_told(v_call, 'contradicted', v_seen);
        return jsonb_build_object('settled', false, 'contradiction', true);
    end if;
    if v_by = 'answer' and v_token < v_call.fencing_token and (v_outcome = 'refused' or v_call.strategy = 'harmless') then
        -- a refusal of an earlier send says nothing of the one under way
        update public.money_call set evidence = evidence || jsonb_build_array(v_seen) where id = v_call.id;
        return jsonb_build_object('settled', false, 'contradiction', false);
    end if;
    if v_by = 'cancel' and (v_call.state <> 'recorded' or v_outcome <> 'refused') then
        raise exception 'only a call that was never sent can be cancelled' using errcode = 'BM004';
    end if;
    if v_by in ('answer', 'find', 'event') and v_call.state = 'recorded' then
        raise exception 'a call that was not sent has no outcome' using errcode = 'BM004';
    end if;
    if v_by = 'find' and v_outcome = 'refused' and v_call.state = 'sending'
        and clock_timestamp() < v_call.send_deadline then
        raise exception 'the sender may still write' using errcode = 'BM004';
    end if;
    if v_by = 'person' then
        if v_call.state <> 'needs_person' or v_call.proposal is null
            or v_call.proposal ->> 'outcome' <> v_outcome
            or v_call.proposal_hash <> decode(p ->> 'proposal_hash', 'hex')
            or (p ->> 'operator_id')::uuid = v_call.proposed_by then
            raise exception 'not the proposal that was seen, or not another operator' using errcode = 'BM005';
        end if;
    end if;
    update public.money_call set
        state = v_outcome, code = p ->> 'code', message = p ->> 'message', must_act = p ->> 'must_act',
        rail_id = p ->> 'rail_id', response = p_response, settled_by = v_by, settled_at = clock_timestamp(),
        evidence = evidence || jsonb_build_array(v_seen),
        confirmed_by = case when v_by = 'person' then (p ->> 'operator_id')::uuid end
    where id = v_call.id returning * into v_call;
    update public.money_call_send set outcome = v_outcome, code = p ->> 'code'
    where money_call_id = v_call.id and fencing_token = coalesce(v_token, v_call.fencing_token);
    delete from public.wallet_in_flight where money_call_id = v_call.id;
    update public.case_file set state = 'closed', closed_at = clock_timestamp(), resolution = 'settled as ' || v_outcome,
        closed_by = (p ->> 'operator_id')::uuid
    where organization_id = v_call.organization_id and kind in ('needs_person', 'stranded') and state = 'open'
        and subject_kind = v_call.flow and subject_id = v_call.flow_id::text
        and evidence @> jsonb_build_array(jsonb_build_object('money_call_id', v_call.id));
    perform public.money_call_told(v_call, v_outcome,
        jsonb_strip_nulls(jsonb_build_object('by', v_by, 'code', p ->> 'code', 'rail_id', p ->> 'rail_id')));
    if v_call.hold_id is not null and v_outcome = 'applied' then
        perform ledger.post_hold(v_call.organization_id, v_call.hold_id, 'money_call/' || v_call.id || '/post', v_date);
    elsif v_call.hold_id is not null then
        perform ledger.void_hold(v_call.organization_id, v_call.hold_id, 'money_call/' || v_call.id || '/void', v_date);
    end if;
    for v_posting in select * from jsonb_array_elements(coalesce(p -> 'postings', '[]'::jsonb)) loop
        perform ledger.post(v_call.organization_id, v_posting ->> 'key', v_posting ->> 'kind', v_call.currency,
            v_posting -> 'entries', v_date, coalesce(v_posting ->> 'description', ''), true);
    end loop;
    return jsonb_build_object('settled', true, 'contradiction', false);
end
$$;

-- A person proposes what became of a call; another person confirms through money_call_settle.
create function public.money_call_propose(p_id uuid, p_operator uuid, p_proposal jsonb) returns public.money_call
    language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    v_call public.money_call;
begin
    update public.money_call set proposed_by = p_operator, proposal = p_proposal,
        proposal_hash = sha256(convert_to(p_id::text || p_operator::text || p_proposal::text, 'utf8'))
    where id = p_id and state = 'needs_person' and organization_id = public.current_organization()
    returning * into v_call;
    if not found then
        raise exception 'only a call that needs a person can be resolved' using errcode = 'BM004';
    end if;
    perform public.money_call_told(v_call, 'resolution_proposed',
        jsonb_build_object('operator_id', p_operator, 'proposal', p_proposal));
    return v_call;
end
$$;

-- The money came back and the return is posted: the step may be done again under the next ordinal.
create function public.money_call_returned(p_id uuid) returns public.money_call
    language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    v_call public.money_call;
begin
    update public.money_call set returned_at = clock_timestamp()
    where id = p_id and state = 'applied' and returned_at is null
        and organization_id = coalesce(public.current_organization(), organization_id)
    returning * into v_call;
    if found then
        perform public.money_call_told(v_call, 'returned', '{}'::jsonb);
    else
        select * into v_call from public.money_call where id = p_id
            and organization_id = coalesce(public.current_organization(), organization_id);
        if v_call.returned_at is null then
            raise exception 'only an applied call can be returned' using errcode = 'BM004';
        end if;
    end if;
    return v_call;
end
$$;

-- Lock a call's row for the rest of the transaction (the application's role may not update it, so it cannot lock it).
create function public.money_call_lock(p_id uuid) returns setof public.money_call
    language sql security definer set search_path = pg_catalog, public as $$
    select * from public.money_call
    where id = p_id and organization_id = coalesce(public.current_organization(), organization_id) for update;
$$;
