-- Outcomes: by the rail's answer, by finding out, by an event, by two persons, or cancelled before it was sent.

-- Whether a person's word is the proposal that stands, confirmed by another operator of the same organization who read it
-- as it is (the hash). Never null: whatever is missing is not confirmed.
create function public.money_call_is_confirmed(p_call public.money_call, p jsonb) returns boolean
    language sql stable as $$
    select coalesce(
        p_call.state = 'needs_person'
        and p_call.proposal ->> 'outcome' = p ->> 'outcome'
        and p_call.proposal ->> 'rail_id' is not distinct from p ->> 'rail_id'
        and p_call.proposal_hash = decode(p ->> 'proposal_hash', 'hex')
        and p_call.proposed_by <> (p ->> 'operator_id')::uuid
        and exists (select from public.operator o where o.id = (p ->> 'operator_id')::uuid
            and o.organization_id = p_call.organization_id and o.disabled_at is null), false)
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
    v_call := public.money_call_locked((p ->> 'id')::uuid);
    if v_by = 'cancel' and (v_call.state <> 'recorded' or v_outcome <> 'refused') then
        raise exception 'only a call that was never sent can be cancelled' using errcode = 'BM004';
    end if;
    if v_by = 'person' and not public.money_call_is_confirmed(v_call, p) then
        raise exception 'not the proposal that was seen, or not another operator' using errcode = 'BM005';
    end if;
    v_seen := jsonb_strip_nulls(jsonb_build_object('outcome', v_outcome, 'by', v_by, 'code', p ->> 'code',
        'rail_id', p ->> 'rail_id', 'token', v_token, 'evidence', p -> 'evidence', 'at', clock_timestamp()));
    if v_call.state in ('applied', 'refused') then
        if v_call.state = v_outcome and (v_call.rail_id is null or p ->> 'rail_id' is null
            or v_call.rail_id = p ->> 'rail_id' or v_call.strategy = 'harmless') then
            if v_call.rail_id is null and p ->> 'rail_id' is not null then
                -- what was settled without the rail's id: now it is known
                update public.money_call set evidence = evidence || jsonb_build_array(v_seen) where id = v_call.id;
            end if;
            return jsonb_build_object('settled', false, 'contradiction', false);
        end if;
        update public.money_call set evidence = evidence || jsonb_build_array(v_seen) where id = v_call.id;
        if v_call.strategy = 'harmless' or (v_outcome = 'refused' and v_token < v_call.fencing_token) then
            -- another send of the same call was answered otherwise: no money hangs on it
            return jsonb_build_object('settled', false, 'contradiction', false);
        end if;
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
    if v_by in ('answer', 'find', 'event') and v_call.state = 'recorded' then
        raise exception 'a call that was not sent has no outcome' using errcode = 'BM004';
    end if;
    if v_by = 'find' and v_outcome = 'refused' and (v_token is distinct from v_call.fencing_token
        or v_call.state = 'sending' and clock_timestamp() < v_call.send_deadline) then
        -- what was not there when the rail was asked may have been sent since
        raise exception 'the sender may still write' using errcode = 'BM004';
    end if;
    update public.money_call set
        state = v_outcome, code = p ->> 'code', message = p ->> 'message', must_act = p ->> 'must_act',
        rail_id = p ->> 'rail_id', response = coalesce(p_response, response), settled_by = v_by, settled_at = clock_timestamp(),
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
        and evidence @> jsonb_build_array(jsonb_build_object('money_call_id', v_call.id))
        -- one case may speak of several calls of the flow
        and not exists (select from public.money_call other where other.flow = v_call.flow
            and other.flow_id = v_call.flow_id and other.id <> v_call.id
            and other.state = case case_file.kind when 'needs_person' then 'needs_person' else 'recorded' end);
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
    if coalesce(p_proposal ->> 'outcome', '') not in ('applied', 'refused') then
        raise exception 'not an outcome' using errcode = 'BM004';
    end if;
    if not exists (select from public.operator where id = p_operator and organization_id = public.current_organization()
        and disabled_at is null) then
        raise exception 'no such operator' using errcode = 'BM004';
    end if;
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
