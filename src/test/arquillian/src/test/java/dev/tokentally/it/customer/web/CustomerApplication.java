package dev.tokentally.it.customer.web;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The root of the customer's resources. */
@ApplicationPath("/api")
public class CustomerApplication extends Application {}
