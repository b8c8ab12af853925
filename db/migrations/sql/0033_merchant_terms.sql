-- A merchant's limits and what counts against them on a day, in a direction. The merchant's row is locked first: the sum is a
-- statement of its own, which sees what those committed who had the lock before.
create function public.merchant_terms(
    p_account uuid, p_day date, p_direction text, p_not_taken text[],
    out per_transaction_limit bigint, out per_day_limit bigint, out taken bigint
) language plpgsql as $$
declare
    v_merchant uuid;
begin
    select merchant.id, merchant.per_transaction_limit, merchant.per_day_limit
    into v_merchant, merchant_terms.per_transaction_limit, merchant_terms.per_day_limit
    from public.merchant
    where merchant.id = (select account.merchant_id from public.ach_account as account where account.id = p_account)
    for no key update;
    select coalesce(sum(entry.amount), 0) into merchant_terms.taken
    from public.ach_transaction as entry
    where entry.merchant_id = v_merchant and entry.business_date = p_day and entry.direction = p_direction
        and entry.type <> 'VOID' and entry.ach_state <> all (p_not_taken);
end
$$;
