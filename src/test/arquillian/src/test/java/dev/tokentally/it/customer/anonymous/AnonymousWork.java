package dev.tokentally.it.customer.anonymous;

import dev.tokentally.scope.LlmOperation;
import jakarta.enterprise.context.ApplicationScoped;

/** A service that lets the module find the tenant. */
@ApplicationScoped
@LlmOperation("anonymous")
public class AnonymousWork {

    public String annotated() {
        return "entered";
    }
}
