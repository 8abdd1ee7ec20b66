/** Tests the suite itself: a trivial application on each server, without the product. */
package dev.tokentally.it.smoke;
