package dev.tokentally.it.customer.web;

import dev.tokentally.scope.CallIdFilter;
import jakarta.servlet.annotation.WebFilter;

/** The line that gives the customer's requests their call id. */
@WebFilter("/api/*")
public class CallIds extends CallIdFilter {}
