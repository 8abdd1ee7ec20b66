package dev.tokentally.tracking;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Recognises failures of a call for which there was no connection. So the provider was not asked, and charges nothing. */
public final class NeverConnected {

    private static final List<Class<? extends Exception>> TYPES = List.of(
            ConnectException.class,
            NoRouteToHostException.class,
            SSLHandshakeException.class,
            SSLPeerUnverifiedException.class,
            UnknownHostException.class,
            UnresolvedAddressException.class);

    /**
     * The ends of the names of exceptions for a connection that was not made in time, or that a client's pool did not give in time.
     * Java, Netty and Apache's clients have such classes. The libraries need not be here.
     */
    private static final List<String> NAMES = List.of("ConnectTimeoutException", "ConnectionRequestTimeoutException");

    /** The message with which a socket of Java's says that it was not connected in time. It has no class for that. */
    private static final String NOT_IN_TIME = "connect timed out";

    private NeverConnected() {}

    /**
     * Whether an exception says so itself. Look at its causes, too.
     *
     * @param thrown one exception of a chain; not null
     * @return whether there was no connection
     */
    public static boolean says(Throwable thrown) {
        return TYPES.stream().anyMatch(type -> type.isInstance(thrown))
                || NAMES.stream().anyMatch(end -> MaybeBilled.hasName(thrown.getClass(), end))
                || thrown instanceof SocketTimeoutException && NOT_IN_TIME.equalsIgnoreCase(thrown.getMessage());
    }
}
