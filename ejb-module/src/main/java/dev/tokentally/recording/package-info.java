/** What makes a record arrive in the store, without the caller ever noticing. */
package dev.tokentally.recording;
