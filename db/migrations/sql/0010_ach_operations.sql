-- Refunds and voids: one writer per original debit, and never more given back than was taken.
--
-- SQLSTATE: BA001 not a debit that can be given back, BA002 voided already, BA003 refunded already,
-- BA004 another amount than the debit's, BA005 more than is left of the debit.

-- The tables stand since 0006, which makes them as they are now; a database that is older gets what is missing.
alter table public.ach_account
    add column if not exists prenote_direction varchar(10) not null default 'debit'
        constraint ck_ach_account_prenote_direction check (prenote_direction in ('debit', 'credit')),
    add column if not exists validator varchar(100),
    add column if not exists validation_reference varchar(200);
alter table public.merchant drop constraint if exists ck_merchant_verification_policy;
alter table public.merchant add constraint ck_merchant_verification_policy
    check (verification_policy in ('prenote_wait', 'gateway_accept', 'external'));
create index if not exists ix_ach_transaction_parent on public.ach_transaction (parent_transaction_id);
create unique index if not exists uq_ach_transaction_one_void on public.ach_transaction (parent_transaction_id)
    where type = 'VOID' and ach_state not in ('declined', 'not_found', 'canceled');

-- A child that has failed, or a refund that came back, takes nothing of its debit.
create function public.ach_counts(p_state text) returns boolean language sql immutable as $$
    select p_state not in ('declined', 'not_found', 'canceled', 'returned')
$$;

create function public.ach_child_guard() returns trigger language plpgsql as $$
declare
    v_parent public.ach_transaction;
    v_refunded bigint;
    v_voided boolean;
begin
    if tg_op = 'UPDATE' then
        if (new.amount, new.currency, new.type, new.direction, new.parent_transaction_id, new.merchant_id)
            is distinct from
            (old.amount, old.currency, old.type, old.direction, old.parent_transaction_id, old.merchant_id) then
            raise exception 'what an entry is does not change' using errcode = 'BA001';
        end if;
        if public.ach_counts(old.ach_state) then
            return new;
        end if;
    end if;
    if new.type = 'DEBIT' or not public.ach_counts(new.ach_state) then
        return new;
    end if;
    select * into v_parent from public.ach_transaction where id = new.parent_transaction_id for update;
    if not found or v_parent.type <> 'DEBIT' or v_parent.direction <> 'debit'
        or (v_parent.organization_id, v_parent.merchant_id, v_parent.account_id, v_parent.currency)
            is distinct from (new.organization_id, new.merchant_id, new.account_id, new.currency)
        or v_parent.ach_state not in ('accepted', 'originated', 'settled') then
        raise exception 'not a debit that can be given back' using errcode = 'BA001';
    end if;
    select coalesce(sum(amount) filter (where type = 'REFUND'), 0), coalesce(bool_or(type = 'VOID'), false)
    into v_refunded, v_voided from public.ach_transaction
    where parent_transaction_id = v_parent.id and id <> new.id and public.ach_counts(ach_state);
    if v_voided then
        raise exception 'the debit is voided already' using errcode = 'BA002';
    elsif new.type = 'VOID' and v_refunded > 0 then
        raise exception 'the debit is refunded already' using errcode = 'BA003';
    elsif new.type = 'VOID' and new.amount <> v_parent.amount then
        raise exception 'a void has the amount of its debit' using errcode = 'BA004';
    elsif new.type = 'REFUND' and v_refunded + new.amount > v_parent.amount then
        raise exception 'more than is left of the debit' using errcode = 'BA005';
    end if;
    return new;
end
$$;
create trigger ach_child_guard before insert or update on public.ach_transaction
    for each row execute function public.ach_child_guard();

-- Whether a return of an entry is stored and not processed: nobody gives money back that is coming back by itself.
-- Whose an event is shows only when it is processed, hence as owner; all it tells is yes or no.
create function public.ach_return_waits(p_guid text, p_tran_nbr text) returns boolean
    language sql stable security definer set search_path = pg_catalog, public as $$
    select exists (select from public.inbox_event where source = 'epx' and kind = 'return'
        and state in ('stored', 'waiting') and (subject = p_guid or reference = p_tran_nbr))
$$;
revoke all on function public.ach_return_waits(text, text) from public;
grant execute on function public.ach_return_waits(text, text) to bursar_app, bursar_system;
