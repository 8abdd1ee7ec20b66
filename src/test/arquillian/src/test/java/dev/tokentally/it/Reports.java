package dev.tokentally.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reports of the product over HTTP, the same for every store. */
abstract class Reports {

    static final String APP = "reports";

    /** A name that would do something if the page did not treat it as text. */
    static final String MARKUP = "<img src=x onerror=alert(1)>";

    static final String HEADER = "id,call_id,tenant_id,operation,timestamp,call_duration_ms,model,input_tokens,"
            + "output_tokens,cost_usd,status,error_class,cost_source\n";

    private static final Duration ROLLUPS_ARE_MADE = Duration.ofSeconds(60);

    private static final Comparator<String> CODE_POINTS =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8));

    private static final String TWO_TAGS = "{\"note\":\"x\",\"team\":\"b\\\"\"}";

    static final List<String> OWN_REPORTS = List.of(
            "/usage",
            "/usage/by?dimension=operation,model",
            "/usage/by-model",
            "/usage/series?bucket=month",
            "/usage/calls");
    private static final List<String> REPORTS_OF_ALL = List.of(
            "/usage/all/by-tenant",
            "/usage/all/by-operation",
            "/usage/all/by-model",
            "/usage/all/by?dimension=tenant,operation",
            "/usage/all/series?bucket=month",
            "/usage/all/calls");

    static Archive<?> productOn(DataSources store) {
        return productOn(store, tenants(), Map.of());
    }

    /** The configuration with a key for each of these tenants and one for the admin. */
    static Archive<?> productOn(DataSources store, Stream<String> tenants, Map<String, String> more) {
        Map<String, String> config = new HashMap<>(more);
        config.put("tokentally.datasource", store.jndiName());
        config.put(
                "tokentally.api-keys",
                Stream.concat(tenants.map(tenant -> entry(tenant, "tenant")), Stream.of(entry("the admin", "admin")))
                        .collect(Collectors.joining(",")));
        // The ordinal is above that of the system property with which the tests' servers start.
        config.put("config_ordinal", "500");
        return Product.loadable(APP, config);
    }

    static Stream<String> tenants() {
        return Stream.concat(
                        Corpus.ofThisRun().cases().stream()
                                .filter(question -> question.containsKey("tenant"))
                                .map(question -> question.getString("tenant")),
                        Stream.of("ours", "theirs", MARKUP))
                .distinct();
    }

    private static String entry(String tenant, String role) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(key(tenant).getBytes(UTF_8));
            return tenant.replace("\\", "\\\\").replace(",", "\\,") + ":" + role + ":"
                    + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes a key of letters and digits, whatever the tenant's name is. */
    static String key(String tenant) {
        return "key-" + HexFormat.of().formatHex(tenant.getBytes(UTF_8));
    }

    @OnOneServer
    @Test
    @DisplayName("answer every question of the corpus as expected, and Java gets the same figures")
    void corpus() {
        Corpus corpus = Corpus.ofThisRun();
        load(corpus.calls());
        answerAsItSays(corpus);
        for (String tenant : tenants().toList()) {
            String series = "series?bucket=month&group=model";
            assertThat(json("the admin", "/usage/all/" + series + "&tenant=" + URLEncoder.encode(tenant, UTF_8)))
                    .isEqualTo(json(tenant, "/usage/" + series));
            JsonObject calls = json(tenant, "/usage").getJsonObject("llm_call_stats");
            assertThat(Http.get("/" + APP + "/loader", "tenant", tenant))
                    .isEqualTo(calls.getInt("total_calls") + " "
                            + calls.getJsonNumber("total_cost_usd")
                                    .bigDecimalValue()
                                    .stripTrailingZeros()
                                    .toPlainString());
        }
        assertThat(corpus.cases()).isNotEmpty();
    }

    @OnOneServer
    @Test
    @DisplayName("answer every question of the corpus as expected, from rollups that cover all of it")
    void corpusFromRollups() throws InterruptedException {
        Corpus corpus = Corpus.ofThisRun();
        load(corpus.calls());
        long start = System.nanoTime();
        JsonObject rollups;
        do {
            TimeUnit.MILLISECONDS.sleep(200);
            rollups = json("the admin", "/recording").getJsonObject("rollups");
        } while ((rollups.getInt("behind_seconds") > 0 || rollups.getInt("dirty") > 0)
                && System.nanoTime() - start < ROLLUPS_ARE_MADE.toNanos());
        assertThat(rollups.toString()).isEqualTo("{\"behind_seconds\":0,\"dirty\":0}");
        answerAsItSays(corpus);
    }

    private static void answerAsItSays(Corpus corpus) {
        for (JsonObject question : corpus.cases()) {
            boolean own = question.getString("report").equals("tenant");
            String path = own ? "/usage" : "/usage/all/" + question.getString("report");
            String tenant = own ? question.getString("tenant") : "the admin";

            JsonObject answer = json(tenant, path + window(question));

            Corpus.compare(question.getString("name"), answer, corpus.expected(question));
            Corpus.compare(
                    question.getString("name") + " by dimensions", byDimensions(question), corpus.expected(question));
            if (!own) {
                addUp(window(question).substring(1));
            }
        }
    }

    /** Gets the same answer by dimensions, and compares it in the field names of the report itself. */
    private static JsonObject byDimensions(JsonObject question) {
        String window = window(question).replace('?', '&');
        switch (question.getString("report")) {
            case "tenant" -> {
                String tenant = question.getString("tenant");
                JsonObject answer = json(tenant, "/usage/by?dimension=operation" + window);
                assertThat(json(
                                "the admin",
                                "/usage/all/by?dimension=operation&tenant=" + URLEncoder.encode(tenant, UTF_8)
                                        + window))
                        .isEqualTo(answer);
                JsonObject block = block(answer.getJsonObject("total"), List.of("tenant_id"));
                return Json.createObjectBuilder(block)
                        .add("from", answer.get("from"))
                        .add("to", answer.get("to"))
                        .add("tenant_id", tenant)
                        .add("operations", blocks(answer, List.of("operation")))
                        .build();
            }
            case "by-tenant" -> {
                return report(
                        json("the admin", "/usage/all/by?dimension=tenant,operation" + window),
                        List.of("tenant_id", "operation"),
                        Comparator.comparing(block -> block.getString("tenant_id"), CODE_POINTS));
            }
            case "by-operation" -> {
                return report(
                        json("the admin", "/usage/all/by?dimension=operation,tenant" + window),
                        List.of("operation", "tenant_id"),
                        (a, b) -> 0);
            }
            default -> throw new IllegalArgumentException(question.toString());
        }
    }

    private static JsonObject report(JsonObject answer, List<String> names, Comparator<JsonObject> order) {
        return Json.createObjectBuilder()
                .add("from", answer.get("from"))
                .add("to", answer.get("to"))
                .add(
                        plural(names.get(0)),
                        Json.createArrayBuilder(blocks(answer, names).getValuesAs(JsonObject.class).stream()
                                .sorted(order)
                                .toList()))
                .add("total", block(answer.getJsonObject("total"), names))
                .build();
    }

    private static JsonArray blocks(JsonObject of, List<String> names) {
        JsonArrayBuilder blocks = Json.createArrayBuilder();
        of.getJsonArray("groups").getValuesAs(JsonObject.class).forEach(group -> blocks.add(block(group, names)));
        return blocks.build();
    }

    private static JsonObject block(JsonObject group, List<String> names) {
        JsonObjectBuilder block =
                Json.createObjectBuilder(group).remove("value").remove("groups");
        block.add(names.get(0), group.get("value"));
        if (names.size() > 1) {
            block.add(plural(names.get(1)), blocks(group, names.subList(1, names.size())));
        }
        return block.build();
    }

    private static String plural(String name) {
        return name.replace("_id", "") + "s";
    }

    /** The groups by any dimension, and by any two, with the total. */
    private static void addUp(String window) {
        List<String> dimensions = List.of("tenant", "operation", "model", "requested_model", "user", "tag.team");
        for (String first : dimensions) {
            for (String second : dimensions) {
                String asked = first.equals(second) ? first : first + "," + second;
                JsonObject answer = json("the admin", "/usage/all/by?dimension=" + asked + "&" + window);
                assertThat(answer.getJsonArray("dimensions").getValuesAs(JsonString.class))
                        .extracting(JsonString::getString)
                        .containsExactly(asked.split(","));
                addUp(asked, answer.getJsonArray("groups"), answer.getJsonObject("total"));
                for (JsonObject group : answer.getJsonArray("groups").getValuesAs(JsonObject.class)) {
                    if (first.equals(second)) {
                        assertThat(group.getJsonArray("groups")).isEmpty();
                    } else {
                        addUp(asked, group.getJsonArray("groups"), group);
                    }
                }
            }
        }
    }

    private static void addUp(String as, JsonArray parts, JsonObject whole) {
        List<JsonObject> calls = parts.getValuesAs(JsonObject.class).stream()
                .map(part -> part.getJsonObject("llm_call_stats"))
                .toList();
        JsonObject all = whole.getJsonObject("llm_call_stats");
        for (String name : List.of("total_calls", "failed_calls", "total_cost_usd")) {
            assertThat(sum(calls, name)).as(as + " " + name).isEqualByComparingTo(value(all, name));
        }
        for (String name : List.of("input_tokens", "output_tokens", "call_duration")) {
            assertThat(sum(calls.stream().map(each -> each.getJsonObject(name)).toList(), "total"))
                    .as(as + " " + name)
                    .isEqualByComparingTo(value(all.getJsonObject(name), "total"));
        }
    }

    @OnOneServer
    @Test
    @DisplayName("by any dimension have the right groups, and every report accepts each dimension as a filter")
    void dimensions() {
        StringBuilder rows = new StringBuilder(HEADER.strip())
                .append(",provider,kind,requested_model,user_id,session_id,environment,tags\n");
        List<List<String>> calls = List.of(
                List.of("ours", "chat", "m1", "0.1", "openai", "chat", "m", "anna", "s1", "live", "{\"team\":\"a\"}"),
                List.of("ours", "chat", "m1", "0.2", "azure", "chat", "", "anna", "s2", "", ""),
                List.of("ours", "search", "e1", "0.4", "openai", "embedding", "", "=b,\"c", "", "test", TWO_TAGS),
                List.of("ours", "search", "", "0.8", "", "embedding", "m", "", "", "", "{\"teams\":\"a\"}"),
                List.of(
                        "theirs",
                        "chat",
                        "m1",
                        "7777.25",
                        "openai",
                        "chat",
                        "m",
                        "anna",
                        "s1",
                        "live",
                        "{\"team\":\"a\"}"));
        for (List<String> call : calls) {
            rows.append(row(
                            UUID.randomUUID(),
                            UUID.randomUUID().toString(),
                            call.get(0),
                            call.get(1),
                            "2026-05-01T00:00:00Z",
                            call.get(2),
                            call.get(3),
                            "ok",
                            "")
                    .strip());
            call.subList(4, call.size()).forEach(cell -> rows.append(",\"")
                    .append(cell.replace("\"", "\"\""))
                    .append('"'));
            rows.append('\n');
        }
        load(rows.toString());

        assertThat(costs(json("ours", "/usage/by?dimension=provider,kind")))
                .containsExactly("null=0.8 embedding=0.8", "openai=0.5 embedding=0.4 chat=0.1", "azure=0.2 chat=0.2");
        assertThat(costs(json("the admin", "/usage/all/by?dimension=kind,tenant&provider=openai")))
                .containsExactly("chat=7777.35 theirs=7777.25 ours=0.1", "embedding=0.4 ours=0.4");
        assertThat(costs(json("ours", "/usage/by?dimension=user,session")))
                .containsExactly("null=0.8 null=0.8", "=b,\"c=0.4 null=0.4", "anna=0.3 s2=0.2 s1=0.1");
        assertThat(costs(json("ours", "/usage/by?dimension=tag.team"))).containsExactly("null=1", "b\"=0.4", "a=0.1");
        assertThat(costs(json("ours", "/usage/by?dimension=requested_model,environment")))
                .containsExactly("m=0.9 null=0.8 live=0.1", "e1=0.4 test=0.4", "m1=0.2 null=0.2");
        assertThat(json("ours", "/usage/series?bucket=day&group=tag.team").toString())
                .contains("\"tag\":null", "\"tag\":\"a\"");
        for (String filter : List.of(
                "user=anna 0.3",
                "user=%3Db%2C%22c 0.4",
                "user= 0.8",
                "user=anna&session=s1&environment=live 0.1",
                "session= 1.2",
                "environment= 1",
                "requested_model=m 0.9",
                "requested_model=m1 0.2",
                "tag.team=a 0.1",
                "tag.team=b%22 0.4",
                "tag.team=b%22&tag.note=x 0.4",
                "tag.team= 1",
                "tag.none=a 0",
                "operation=chat 0.3",
                "model=e1 0.4",
                "model= 0.8",
                "provider=azure 0.2",
                "provider= 0.8",
                "kind=embedding 1.2",
                "kind=embedding&provider=openai 0.4",
                "kind=chat&model=m1&operation=chat&provider=openai 0.1",
                "provider=nobody%27s 0")) {
            String query = filter.split(" ")[0];
            BigDecimal cost = new BigDecimal(filter.split(" ")[1]);
            for (String path : OWN_REPORTS) {
                if (path.equals("/usage/calls")) {
                    assertThat(sum(
                                    json("ours", path + "?" + query)
                                            .getJsonArray("calls")
                                            .getValuesAs(JsonObject.class),
                                    "cost_usd"))
                            .as(filter)
                            .isEqualByComparingTo(cost);
                    continue;
                }
                String asked = path + (path.contains("?") ? "&" : "?") + query;
                JsonObject own = json("ours", asked);
                assertThat(value(own.containsKey("total") ? own.getJsonObject("total") : own, "total_cost_usd"))
                        .as(asked)
                        .isEqualByComparingTo(cost);
                if (!path.equals("/usage")) {
                    assertThat(json("the admin", asked.replace("/usage", "/usage/all") + "&tenant=ours"))
                            .isEqualTo(own);
                }
            }
            for (String path : List.of("/usage/all/by-tenant", "/usage/all/by-operation")) {
                assertThat(value(
                                json("the admin", path + "?tenant=ours&" + query)
                                        .getJsonObject("total"),
                                "total_cost_usd"))
                        .as(path + filter)
                        .isEqualByComparingTo(cost);
            }
        }
    }

    /** Each group with its cost, and the groups within it. */
    private static List<String> costs(JsonObject report) {
        return report.getJsonArray("groups").getValuesAs(JsonObject.class).stream()
                .map(group -> Stream.concat(
                                Stream.of(group), group.getJsonArray("groups").getValuesAs(JsonObject.class).stream())
                        .map(each -> each.getString("value", null) + "="
                                + value(each, "total_cost_usd")
                                        .stripTrailingZeros()
                                        .toPlainString())
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    private static String window(JsonObject question) {
        return Stream.of("from", "to")
                .filter(end -> !question.isNull(end))
                .map(end -> end + "=" + URLEncoder.encode(question.getString(end), UTF_8))
                .collect(Collectors.joining("&", "?", ""));
    }

    @OnOnePayara
    @Test
    @DisplayName("by model have the same counts as other reports, and unpriced calls beside all figures")
    void byModel() {
        String call = UUID.randomUUID().toString();
        load(HEADER
                + row(UUID.randomUUID(), call, "ours", "chat", "2026-05-01T00:00:00Z", "m1", "0.1", "ok", "none")
                + row(UUID.randomUUID(), call, "ours", "chat", "2026-05-01T00:00:01Z", "m2", "0.3", "ok", "")
                + row(UUID.randomUUID(), call, "ours", "chat", "2026-05-01T00:00:02Z", "m2", "0", "error", "none"));

        for (JsonObject answer : List.of(json("ours", "/usage/by-model"), json("the admin", "/usage/all/by-model"))) {
            assertThat(answer.getJsonArray("models").getValuesAs(JsonObject.class))
                    .extracting(
                            model -> model.getString("model"),
                            model -> model.getInt("total_calls"),
                            model -> model.getInt("unpriced_calls"),
                            model -> model.getJsonObject("llm_call_stats").getInt("total_calls"),
                            model -> model.getJsonObject("llm_call_stats").getInt("failed_calls"),
                            model -> model.getJsonNumber("total_cost_usd").bigDecimalValue())
                    .containsExactly(
                            tuple("m2", 1, 0, 2, 1, new BigDecimal("0.3")),
                            tuple("m1", 1, 1, 1, 0, new BigDecimal("0.1")));
            JsonObject total = answer.getJsonObject("total");
            assertThat(total.get("model")).isEqualTo(JsonValue.NULL);
            assertThat(total.getInt("total_calls")).isOne();
            assertThat(total.getInt("unpriced_calls")).isOne();
            JsonObject uncertain = total.getJsonObject("uncertain_calls");
            assertThat(uncertain.keySet()).containsExactly("unpriced", "partial", "maybe_billed");
            assertThat(uncertain.getInt("unpriced")).isOne();
            assertThat(total.getJsonNumber("total_cost_usd").bigDecimalValue()).isEqualTo("0.4");
        }
    }

    static BigDecimal sum(List<JsonObject> parts, String name) {
        return parts.stream().map(part -> value(part, name)).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    static BigDecimal value(JsonObject figures, String name) {
        return figures.getJsonNumber(name).bigDecimalValue();
    }

    @OnOneServer
    @Test
    @DisplayName("show single calls once each, page by page and as CSV that a spreadsheet does not run")
    void calls() throws IOException {
        StringBuilder rows = new StringBuilder(HEADER);
        List<String> models = List.of("=1+1", "a, \"quoted\" one", "＋1", "plain");
        for (int i = 0; i < 4500; i++) {
            // Ten calls start in the same microsecond, so that pages end between them.
            rows.append(row(
                    UUID.randomUUID(),
                    UUID.randomUUID().toString(),
                    i % 2 == 0 ? "ours" : "theirs",
                    "chat",
                    Instant.parse("2026-05-01T00:00:00.123456Z")
                            .plusSeconds(i / 10)
                            .toString(),
                    models.get(i % models.size()),
                    "0.0000001",
                    "ok",
                    ""));
        }
        load(rows.toString());

        List<String> paged = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            JsonObject page = json("ours", "/usage/calls?limit=998" + cursor);
            page.getJsonArray("calls").getValuesAs(JsonObject.class).forEach(call -> paged.add(call.getString("id")));
            cursor = page.isNull("next_cursor") ? null : "&cursor=" + page.getString("next_cursor");
        }
        List<NamedCsvRecord> own = csv(send("ours", "/usage/calls", "Accept", "text/csv"));
        assertThat(own).extracting(call -> call.getField("id")).isEqualTo(paged);
        assertThat(new TreeSet<>(paged)).hasSize(2250);
        assertThat(own).extracting(call -> call.getField("started_at")).isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(own).extracting(call -> call.getField("tenant_id")).containsOnly("ours");
        assertThat(own.stream().map(call -> call.getField("model")).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder("'=1+1", "'＋1");
        assertThat(own.get(0).getField("cost_usd")).isEqualTo("0.0000001");
        assertThat(csv(send("the admin", "/usage/all/calls", "Accept", "text/csv")))
                .hasSize(4500)
                .extracting(call -> call.getField("model"))
                .contains("a, \"quoted\" one", "plain");
        assertThat(csv(send("the admin", "/usage/all/calls?tenant=theirs&limit=2001", "Accept", "text/csv")))
                .hasSize(2001);
        assertThat(json("the admin", "/usage/all/calls?limit=4500").getJsonArray("calls"))
                .hasSize(4500);
        assertThat(json("the admin", "/usage/all/calls?model=plain&status=ok&limit=5000")
                        .getJsonArray("calls"))
                .hasSize(1125);
        assertThat(json("ours", "/usage/calls").getJsonArray("calls")).hasSize(20);
        assertThat(send("ours", "/usage/calls", "Accept", "*/*").headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
        assertThat(send("ours", "/usage/calls", "Accept", "text/html").statusCode())
                .isEqualTo(406);
    }

    private static List<NamedCsvRecord> csv(HttpResponse<String> answer) throws IOException {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/csv"));
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        try (CsvReader<NamedCsvRecord> rows = CsvReader.builder().ofNamedCsvRecord(answer.body())) {
            return rows.stream().toList();
        }
    }

    /** No number of names or values is a multiple of it, so all of them occur if one of so many hostile questions is asked. */
    static final int SOME = 11;

    /** One server asks all hostile questions, and the others one of so many. */
    int hostileQuestionsForOne() {
        return RunsOn.Condition.isOn(Set.of(TestServer.WILDFLY), true) ? 1 : SOME;
    }

    @Test
    @DisplayName("show a tenant nothing of another tenant, whatever the tenant asks")
    void isolation() {
        UUID theirId = UUID.randomUUID();
        String theirCall = UUID.randomUUID().toString();
        load(HEADER
                + row(
                        UUID.randomUUID(),
                        UUID.randomUUID().toString(),
                        "ours",
                        "chat",
                        "2026-05-01T00:00:00Z",
                        "m",
                        "1",
                        "ok",
                        "")
                + row(
                        theirId,
                        theirCall,
                        "theirs",
                        "their-operation",
                        "2026-05-01T00:00:01Z",
                        "their-model",
                        "7777.25",
                        "ok",
                        "")
                + row(
                        UUID.randomUUID(),
                        theirCall,
                        "theirs",
                        "their-operation",
                        "2026-04-01T00:00:01Z",
                        "their-model",
                        "7777.25",
                        "ok",
                        ""));
        String theirCursor = json("theirs", "/usage/calls?limit=1").getString("next_cursor");
        List<String> secrets =
                List.of("their-operation", "their-model", "7777", "15554", theirId.toString(), theirCall);
        List<String> hostile = List.of(
                "theirs",
                theirCall,
                theirId.toString(),
                theirCursor,
                "' or '1'='1",
                "ours' or tenant_id='theirs",
                "ours'; delete from llm_calls; --",
                "ours\" or 1=1 --",
                "%",
                "ours%",
                "*",
                "ｔｈｅｉｒｓ",
                "t\u0068eirs",
                "ours\u0000theirs",
                "ours\ntheirs",
                "\u202etheirs",
                "ours,theirs",
                "null",
                "",
                "2026-05-01T00:00:00Z",
                "tenant",
                "hour",
                "text/csv",
                "1000000");
        List<String> names = List.of(
                "from",
                "to",
                "tenant",
                "tenant_id",
                "operation",
                "model",
                "status",
                "call_id",
                "cursor",
                "limit",
                "bucket",
                "zone",
                "group",
                "dimension",
                "provider",
                "kind",
                "user",
                "session",
                "environment",
                "requested_model",
                "tag.team",
                "id",
                "X-Tenant");
        int answered = 0;
        int asked = 0;
        for (String path :
                Stream.concat(OWN_REPORTS.stream(), REPORTS_OF_ALL.stream()).toList()) {
            String start = path + (path.contains("?") ? "&" : "?");
            boolean isOwn = OWN_REPORTS.contains(path);
            for (String name : names) {
                for (String value : hostile) {
                    // Reports of all tenants are refused before anything reads the parameters.
                    int every = isOwn || value.equals("theirs") ? hostileQuestionsForOne() : SOME;
                    String parameter = name + "=" + URLEncoder.encode(value, UTF_8);
                    for (String query :
                            List.of(parameter, parameter + "&" + name + "=ours", name + "=ours&" + parameter)) {
                        if (asked++ % every != 0) {
                            continue;
                        }
                        HttpResponse<String> answer = send("ours", start + query);
                        answered += answer.statusCode() == 200 ? 1 : 0;
                        assertThat(answer.statusCode()).as(start + query).isIn(200, 403, 422);
                        assertThat(answer.body()).as(start + query).doesNotContain(secrets);
                    }
                }
            }
        }
        for (String path : List.of(
                "/usage/all%2Fby-tenant",
                "/usage/ALL/by-tenant",
                "/usage/all/../all/by-tenant",
                "/usage/./all/by-tenant",
                "/usage//all//by-tenant",
                "//usage/all/by-tenant",
                "/usage;tenant=theirs",
                "/usage;tenant=theirs/calls",
                "/usage/all;x=y/by-tenant",
                "/usage/all/by-tenant;x=y",
                "/usage/calls/" + theirId,
                "/usage/calls?%74enant=theirs",
                "/usage/calls?call_id=" + theirCall + "%00",
                "/usage/calls?operation=%C0%A7%20or%201=1",
                "/usage/calls?operation=%ED%A0%80",
                "/usage/calls?tenant[]=theirs",
                "/usage?from=%ff")) {
            HttpResponse<String> answer = send("ours", path, "X-Tenant", "theirs", "X-HTTP-Method-Override", "POST");
            assertThat(answer.statusCode()).as(path).isIn(200, 400, 403, 404, 422);
            assertThat(answer.body()).as(path).doesNotContain(secrets);
        }
        assertThat(answered).as("questions that were answered").isGreaterThan(20);
        assertThat(json("the admin", "/usage/all/by-tenant").toString()).contains("their-operation", "15554.5");
    }

    @Test
    @DisplayName("can be filtered by every name that is recorded, also one in which characters were replaced")
    void replacedCharacters() {
        List<String> models = List.of("a\ufffdb\ufffd", "a\nb\tc", "\u007f\u2028");
        StringBuilder rows = new StringBuilder(HEADER);
        models.forEach(model -> rows.append(row(
                UUID.randomUUID(),
                UUID.randomUUID().toString(),
                "ours",
                "chat",
                "2026-05-01T00:00:00Z",
                model,
                "1",
                "ok",
                "")));
        load(rows.toString());

        for (String model : models) {
            String filter = "model=" + URLEncoder.encode(model, UTF_8);
            assertThat(json("ours", "/usage/calls?" + filter)
                            .getJsonArray("calls")
                            .getValuesAs(JsonObject.class))
                    .singleElement()
                    .satisfies(call -> assertThat(call.getString("model")).isEqualTo(model));
            assertThat(json("ours", "/usage?" + filter).getInt("total_calls")).isOne();
            assertThat(json("the admin", "/usage/all/series?bucket=day&" + filter)
                            .getJsonObject("total")
                            .getInt("total_calls"))
                    .isOne();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("are refused for a wrong parameter, and the answer names it")
    @CsvSource({
        "/usage?from=yesterday, from",
        "/usage?from=2026-01-01T00:00:00, from",
        "/usage?from=2026-01-01T00:00:00+01:00, %2B",
        "/usage?to=2026-01-01, to",
        "/usage?from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z, to must be after from",
        "/usage?form=2026-01-02T00:00:00Z, form",
        "/usage/by-model?limit=1, limit",
        "/usage/series, bucket",
        "/usage/series?bucket=week, bucket",
        "/usage/series?bucket=day&zone=Mars, zone",
        "/usage/series?bucket=day&group=tenant, group",
        "/usage/series?bucket=day&tenant=theirs, tenant",
        "/usage/series?bucket=hour&from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z, 10000 buckets",
        "/usage/series?bucket=hour&from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z, 10000 buckets",
        "/usage/by, dimension is missing",
        "/usage/by?dimension=, dimension",
        "/usage/by?dimension=colour, dimension",
        "/usage/by?dimension=tenant, dimension",
        "'/usage/by?dimension=model,', dimension",
        "'/usage/by?dimension=model,colour', dimension",
        "'/usage/by?dimension=model,model', dimension",
        "'/usage/by?dimension=model,provider,kind', dimension",
        "/usage/by?dimension=model&dimension=kind, dimension",
        "/usage/by?dimension=tag., dimension",
        "/usage/by?dimension=tag.a%22b, dimension",
        "'/usage/by?dimension=tag.a,user,session', dimension",
        "/usage/by?dimension=user_id, dimension",
        "/usage/by-model?user_id=anna, user_id",
        "/usage?tag.=x, tag.",
        "/usage?tag=x, tag",
        "/usage?tag.team=a&tag.team=b, tag.team",
        "/usage?user=a%00b, user",
        "/usage/by?dimension=model&tenant=theirs, tenant",
        "/usage/by?dimension=model&from=yesterday, from",
        "/usage/by?dimension=model&provider=a%00b, provider",
        "/usage?dimension=model, dimension",
        "/usage?tenant=theirs, tenant",
        "/usage?kind=, kind",
        "/usage/by-model?operation=, operation",
        "/usage/series?bucket=day&colour=red, colour",
        "/usage/calls?limit=0, limit",
        "/usage/calls?limit=1000001, limit",
        "/usage/calls?limit=1&limit=2, limit",
        "/usage/calls?cursor=AAAA, cursor",
        "/usage/calls?status=failed, status",
        "/usage/calls?call_id=1, call_id",
        "/usage/calls?operation=, operation",
        "/usage/calls?model=a%00b, model",
    })
    void badQuery(String path, String named) {
        HttpResponse<String> answer = send("ours", path);

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(answer.body())
                .contains("\"code\":\"validation_error\"", named)
                .doesNotContain("\tat ");
    }

    @Test
    @DisplayName("of all tenants are refused to a tenant, and every report is refused without a known key")
    void roles() {
        for (String path : REPORTS_OF_ALL) {
            assertThat(send("ours", path).statusCode()).as(path).isEqualTo(403);
            assertThat(send("ours", path, "Accept", "text/csv").statusCode())
                    .as(path)
                    .isIn(403, 406);
            assertThat(send("the admin", path).statusCode()).as(path).isEqualTo(200);
        }
        for (String path :
                Stream.concat(OWN_REPORTS.stream(), REPORTS_OF_ALL.stream()).toList()) {
            assertThat(send("nobody has this key", path).statusCode()).as(path).isEqualTo(401);
        }
        assertThat(send("ours", "/usage/all").statusCode()).isEqualTo(404);
    }

    @Test
    @DisplayName("are sent again only if they changed")
    void revalidation() {
        load(HEADER);
        for (String path : List.of("/usage", "/usage/by-model", "/usage/series?bucket=day")) {
            HttpResponse<String> first = send("ours", path);
            String tag = first.headers().firstValue("ETag").orElseThrow();
            assertThat(first.headers().allValues("Cache-Control")).containsExactly("private, no-cache");

            HttpResponse<String> same = send("ours", path, "If-None-Match", tag);

            assertThat(same.statusCode()).isEqualTo(304);
            assertThat(same.body()).isEmpty();
            assertThat(same.headers().firstValue("ETag")).hasValue(tag);
            assertThat(send("theirs", "/usage", "If-None-Match", tag).statusCode())
                    .isEqualTo(200);
        }
        String tag = send("ours", "/usage").headers().firstValue("ETag").orElseThrow();
        add(HEADER
                + row(
                        UUID.randomUUID(),
                        UUID.randomUUID().toString(),
                        "ours",
                        "chat",
                        "2026-05-01T00:00:00Z",
                        "m",
                        "1",
                        "ok",
                        ""));
        assertThat(send("ours", "/usage", "If-None-Match", tag).statusCode()).isEqualTo(200);
    }

    static void load(String calls) {
        assertThat(Http.send(HttpRequest.newBuilder(TestServer.current().uri("/" + APP + "/loader"))
                                .DELETE())
                        .statusCode())
                .isEqualTo(200);
        add(calls);
    }

    static void add(String calls) {
        assertThat(Http.send(HttpRequest.newBuilder(TestServer.current().uri("/" + APP + "/loader"))
                                .header("Content-Type", "text/csv;charset=UTF-8")
                                .POST(BodyPublishers.ofString(calls)))
                        .statusCode())
                .isEqualTo(200);
    }

    static String row(
            UUID id,
            String callId,
            String tenant,
            String operation,
            String startedAt,
            String model,
            String cost,
            String status,
            String costSource) {
        return Stream.of(
                        id.toString(),
                        callId,
                        tenant,
                        operation,
                        startedAt,
                        "100",
                        model,
                        "11",
                        "5",
                        cost,
                        status,
                        status.equals("ok") ? "" : "TimeoutException",
                        costSource)
                .map(cell -> "\"" + cell.replace("\"", "\"\"") + "\"")
                .collect(Collectors.joining(",", "", "\n"));
    }

    static JsonObject json(String tenant, String path) {
        HttpResponse<String> answer = send(tenant, path);
        assertThat(answer.statusCode()).as(path + " " + answer.body()).isEqualTo(200);
        return Corpus.json(answer.body()).asJsonObject();
    }

    static HttpResponse<String> send(String tenant, String path, String... headers) {
        HttpRequest.Builder request = request(tenant, path);
        return Http.send(headers.length == 0 ? request : request.headers(headers));
    }

    static HttpRequest.Builder request(String tenant, String path) {
        return HttpRequest.newBuilder(TestServer.current().uri("/" + APP + "/api/v1" + path))
                .header("Authorization", "Bearer " + key(tenant));
    }
}
