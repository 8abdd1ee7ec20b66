/** Every configuration key in one place, with its default and its unit. */
package dev.tokentally.config;
