package dev.tokentally.it.customer.pace.plain;

import dev.tokentally.it.customer.pace.PacedModel;
import jakarta.enterprise.context.ApplicationScoped;

/** This model is in an archive that does not list the decorator. */
@Unrecorded
@ApplicationScoped
public class UnrecordedModel extends PacedModel {}
