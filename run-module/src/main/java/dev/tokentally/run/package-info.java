/** The run command: Payara Micro with the WAR, on this machine alone, with its data kept between runs. */
package dev.tokentally.run;
