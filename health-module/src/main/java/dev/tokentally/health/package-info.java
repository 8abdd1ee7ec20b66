/**
 * The health check of recording. It is a library of its own: the EJB module sees it, but it does not see the EJB
 * module.
 */
package dev.tokentally.health;
