package dev.tokentally.web.key;

import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.TYPE;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import jakarta.ws.rs.NameBinding;
import java.lang.annotation.Retention;
import java.lang.annotation.Target;

/** Marks resources that concern all tenants, or the server. {@link AdminFilter} lets only admins use them. */
@NameBinding
@Retention(RUNTIME)
@Target({TYPE, METHOD})
public @interface AdminOnly {}
