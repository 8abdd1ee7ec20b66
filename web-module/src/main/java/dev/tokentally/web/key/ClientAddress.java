package dev.tokentally.web.key;

import dev.tokentally.text.OneLine;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Where a request comes from, as the server says.
 *
 * @param shown the address, safe to quote
 * @param counted the address under which its failures are counted: for IPv6 the first 64 bits, since a single Internet connection
 *     may use all addresses that begin with them
 */
record ClientAddress(String shown, String counted) {

    /** Only numeric addresses are given to the resolver, since it would ask the DNS for a name. */
    private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");

    private static final int PREFIX_BYTES = 8;

    /** A server that takes the address from a proxy's header may take anything for one, or nothing. */
    static ClientAddress of(String remoteAddress) {
        String shown = OneLine.of(remoteAddress == null ? "unknown" : remoteAddress);
        return new ClientAddress(shown, counted(shown));
    }

    private static String counted(String address) {
        String bare =
                address.startsWith("[") && address.endsWith("]") ? address.substring(1, address.length() - 1) : address;
        int zone = bare.indexOf('%');
        String literal = zone < 0 ? bare : bare.substring(0, zone);
        if (!IPV6.matcher(literal).matches()) {
            return address;
        }
        try {
            InetAddress parsed = InetAddress.getByName(literal);
            // An IPv4 address in the form of IPv6 (::ffff:192.0.2.1) becomes an IPv4 address.
            return parsed instanceof Inet6Address ? prefix(parsed.getAddress()) : parsed.getHostAddress();
        } catch (UnknownHostException notAnAddress) {
            return address;
        }
    }

    private static String prefix(byte[] address) {
        StringBuilder prefix = new StringBuilder();
        for (int i = 0; i < PREFIX_BYTES; i += 2) {
            int group = (address[i] & 0xFF) << 8 | address[i + 1] & 0xFF;
            prefix.append(Integer.toHexString(group)).append(':');
        }
        return prefix.append(":/64").toString();
    }
}
