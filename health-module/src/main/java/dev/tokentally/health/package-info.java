/** The health check of recording: in a library of its own, which the EJB module sees but which does not see it. */
package dev.tokentally.health;
