package dev.tokentally.it.customer.unit;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** The entity of the customer's own persistence unit. */
@Entity
public class Note {

    @Id
    private String text;

    /** For JPA. */
    protected Note() {}

    Note(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
