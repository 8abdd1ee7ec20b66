/** Every configuration key, once, with its default and its unit. */
package dev.tokentally.config;
