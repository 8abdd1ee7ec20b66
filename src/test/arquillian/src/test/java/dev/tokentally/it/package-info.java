/** The tests on real servers, and what they share: the server of this run, its log, its data sources and a PostgreSQL. */
package dev.tokentally.it;
