package dev.tokentally.langchain4j.providers;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;

/** An event of one of Amazon's streams. It is binary and has lengths, headers and data, each with a checksum. */
final class AmazonEvent {

    private static final byte TEXT = 7;

    private AmazonEvent() {}

    static byte[] encode(String type, String json) {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        for (List<String> header : List.of(
                List.of(":message-type", "event"),
                List.of(":event-type", type),
                List.of(":content-type", "application/json"))) {
            headers.write(header.get(0).length());
            headers.writeBytes(header.get(0).getBytes(StandardCharsets.US_ASCII));
            headers.write(TEXT);
            headers.write(0);
            headers.write(header.get(1).length());
            headers.writeBytes(header.get(1).getBytes(StandardCharsets.US_ASCII));
        }
        byte[] data = json.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(event)) {
            out.writeInt(4 + 4 + 4 + headers.size() + data.length + 4);
            out.writeInt(headers.size());
            out.writeInt(checksum(event));
            out.write(headers.toByteArray());
            out.write(data);
            out.writeInt(checksum(event));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return event.toByteArray();
    }

    private static int checksum(ByteArrayOutputStream sofar) {
        CRC32 crc = new CRC32();
        crc.update(sofar.toByteArray());
        return (int) crc.getValue();
    }
}
