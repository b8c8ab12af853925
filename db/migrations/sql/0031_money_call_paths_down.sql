-- Everything as 0004, 0009 and 0020 left it.

drop trigger money_call_guard on public.money_call;
drop trigger money_call_begins on public.money_call;
drop trigger money_call_frozen on public.money_call;
drop trigger money_call_once on public.money_call;
drop function public.money_call_refuse();

create or replace function public.money_call_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'recorded' or new.fencing_token <> 0 then
            raise exception 'a money call begins as recorded' using errcode = 'BM004';
        end if;
        return new;
    end if;
    if new.state <> old.state and (old.state, new.state) not in (
        ('recorded', 'sending'), ('recorded', 'refused'),
        ('sending', 'recorded'), ('sending', 'unknown'), ('sending', 'needs_person'), ('sending', 'applied'),
        ('sending', 'refused'), ('unknown', 'recorded'), ('unknown', 'sending'), ('unknown', 'needs_person'),
        ('unknown', 'applied'), ('unknown', 'refused'), ('needs_person', 'applied'), ('needs_person', 'refused')) then
        raise exception 'a money call does not go from % to %', old.state, new.state using errcode = 'BM004';
    end if;
    if old.state in ('applied', 'refused') and (new.code, new.rail_id, new.response, new.settled_at, new.settled_by,
        new.must_act, new.confirmed_by, new.proposal) is distinct from (old.code, old.rail_id, old.response,
        old.settled_at, old.settled_by, old.must_act, old.confirmed_by, old.proposal) then
        raise exception 'an outcome is final' using errcode = 'BM004';
    end if;
    if (new.id, new.organization_id, new.flow, new.flow_id, new.step, new.ordinal, new.rail, new.operation, new.strategy,
        new.amount, new.currency, new.request, new.request_hash, new.expectation, new.recorded_at) is distinct from
        (old.id, old.organization_id, old.flow, old.flow_id, old.step, old.ordinal, old.rail, old.operation, old.strategy,
        old.amount, old.currency, old.request, old.request_hash, old.expectation, old.recorded_at)
        or (old.hold_id is not null and new.hold_id is distinct from old.hold_id)
        or (old.returned_at is not null and new.returned_at is distinct from old.returned_at)
        or new.fencing_token < old.fencing_token then
        raise exception 'a recorded money call is frozen' using errcode = 'BM004';
    end if;
    return new;
end
$$;
create trigger money_call_guard before insert or update on public.money_call
    for each row execute function public.money_call_guard();

drop function public.money_call_told(public.money_call, text, jsonb);
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

create or replace function public.money_call_record(p jsonb, p_request bytea, p_request_hash bytea, p_wallets text[])
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

create or replace function public.money_call_settle(p jsonb, p_response bytea) returns jsonb
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

create or replace function public.fan_out_event() returns trigger language plpgsql as $$
begin
    insert into public.event_delivery (event_id, endpoint_id, organization_id)
    select new.id, e.id, new.organization_id from public.webhook_endpoint e
    where e.organization_id = new.organization_id and e.disabled_at is null;
    return null;
end
$$;
alter function public.fan_out_event() security invoker reset all;
grant execute on function public.fan_out_event() to public;
