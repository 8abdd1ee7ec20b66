/** The decorator that each call passes. It measures the call, finds out how the call ended and hands over the record. */
package dev.tokentally.tracking;
