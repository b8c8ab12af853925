-- What stopped until an operator decides is a case; what sets it going again, or ends it, closes that case. What waits for
-- a family or a provider is none: they are mailed. (Who cannot be is one: that case is opened where mails are written.)
-- A payment or reclaim that `nobody` must mend goes on when an operator says so, an onboarding or allocation by itself.
create function public.stopped_until_operator() returns trigger language plpgsql as $$
begin
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

-- By their names these go first: what stops for another reason than before is closed, and opened anew.
create trigger stopped_1_no_more after update on public.payment_intent for each row
    when (old.must_act is not null and (new.must_act is distinct from old.must_act or new.state <> old.state))
    execute function public.stopped_no_more('provider-payment');
create trigger stopped_1_no_more after update on public.reclaim for each row
    when (old.must_act is not null and (new.must_act is distinct from old.must_act or new.state <> old.state))
    execute function public.stopped_no_more('reclaim');
create trigger stopped_1_no_more after update on public.onboarding for each row
    when (old.must_act is not null and (new.must_act is distinct from old.must_act or new.state <> old.state))
    execute function public.stopped_no_more('onboarding');
create trigger stopped_1_no_more after update on public.month_allocation for each row
    when (old.must_act is not null
        and (new.must_act is distinct from old.must_act or new.funding_state <> old.funding_state))
    execute function public.stopped_no_more('allocation');
create trigger stopped_1_no_more after update on public.ach_account for each row
    when (old.must_act is not null and (new.must_act is distinct from old.must_act or new.state <> old.state))
    execute function public.stopped_no_more('ach-account');

create trigger stopped_2_until_operator after update on public.payment_intent for each row
    when (new.must_act <> 'payee' and new.state in ('funding_stopped', 'payout_stopped', 'giving_back_stopped'))
    execute function public.stopped_until_operator('provider-payment');
create trigger stopped_2_until_operator after update on public.reclaim for each row
    when (new.must_act <> 'payee' and new.state = 'stopped')
    execute function public.stopped_until_operator('reclaim');
create trigger stopped_2_until_operator after update on public.onboarding for each row
    when (new.must_act = 'operator' and new.state = 'stopped')
    execute function public.stopped_until_operator('onboarding');
-- A budget's row changes for other reasons, too.
create trigger stopped_2_until_operator after update on public.month_allocation for each row
    when (new.must_act = 'operator' and new.funding_state = 'unfunded'
        and (old.funding_state, old.code, old.must_act) is distinct from (new.funding_state, new.code, new.must_act))
    execute function public.stopped_until_operator('allocation');
create trigger stopped_2_until_operator after update on public.ach_account for each row
    when (new.must_act <> 'payee' and new.state = 'failed' and new.verification_state not in ('failed', 'revoked'))
    execute function public.stopped_until_operator('ach-account');

-- What stopped before has its case now.
select public.open_case(organization_id, 'stopped', kind, id::text,
    'It stopped, and waits for an operator''s decision: ' || coalesce(message, code, 'no reason was given'),
    jsonb_build_object('code', code, 'message', message))
from (
    select 'provider-payment' as kind, organization_id, id, code, message from public.payment_intent
    where must_act <> 'payee' and state in ('funding_stopped', 'payout_stopped', 'giving_back_stopped')
    union all
    select 'reclaim', organization_id, id, code, message from public.reclaim
    where must_act <> 'payee' and state = 'stopped'
    union all
    select 'onboarding', organization_id, id, code, message from public.onboarding
    where must_act = 'operator' and state = 'stopped'
    union all
    select 'allocation', organization_id, id, code, message from public.month_allocation
    where must_act = 'operator' and funding_state = 'unfunded'
    union all
    select 'ach-account', organization_id, id, code, message from public.ach_account
    where must_act <> 'payee' and state = 'failed' and verification_state not in ('failed', 'revoked')
) stopped;
