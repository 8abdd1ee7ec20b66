package dev.tokentally.web.key;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The address of a client")
class ClientAddressTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "192.0.2.7, 192.0.2.7",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1:2::/64",
        "2001:db8:1:2:ffff:ffff:ffff:ffff, 2001:db8:1:2::/64",
        "2001:0DB8:0001:0002::1, 2001:db8:1:2::/64",
        "2001:db8:1:3::1, 2001:db8:1:3::/64",
        "::1, 0:0:0:0::/64",
        "0:0:0:0:0:0:0:1, 0:0:0:0::/64",
        "[2001:db8:1:2::1], 2001:db8:1:2::/64",
        "fe80::1%eth0, fe80:0:0:0::/64",
        "[fe80::1%2], fe80:0:0:0::/64",
        "::ffff:192.0.2.7, 192.0.2.7",
        "2001:db8:1:2::192.0.2.7, 2001:db8:1:2::/64",
    })
    @DisplayName("counts by itself, or by its first 64 bits if it is an IPv6 address")
    void counted(String address, String counted) {
        assertThat(ClientAddress.of(address)).isEqualTo(new ClientAddress(address, counted));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unknown", "a.name.invalid", ":", "1:2", "::g", "1::2::3", "::1%", "[::1", "[]", "%"})
    @DisplayName("may be any text that the server takes from a header, and is never looked up as a name")
    void anything(String address) {
        assertThat(ClientAddress.of(address).shown()).isEqualTo(address);
        assertThat(ClientAddress.of(address).counted()).isIn(address, "0:0:0:0::/64");
    }

    @Test
    @DisplayName("becomes one line of bounded length, whatever the header holds, and may be missing")
    void bounded() {
        assertThat(ClientAddress.of("1\n2" + "x".repeat(10_000)).shown())
                .startsWith("1 2x")
                .hasSizeLessThan(250);
        assertThat(ClientAddress.of("1\n2" + "x".repeat(10_000)).counted()).hasSizeLessThan(250);
        assertThat(ClientAddress.of(null)).isEqualTo(new ClientAddress("unknown", "unknown"));
    }
}
