-- What stopped until an operator decides is a case of its own, unless another case of it is open already; what sets it
-- going again, or ends it, closes that case. What waits for a family, a provider or a payee is none: they are mailed. (Who
-- has no address is not: that case is opened where mails are written.)
-- A payment or reclaim that `nobody` must mend goes on when an operator says so, an onboarding or allocation by itself.
create function public.stopped_until_operator() returns trigger language plpgsql as $$
begin
    if exists (select from public.case_file c where c.organization_id = new.organization_id and c.state = 'open'
            and c.subject_kind = tg_argv[0] and c.subject_id = new.id::text) then
        return null;
    end if;
    perform public.open_case(new.organization_id, 'stopped', tg_argv[0], new.id::text,
        'It stopped, and waits for an operator''s decision: ' || coalesce(new.message, new.code, 'no reason was given'),
        jsonb_build_object('code', new.code, 'message', new.message));
    return null;
end
$$;

create function public.stopped_no_more() returns trigger language plpgsql as $$
begin
    update public.case_file set state = 'closed', closed_at = clock_timestamp(), resolution = 'It went on, or ended.'
    where organization_id = new.organization_id and kind = 'stopped' and state = 'open'
        and subject_kind = tg_argv[0] and subject_id = new.id::text;
    return null;
end
$$;

-- Looked at when the transaction commits: by then other cases are open that say more of what happened.
create constraint trigger stopped_until_operator after update on public.payment_intent
    deferrable initially deferred for each row
    when (new.must_act <> 'payee' and new.state in ('funding_stopped', 'payout_stopped', 'giving_back_stopped')
        and (old.state, old.code, old.must_act) is distinct from (new.state, new.code, new.must_act))
    execute function public.stopped_until_operator('provider-payment');
create constraint trigger stopped_until_operator after update on public.reclaim
    deferrable initially deferred for each row
    when (new.must_act <> 'payee' and new.state = 'stopped'
        and (old.state, old.code, old.must_act) is distinct from (new.state, new.code, new.must_act))
    execute function public.stopped_until_operator('reclaim');
create constraint trigger stopped_until_operator after update on public.onboarding
    deferrable initially deferred for each row
    when (new.must_act = 'operator' and new.state = 'stopped'
        and (old.state, old.code, old.must_act) is distinct from (new.state, new.code, new.must_act))
    execute function public.stopped_until_operator('onboarding');
create constraint trigger stopped_until_operator after update on public.month_allocation
    deferrable initially deferred for each row
    when (new.must_act = 'operator' and new.funding_state = 'unfunded'
        and (old.funding_state, old.code, old.must_act) is distinct from (new.funding_state, new.code, new.must_act))
    execute function public.stopped_until_operator('allocation');
create constraint trigger stopped_until_operator after update on public.ach_account
    deferrable initially deferred for each row
    when (new.must_act <> 'payee' and new.state = 'failed' and new.verification_state not in ('failed', 'revoked')
        and (old.state, old.code, old.must_act) is distinct from (new.state, new.code, new.must_act))
    execute function public.stopped_until_operator('ach-account');

create trigger stopped_no_more after update on public.payment_intent for each row
    when (old.must_act is not null and (new.must_act is distinct from old.must_act or new.state <> old.state))
    execute function public.stopped_no_more('provider-payment');
create trigger stopped_no_more after update on public.reclaim for each row
    when (old.must_act is not null and (new.must_act is distinct from old.must_act or new.state <> old.state))
    execute function public.stopped_no_more('reclaim');
create trigger stopped_no_more after update on public.onboarding for each row
    when (old.must_act is not null and (new.must_act is distinct from old.must_act or new.state <> old.state))
    execute function public.stopped_no_more('onboarding');
create trigger stopped_no_more after update on public.month_allocation for each row
    when (old.must_act is not null and (new.must_act is distinct from old.must_act or new.funding_state <> old.funding_state))
    execute function public.stopped_no_more('allocation');
create trigger stopped_no_more after update on public.ach_account for each row
    when (old.must_act is not null and (new.must_act is distinct from old.must_act or new.state <> old.state))
    execute function public.stopped_no_more('ach-account');
