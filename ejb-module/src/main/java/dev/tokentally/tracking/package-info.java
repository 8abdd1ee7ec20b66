/** Where a call passes: the decorator that times it, classifies how it ended and hands the record over. */
package dev.tokentally.tracking;
