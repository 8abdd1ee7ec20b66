package dev.tokentally.it.customer.web;

import jakarta.enterprise.context.RequestScoped;
import java.util.UUID;

/** Distinguishes one request from another. */
@RequestScoped
public class RequestMark {

    private final UUID id = UUID.randomUUID();

    public UUID id() {
        return id;
    }
}
