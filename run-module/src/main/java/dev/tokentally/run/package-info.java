/** The run command: it starts Payara Micro with the WAR for this machine alone, and keeps the data between runs. */
package dev.tokentally.run;
