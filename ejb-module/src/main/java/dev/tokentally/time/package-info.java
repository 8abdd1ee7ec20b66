/** The time that passes, and how long to wait before something is tried again. */
package dev.tokentally.time;
