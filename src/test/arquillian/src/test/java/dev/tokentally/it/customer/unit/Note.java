package dev.tokentally.it.customer.unit;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** What the customer keeps in a persistence unit of its own. */
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
