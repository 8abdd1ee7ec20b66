package dev.tokentally.it.customer.pace;

import jakarta.enterprise.context.ApplicationScoped;

/** This model is in an archive that lists the decorator. */
@Recorded
@ApplicationScoped
public class RecordedModel extends PacedModel {}
