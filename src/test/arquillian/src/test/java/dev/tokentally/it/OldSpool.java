package dev.tokentally.it;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Records in a spool as release 0.1 left them: docs/spool-format.md, version 1. */
final class OldSpool {

    private static final int VERSION = 1;
    private static final int MARKER = 0x7F54_4B0A;
    private static final int NO_TEXT = 0xFFFF;

    private OldSpool() {}

    /**
     * Adds a deployment's directory that nobody uses to the spool of an application.
     *
     * @param spools the directory of all spools; it has a directory of the application
     * @param records how many records
     * @param tenant returns the tenant of a call
     * @return the calls' ids
     */
    static List<UUID> add(Path spools, String application, int records, Function<UUID, String> tenant)
            throws IOException {
        Path spool;
        try (Stream<Path> folders = Files.walk(spools)) {
            spool = folders.filter(folder -> folder.getFileName().toString().equals(application)
                            && Files.isDirectory(folder.resolve("1")))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no spool of " + application + " below " + spools));
        }
        List<UUID> calls = Stream.generate(UUID::randomUUID).limit(records).toList();
        try (Stream<Path> slots = Files.list(spool)) {
            Path slot = Files.createDirectory(spool.resolve(Long.toString(slots.count() + 100)));
            Files.write(slot.resolve("0000000000000000001.spool"), segment(calls, tenant));
        }
        return calls;
    }

    private static byte[] segment(List<UUID> calls, Function<UUID, String> tenant) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] header = ByteBuffer.allocate(12)
                .put("TOKENTLY".getBytes(StandardCharsets.US_ASCII))
                .putInt(VERSION)
                .array();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(header);
        out.writeInt(checksum(header));
        for (UUID call : calls) {
            byte[] payload = payload(call, tenant.apply(call));
            byte[] checked = ByteBuffer.allocate(Integer.BYTES + payload.length)
                    .putInt(payload.length)
                    .put(payload)
                    .array();
            out.writeInt(MARKER);
            out.writeInt(payload.length);
            out.writeInt(checksum(checked));
            out.write(payload);
        }
        return bytes.toByteArray();
    }

    private static byte[] payload(UUID call, String tenant) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (UUID id : List.of(UUID.randomUUID(), call)) {
            out.writeLong(id.getMostSignificantBits());
            out.writeLong(id.getLeastSignificantBits());
        }
        // Each text here is ASCII, so its UTF-8 equals Java's modified UTF-8.
        out.writeUTF(tenant);
        out.writeUTF("chat");
        out.writeLong(Instant.now().getEpochSecond());
        out.writeInt(0);
        long duration = 1_000;
        long noFirstToken = -1;
        out.writeLong(duration);
        out.writeLong(noFirstToken);
        out.writeUTF("openai");
        out.writeUTF("gpt-4o");
        for (int tokens : new int[] {10, 20, 0, 0, 0}) {
            out.writeInt(tokens);
        }
        out.writeUTF("0.0010000000");
        out.writeUTF("provider");
        out.writeUTF("ok");
        out.writeShort(NO_TEXT);
        return bytes.toByteArray();
    }

    private static int checksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return (int) checksum.getValue();
    }
}
