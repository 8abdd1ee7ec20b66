/** What every test on a real server needs: the server of this run, its log, its data sources and a PostgreSQL. */
package dev.tokentally.it;
