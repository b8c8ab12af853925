-- Many rows in every growing table, of the organization that bursar.organization_id names. They refer to nothing:
-- triggers and foreign keys sleep.
begin;
set local session_replication_role = replica;
create temporary view given as
    select current_setting('bursar.organization_id')::uuid as organization, i from generate_series(1, 20000) as i;

insert into ledger.account (organization_id, code, currency, normal, floor, mode)
select organization, 'family:' || i || ':wallet:main', 'USD', 'credit', 0, 'checked' from given;
insert into ledger.balance (account_id, organization_id, currency, floor, posted)
select id, organization_id, currency, floor, 1000000 from ledger.account where code like 'family:%';
insert into ledger.transaction (id, organization_id, key, request_hash, operation, kind, description, effective_date,
    recorded_at, xid)
select uuidv7(), organization, 'loaded/' || i, '', 'post', 'load', '', '2026-01-01', clock_timestamp(), i::text::xid8
from given;
-- one account that every second transaction touches, and many quiet ones
insert into ledger.entry (transaction_id, n, effective_date, debit_account, credit_account, amount, recorded_at, xid,
    organization_id, currency, layer)
select t.id, 1, t.effective_date, a.first + case when t.i % 2 = 0 then 0 else t.i end, a.first + t.i - 1, 1,
    t.recorded_at, t.xid, t.organization_id, 'USD', 'posted'
from (select *, xid::text::bigint as i from ledger.transaction) as t, (select min(id) as first from ledger.account) as a
where t.i between 2 and 19999;
insert into ledger.hold (id, organization_id, owner_kind, owner_id, currency, amount, posted, state)
select id, organization_id, 'reservation', uuidv7(), 'USD', 1, 1, 'posted' from ledger.transaction;
insert into audit.entry (at, xid, organization_id, actor, action, subject_kind, subject_id, detail, digest)
select clock_timestamp(), i::text::xid8, organization, 'load', 'load', 'load', i::text, '{}', '' from given;
insert into money_call (id, organization_id, flow, flow_id, step, ordinal, rail, operation, strategy, rail_reference,
    amount, currency, state, request, request_hash, settled_at)
select uuidv7(), organization, 'load', uuidv7(), 'pay', 1, 'epx', 'CKC2', 'query', 'loaded/' || i, 1, 'USD', 'applied',
    '', '', clock_timestamp()
from given;
insert into money_call_send (money_call_id, fencing_token, organization_id, rail_reference, send_deadline)
select id, 1, organization_id, rail_reference, clock_timestamp() from money_call;
insert into outgoing_event (id, organization_id, type, subject_kind, subject_id, payload)
select uuidv7(), organization, 'load', 'load', i::text, '{}' from given;
insert into case_file (id, organization_id, kind, subject_kind, subject_id, summary, evidence, state, closed_at)
select uuidv7(), organization, 'load', 'load', i::text, '', '[]', 'closed', clock_timestamp() from given;

drop view given;
commit;
vacuum analyze;
