drop trigger stopped_1_no_more on public.payment_intent;
drop trigger stopped_1_no_more on public.reclaim;
drop trigger stopped_1_no_more on public.onboarding;
drop trigger stopped_1_no_more on public.month_allocation;
drop trigger stopped_1_no_more on public.ach_account;
drop trigger stopped_2_until_operator on public.payment_intent;
drop trigger stopped_2_until_operator on public.reclaim;
drop trigger stopped_2_until_operator on public.onboarding;
drop trigger stopped_2_until_operator on public.month_allocation;
drop trigger stopped_2_until_operator on public.ach_account;
drop function public.stopped_no_more();
drop function public.stopped_until_operator();
-- Nothing would close them any more.
update public.case_file set state = 'closed', closed_at = clock_timestamp(), resolution = 'Kept no longer: read the flow itself.'
where kind = 'stopped' and state = 'open';
