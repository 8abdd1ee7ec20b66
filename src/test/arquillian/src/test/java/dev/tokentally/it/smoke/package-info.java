/** Whether the suite's own ground holds: a trivial application on each server, nothing of the product. */
package dev.tokentally.it.smoke;
