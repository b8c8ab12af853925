-- A money call does with fewer statements and expressions: each of them is made ready anew in each transaction, and that
-- was most of what a call cost beyond its hold and its posting (docs/benchmarks.md). What is guarded is the same.
--
-- All that runs here as the owner runs under one search_path, the ledger's: PostgreSQL plans a statement anew where path or
-- role are not those that it was planned under.

create function public.money_call_refuse() returns trigger language plpgsql as $$
begin
    raise exception '%', tg_argv[0] using errcode = 'BM004';
end
$$;

-- Asked only by an UPDATE that names one of the columns.
drop trigger money_call_guard on public.money_call;
create or replace function public.money_call_guard() returns trigger language plpgsql as $$
begin
    if new.state <> old.state and old.state || ' ' || new.state not in (
        'recorded sending', 'recorded refused', 'sending recorded', 'sending unknown', 'sending needs_person',
        'sending applied', 'sending refused', 'unknown recorded', 'unknown sending', 'unknown needs_person',
        'unknown applied', 'unknown refused', 'needs_person applied', 'needs_person refused') then
        raise exception 'a money call does not go from % to %', old.state, new.state using errcode = 'BM004';
    end if;
    if old.state in ('applied', 'refused') then
        if (new.code, new.rail_id, new.response, new.settled_at, new.settled_by, new.must_act, new.confirmed_by,
            new.proposal) is distinct from (old.code, old.rail_id, old.response, old.settled_at, old.settled_by,
            old.must_act, old.confirmed_by, old.proposal) then
            raise exception 'an outcome is final' using errcode = 'BM004';
        end if;
    end if;
    if new.fencing_token < old.fencing_token then
        raise exception 'a recorded money call is frozen' using errcode = 'BM004';
    end if;
    return new;
end
$$;
create trigger money_call_guard before update of state, fencing_token, code, rail_id, response, settled_at, settled_by,
    must_act, confirmed_by, proposal on public.money_call
    for each row execute function public.money_call_guard();
create trigger money_call_begins before insert on public.money_call
    for each row when (new.state <> 'recorded' or new.fencing_token <> 0)
    execute function public.money_call_refuse('a money call begins as recorded');
create trigger money_call_frozen before update of id, organization_id, flow, flow_id, step, ordinal, rail, operation,
    strategy, amount, currency, request, request_hash, expectation, recorded_at on public.money_call
    for each row when ((new.id, new.organization_id, new.flow, new.flow_id, new.step, new.ordinal, new.rail, new.operation,
        new.strategy, new.amount, new.currency, new.request, new.request_hash, new.expectation, new.recorded_at)
        is distinct from (old.id, old.organization_id, old.flow, old.flow_id, old.step, old.ordinal, old.rail,
        old.operation, old.strategy, old.amount, old.currency, old.request, old.request_hash, old.expectation,
        old.recorded_at))
    execute function public.money_call_refuse('a recorded money call is frozen');
create trigger money_call_once before update of hold_id, returned_at on public.money_call
    for each row when ((old.hold_id is not null and new.hold_id is distinct from old.hold_id)
        or (old.returned_at is not null and new.returned_at is distinct from old.returned_at))
    execute function public.money_call_refuse('a recorded money call is frozen');

-- As the owner, whoever writes the event: else each turn from one role to the other plans it anew. The event's own row was
-- held to its organization.
create or replace function public.fan_out_event() returns trigger language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
begin
    insert into public.event_delivery (event_id, endpoint_id, organization_id)
    select new.id, e.id, new.organization_id from public.webhook_endpoint e
    where e.organization_id = new.organization_id and e.disabled_at is null;
    return null;
end
$$;
revoke all on function public.fan_out_event() from public;

-- Audit row and event of what became of a call; returns the audit row's id.
drop function public.money_call_told(public.money_call, text, jsonb);
create function public.money_call_told(p_call public.money_call, p_action text, p_detail jsonb) returns bigint
    language plpgsql as $$
begin
    insert into public.outgoing_event (id, organization_id, type, subject_kind, subject_id, payload)
    values (uuidv7(), p_call.organization_id, 'money_call.' || p_action, p_call.flow, p_call.flow_id::text,
        jsonb_build_object('money_call_id', p_call.id, 'step', p_call.step, 'ordinal', p_call.ordinal,
            'state', p_call.state, 'amount', p_call.amount, 'currency', p_call.currency, 'code', p_call.code));
    return audit.write(p_call.organization_id, null, 'money_call.' || p_action, 'money_call', p_call.id::text,
        p_detail || jsonb_build_object('flow', p_call.flow, 'flow_id', p_call.flow_id, 'step', p_call.step,
            'ordinal', p_call.ordinal, 'state', p_call.state, 'amount', p_call.amount, 'currency', p_call.currency,
            'rail', p_call.rail, 'rail_reference', p_call.rail_reference));
end
$$;

-- Record: the frozen request, the hold, the wallets it keeps to itself, audit and event. Repeating it returns the row.
-- The row is written first: whether it can be tells a twin, and what forbids it takes it back.
create or replace function public.money_call_record(
    p jsonb, p_request bytea, p_request_hash bytea, p_wallets text[]
) returns public.money_call language plpgsql security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    v_call public.money_call;
    v_known public.money_call;
    v_flow text := p ->> 'flow';
    v_flow_id uuid := (p ->> 'flow_id')::uuid;
    v_ordinal integer := (p ->> 'ordinal')::integer;
    v_hold jsonb := p -> 'hold';
    v_hold_id uuid;
    v_organization uuid := (p ->> 'organization_id')::uuid;
    v_count bigint;
begin
    if public.current_organization() is distinct from v_organization then
        raise exception 'not this organization' using errcode = 'BL007';
    end if;
    insert into public.money_call (id, organization_id, flow, flow_id, step, ordinal, rail, operation, strategy,
        rail_reference, amount, currency, request, request_hash, expectation)
    values ((p ->> 'id')::uuid, v_organization, v_flow, v_flow_id, p ->> 'step', v_ordinal, p ->> 'rail',
        p ->> 'operation', p ->> 'strategy', p ->> 'rail_reference', (p ->> 'amount')::bigint, p ->> 'currency',
        p_request, p_request_hash, coalesce(p -> 'expectation', '{}'::jsonb))
    on conflict do nothing
    returning * into v_call;
    if v_call.id is null then
        select * into v_known from public.money_call
        where flow = v_flow and flow_id = v_flow_id and step = p ->> 'step' and ordinal = v_ordinal;
        if found then
            if v_known.organization_id <> v_organization or v_known.request_hash <> p_request_hash then
                raise exception 'this step is recorded with another request' using errcode = 'BM006';
            end if;
            return v_known;
        end if;
    end if;
    if exists (select from public.case_file where organization_id = v_organization and kind = 'contradiction'
        and subject_kind = v_flow and subject_id = v_flow_id::text and state = 'open') then
        raise exception 'a contradiction is open' using errcode = 'BM002';
    end if;
    if v_ordinal > 1 then
        select * into v_known from public.money_call
        where flow = v_flow and flow_id = v_flow_id and step = p ->> 'step' and ordinal = v_ordinal - 1
        for update;
        if found and v_known.state <> 'refused' and v_known.returned_at is null then
            raise exception 'the previous call of this step is neither refused nor returned' using errcode = 'BM003';
        end if;
    end if;
    if v_call.id is null then
        raise exception 'another call of this step is open' using errcode = 'BM003';
    end if;
    if cardinality(p_wallets) > 0 then
        insert into public.wallet_in_flight (wallet_id, money_call_id, organization_id)
        select w, v_call.id, v_organization from unnest(p_wallets) as w order by w on conflict do nothing;
        get diagnostics v_count = row_count;
        if v_count < cardinality(p_wallets) then
            raise exception 'the wallet is in use by another open call' using errcode = 'BM001';
        end if;
    end if;
    v_count := public.money_call_told(v_call, 'recorded', '{}');
    if v_hold is not null then
        v_hold_id := ledger.hold(v_organization, 'money_call/' || v_call.id || '/hold', v_hold ->> 'kind',
            v_call.currency, v_hold -> 'entries', (v_hold ->> 'effective_date')::date, 'money_call', v_call.id,
            coalesce(v_hold ->> 'description', ''));
        update public.money_call set hold_id = v_hold_id where id = v_call.id;
        v_call.hold_id := v_hold_id;
    end if;
    return v_call;
end
$$;

-- Begin a send: `sending` is committed before a byte leaves. Null when somebody else was first.
create or replace function public.money_call_begin_send(
    p_id uuid, p_token bigint, p_window interval, p_settling interval, p_reference text, p_evidence jsonb
) returns public.money_call language plpgsql security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    v_call public.money_call;
    v_audited bigint;
begin
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
    if v_call.id is null then
        if exists (select from public.money_call m join public.case_file c on c.organization_id = m.organization_id
            and c.kind = 'contradiction' and c.subject_kind = m.flow and c.subject_id = m.flow_id::text
            and c.state = 'open' where m.id = p_id and m.state = 'recorded') then
            raise exception 'a contradiction is open' using errcode = 'BM002';
        end if;
        return null;
    end if;
    -- the first send that counts: until now it was only recorded, perhaps before the contradiction came to light
    if v_call.send_count = 1 then
        if exists (select from public.case_file where organization_id = v_call.organization_id
            and kind = 'contradiction' and subject_kind = v_call.flow and subject_id = v_call.flow_id::text
            and state = 'open') then
            raise exception 'a contradiction is open' using errcode = 'BM002';
        end if;
    end if;
    insert into public.money_call_send (money_call_id, fencing_token, organization_id, rail_reference, send_deadline)
    values (v_call.id, v_call.fencing_token, v_call.organization_id, v_call.rail_reference, v_call.send_deadline);
    v_audited := public.money_call_told(v_call, 'sending', jsonb_build_object('token', v_call.fencing_token));
    return v_call;
end
$$;

-- Settle: the outcome, the hold, further postings, audit and event. A late answer that contradicts a final outcome
-- is stored as evidence and opens a case; it never overwrites.
create or replace function public.money_call_settle(p jsonb, p_response bytea) returns jsonb
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    v_call public.money_call;
    v_posting jsonb;
    v_outcome text := p ->> 'outcome';
    v_token bigint := (p ->> 'token')::bigint;
    v_by text := p ->> 'by';
    v_date date := (p ->> 'effective_date')::date;
    v_seen jsonb;
    v_id uuid;
    v_audited bigint;
begin
    if v_outcome not in ('applied', 'refused') or v_by not in ('answer', 'find', 'event', 'person', 'cancel') then
        raise exception 'not an outcome' using errcode = 'BM004';
    end if;
    select * into v_call from public.money_call
    where id = (p ->> 'id')::uuid and organization_id = coalesce(public.current_organization(), organization_id)
    for update;
    if v_call.id is null then
        raise exception 'no such money call' using errcode = 'BM004';
    end if;
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
        v_audited := public.money_call_told(v_call, 'contradicted', v_seen);
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
    v_audited := public.money_call_told(v_call, v_outcome,
        jsonb_strip_nulls(jsonb_build_object('by', v_by, 'code', p ->> 'code', 'rail_id', p ->> 'rail_id')));
    if v_call.hold_id is not null and v_outcome = 'applied' then
        v_id := ledger.post_hold(v_call.organization_id, v_call.hold_id, 'money_call/' || v_call.id || '/post', v_date);
    elsif v_call.hold_id is not null then
        v_id := ledger.void_hold(v_call.organization_id, v_call.hold_id, 'money_call/' || v_call.id || '/void', v_date);
    end if;
    if p -> 'postings' -> 0 is not null then
        for v_posting in select * from jsonb_array_elements(p -> 'postings') loop
            v_id := ledger.post(v_call.organization_id, v_posting ->> 'key', v_posting ->> 'kind', v_call.currency,
                v_posting -> 'entries', v_date, coalesce(v_posting ->> 'description', ''), true);
        end loop;
    end if;
    return jsonb_build_object('settled', true, 'contradiction', false);
end
$$;
