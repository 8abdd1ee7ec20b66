package dev.tokentally.it.smoke;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The root of the smoke application's resources. */
@ApplicationPath("/api")
public class SmokeApplication extends Application {}
