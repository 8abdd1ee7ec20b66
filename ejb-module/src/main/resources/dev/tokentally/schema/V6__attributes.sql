-- Which installation a call was made in. The same statement for H2 and PostgreSQL; it takes a moment on PostgreSQL.

alter table llm_calls add column environment varchar(64);
