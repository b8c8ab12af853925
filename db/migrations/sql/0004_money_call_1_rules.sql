-- The money call: one row per request that must take effect at most once. The application's role reads the table and
-- changes it only through these functions; each later change is a compare-and-set on state and fencing token.
--
--   recorded -> sending -> applied | refused | unknown -> applied | refused | needs_person -> applied | refused
--
-- SQLSTATE: BM001 wallet busy, BM002 contradiction open, BM003 another call of the step is open, BM004 stale token or
-- state, BM005 proposal not confirmable, BM006 same identity with another request.

create function public.money_call_guard() returns trigger language plpgsql as $$
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

-- A call of the unit of work's organization (of any, where it crosses them), its row locked.
create function public.money_call_locked(p_id uuid) returns public.money_call language plpgsql as $$
declare
    v_call public.money_call;
begin
    select * into v_call from public.money_call
    where id = p_id and organization_id = coalesce(public.current_organization(), organization_id) for update;
    if not found then
        raise exception 'no such money call' using errcode = 'BM004';
    end if;
    return v_call;
end
$$;

-- Something is known that was not before. A proposal made without it stands no longer: its evidence is not all there is.
create function public.money_call_learned(p_call public.money_call, p_seen jsonb) returns public.money_call
    language plpgsql as $$
begin
    update public.money_call set evidence = evidence || jsonb_build_array(p_seen),
        proposed_by = case when settled_at is not null then proposed_by end,
        proposal = case when settled_at is not null then proposal end,
        proposal_hash = case when settled_at is not null then proposal_hash end
    where id = p_call.id returning * into p_call;
    perform public.money_call_told(p_call, 'learned', p_seen);
    return p_call;
end
$$;
