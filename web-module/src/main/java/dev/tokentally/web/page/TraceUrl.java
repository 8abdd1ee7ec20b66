package dev.tokentally.web.page;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.Config;

/**
 * The pattern of the page's links to a call's trace.
 *
 * @param template an http or https URL with {@code {trace_id}} after its host
 */
record TraceUrl(String template) {

    private static final String TRACE_ID = "{trace_id}";
    private static final Set<String> SCHEMES = Set.of("http", "https");

    private static final int LARGEST_PORT = 65_535;

    /** An example of a trace id, to check whether the template gives a URL. */
    private static final String AN_ID = "0aF7651916cd43dd8448eb211c80319c";

    /**
     * Reads the configured pattern.
     *
     * @return the pattern; empty if none is configured
     * @throws InvalidSettingException when it is not allowed; the message names the key, and shows no user and password
     */
    static Optional<TraceUrl> in(Config config) {
        String value = Setting.TRACE_URL.in(config);
        if (value == null) {
            return Optional.empty();
        }
        if (!isAllowed(value)) {
            throw new InvalidSettingException(
                    Setting.TRACE_URL.key(),
                    value.contains("@") ? "(not shown, as it may have a user and a password)" : value,
                    Setting.TRACE_URL.allowed());
        }
        return Optional.of(new TraceUrl(value));
    }

    private static boolean isAllowed(String template) {
        try {
            URI url = new URI(template.replace(TRACE_ID, AN_ID));
            String authority = url.getRawAuthority();
            return url.getScheme() != null
                    && SCHEMES.contains(url.getScheme().toLowerCase(Locale.ROOT))
                    && isHost(authority)
                    && template.startsWith(url.getScheme() + "://" + authority)
                    && template.contains(TRACE_ID);
        } catch (URISyntaxException noUrl) {
            return false;
        }
    }

    /** The host is found by its form. Java accepts no host with an underscore, but names of containers have underscores. */
    private static boolean isHost(String authority) {
        return authority != null
                && authority.matches("([\\p{L}\\p{N}._-]+|\\[[0-9A-Fa-f:.]+\\])(:[1-9][0-9]{0,4})?")
                && port(authority) <= LARGEST_PORT;
    }

    private static int port(String authority) {
        String port = authority.substring(authority.lastIndexOf(':') + 1);
        return authority.endsWith("]") || port.equals(authority) ? 0 : Integer.parseInt(port);
    }
}
