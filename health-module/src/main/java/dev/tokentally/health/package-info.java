/**
 * The health check of recording. It is a library of its own: the EJB module sees it, but it does not see the EJB
 * module. {@link dev.tokentally.health.RecordingReport} is what the EJB module tells it about recording.
 */
package dev.tokentally.health;
