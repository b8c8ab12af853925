-- A customer is told when a debit under an authorization comes back: a notice of its own kind, one per debit, as a receipt is.

alter table public.ach_notice drop constraint ck_ach_notice_kind;
alter table public.ach_notice add constraint ck_ach_notice_kind
    check (kind in ('copy', 'charge', 'amount_changed', 'date_changed', 'receipt', 'returned', 'statement'));
alter table public.ach_notice drop constraint ck_ach_notice_receipt_of_debit;
alter table public.ach_notice add constraint ck_ach_notice_receipt_of_debit
    check ((kind in ('receipt', 'returned')) = (transaction_id is not null));
