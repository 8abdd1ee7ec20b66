-- For PostgreSQL alone, by hand where tokentally.schema.migrate is false, while records are written: looks whether the rows that were there
-- before V4 keep the rule that it brought.

alter table llm_calls validate constraint llm_calls_cost_source;
