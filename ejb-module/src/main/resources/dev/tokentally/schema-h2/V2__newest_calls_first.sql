-- For H2 alone. It reads an index in the index's own direction only, so that a page of the newest calls cost it a look at all
-- older ones. PostgreSQL reads an index backwards, and would fill one in this direction by halves.

drop index llm_calls_tenant_started;
drop index llm_calls_started;
create index llm_calls_tenant_started on llm_calls (tenant_id, started_at desc, id desc);
create index llm_calls_started on llm_calls (started_at desc, id desc);
