package dev.tokentally.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

@OnOneServer
@EnabledIf(value = "dev.tokentally.it.Browser#isInstalled", disabledReason = Browser.MISSING)
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The dashboard in a real browser")
class DashboardIT {

    private static final String ADMIN = "the admin";
    private static final String TENANT = "acme";

    /** A week of the corpus that also has calls before it and after it. */
    private static final String WEEK = "&window=custom&from=2026-03-11&to=2026-03-18&zone=UTC";

    private static final String WEEK_QUERY = "?from=2026-03-11T00:00:00Z&to=2026-03-18T00:00:00Z";
    private static final String WEEK_BEFORE_QUERY = "?from=2026-03-04T00:00:00Z&to=2026-03-11T00:00:00Z";

    private static Browser browser;
    private static Dashboard page;
    /** The rows after the corpus was loaded. */
    private static Object loaded;

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        return Reports.productOn(DataSources.POSTGRES);
    }

    @BeforeAll
    static void openBrowser() throws IOException {
        browser = new Browser();
        page = new Dashboard(
                browser, TestServer.current().uri("/" + Reports.APP + "/").toString());
    }

    @AfterAll
    static void closeBrowser() {
        browser.close();
    }

    @BeforeEach
    void corpus() {
        page.forget();
        browser.width(Dashboard.WIDE);
        browser.scheme("light");
        // Most tests only read.
        if (!rows().equals(loaded)) {
            Reports.load(Corpus.ofThisRun().calls());
            loaded = rows();
        }
    }

    /** The number of rows, and a checksum of all their columns. */
    private static Object rows() {
        return Postgres.started().query("select count(*), sum(hashtext(calls::text)) as hash from llm_calls calls");
    }

    @AfterEach
    void withoutComplaints() {
        assertThat(browser.complaints())
                .as("on the console, where the browser tells what the page's policy forbids")
                .isEmpty();
    }

    @Test
    @DisplayName("weighs less than 200 kB, all of it from its own server")
    void sizeOfTheFiles() {
        page.open("");

        List<?> files = (List<?>) page.run("""
                return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
                  .map(({ name }) => name)""");
        assertThat(files.stream().map(String::valueOf))
                .hasSizeGreaterThan(10)
                .allMatch(file -> file.startsWith(uri("/").toString()));
        assertThat(files.stream()
                        .map(file -> Http.send(HttpRequest.newBuilder(URI.create((String) file))))
                        .mapToInt(answer -> answer.body().getBytes(UTF_8).length)
                        .sum())
                .isBetween(50_000, 200_000);
    }

    private static URI uri(String path) {
        return TestServer.current().uri("/" + Reports.APP + path);
    }

    @Test
    @DisplayName("lets nobody in with a wrong key, and keeps a right key in the tab only and never in the address")
    void signIn() {
        page.open("#view=overview&window=all&zone=UTC");

        page.signIn("no-such-key");
        page.await("return document.querySelector('[role=alert]:not([hidden])') !== null");

        assertThat(page.text(".sign-in [role=alert]")).contains("not known here");
        assertThat(page.run("return sessionStorage.length + localStorage.length"))
                .isEqualTo(0L);
        page.signIn("schlüssel ☃");
        page.await("return document.querySelector('.sign-in [role=alert]').textContent.includes('no key has')");

        page.changing(() -> page.signIn(Reports.key(TENANT)));

        assertThat(page.heading()).isEqualTo("Overview");
        assertThat(page.text("#who")).isEqualTo("Tenant");
        assertThat(page.run("return location.href + document.cookie + JSON.stringify(localStorage)"))
                .asString()
                .doesNotContain(Reports.key(TENANT));
        page.changing(() -> browser.driver().navigate().refresh());
        assertThat(page.heading()).isEqualTo("Overview");
        triesAgainToSignIn();
        signsInOnce();
        page.changing(() -> page.click("#sign-out"));
        assertThat(page.run("return sessionStorage.length")).isEqualTo(0L);
        assertThat(page.has(".sign-in")).isTrue();
    }

    /** The first request of a page that has a key gets no answer. */
    private static void triesAgainToSignIn() {
        Runnable reachable = browser.inNextPages("""
                const real = window.fetch;
                window.fetch = () => {
                  window.fetch = real;
                  return Promise.reject(new TypeError('no network'));
                };
                """);
        try {
            page.changing(() -> browser.driver().navigate().refresh());
            assertThat(page.text(".failed h2")).isEqualTo("The server does not answer");
            assertThat(page.text(".failed p")).contains("tries again every few seconds");
            page.await("return document.querySelector('h1')?.textContent === 'Overview'");
        } finally {
            reachable.run();
        }
    }

    /** The first request of a page that has a key is answered after its user has left the view and signed out. */
    private static void signsInOnce() {
        String key = (String) page.run("return sessionStorage.getItem('tokentally.key')");
        Runnable prompt = browser.inNextPages("""
                const real = window.fetch;
                window.fetch = (url, options) => {
                  window.fetch = real;
                  return new Promise((resolve) => {
                    // The answer may be on its way when the page no longer waits for it.
                    window.answer = () => resolve(real(url, { ...options, signal: undefined }));
                  });
                };
                """);
        try {
            browser.driver().navigate().refresh();
            page.await("return window.answer !== undefined");
            page.run("location.hash = '#view=overview&window=all&zone=UTC&metric=calls'");
            page.await("return document.querySelector('h1')?.textContent === 'Overview'");
            page.changing(() -> page.click("#sign-out"));
            page.runAsync("window.answer(); setTimeout(arguments[0], 1000)");

            assertThat(page.run("return sessionStorage.length")).isEqualTo(0L);
            assertThat(page.has(".sign-in")).isTrue();
        } finally {
            prompt.run();
        }
        Object typed = page.runAsync("""
                const done = arguments[0];
                document.querySelector('#key').value = 'half a k';
                window.addEventListener('hashchange', () => setTimeout(() => done(document.querySelector('#key').value)));
                location.hash = '#view=calls&window=all&zone=UTC';
                """);
        assertThat(typed).isEqualTo("half a k");
        page.changing(() -> page.signIn(key));
        assertThat(page.heading()).isEqualTo("Single calls");
    }

    @Test
    @DisplayName("shows an admin the API's figures of all time, and of a week next to those of the week before")
    void figuresForAnAdmin() {
        for (String group : List.of("tenant", "operation", "model")) {
            page.show("#window=all&zone=UTC&group=" + group, Reports.key(ADMIN));
            tiles(json(ADMIN, "/usage/all/by-tenant").getJsonObject("total"), null);
            chart(json(ADMIN, "/usage/all/series?bucket=day&group=" + group), group);
        }
        for (String kind : List.of("tenant", "operation", "model")) {
            table(kind, json(ADMIN, "/usage/all/by-" + kind), null);
        }
        page.show("#" + WEEK.substring(1), Reports.key(ADMIN));
        tiles(
                json(ADMIN, "/usage/all/by-tenant" + WEEK_QUERY).getJsonObject("total"),
                json(ADMIN, "/usage/all/by-tenant" + WEEK_BEFORE_QUERY).getJsonObject("total"));
        for (String kind : List.of("tenant", "operation", "model")) {
            table(
                    kind,
                    json(ADMIN, "/usage/all/by-" + kind + WEEK_QUERY),
                    json(ADMIN, "/usage/all/by-" + kind + WEEK_BEFORE_QUERY));
        }
        assertThat(page.text(".summary")).startsWith("Spend ");
        JsonObject recording = json(ADMIN, "/recording");
        for (String name : List.of("waiting", "rejected", "dropped", "without_scope", "damaged")) {
            page.figure("#recording ." + name)
                    .is(name, recording.getJsonNumber(name).bigDecimalValue());
        }
    }

    @Test
    @DisplayName("shows an admin every application and node, and says in words which one is missing and since when")
    void nodes() {
        Postgres postgres = withoutNodesOfOtherTests();
        postgres.execute("""
                insert into tokentally_nodes (id, application, node, last_seen, stopped, mode, circuit, waiting, oldest, rejected,
                       dropped, without_scope, retries_asked, retries_done)
                select gen_random_uuid(), '<b>shop</b>', node, now() - age, stopped, 'sync', 'closed', 12, null, 0, 0, 0, 0, 0
                  from (values ('web-1', interval '1 hour', false), ('web-2', interval '1 second', false),
                               ('web-3', interval '1 second', true)) as nodes (node, age, stopped)""");

        page.show("#window=all&zone=UTC", Reports.key(ADMIN));
        page.await("return document.querySelector('#alarms').textContent.includes('missing')");

        assertThat(page.text("#alarms")).contains("nodes is missing: <b>shop</b> on web-1, since ");
        assertThat(page.text("#nodes .hint")).endsWith("alive, 1 missing");
        assertThat(page.text("#nodes tbody"))
                .contains("missing since ", "web-2")
                .doesNotContain("web-3");
        assertThat(page.count("#nodes tbody strong")).isOne();
        assertThat(page.runAsync("""
                const [status, done] = arguments;
                import('./assets/recording.js').then(({ panel }) => {
                  const late = panel({ ...JSON.parse(status), rollups: { behind_seconds: 1234, dirty: 5 } }, 'UTC');
                  done(late.querySelector('.rollups dd').textContent);
                }).catch((failure) => done(String(failure)));
                """, json(ADMIN, "/recording").toString()))
                .isEqualTo("1,234 s behind, 5 changed intervals");
        withoutMarkup();
        assertThat(browser.accessibilityFindings()).isEmpty();
        browser.width(Dashboard.NARROW);
        assertThat(page.run("return document.documentElement.scrollWidth")).isEqualTo((long) Dashboard.NARROW);
        page.show("#window=all&zone=UTC", Reports.key(TENANT));
        assertThat(page.has("#nodes")).isFalse();
        withoutNodesOfOtherTests();
    }

    /** The page shows nodes that were killed as missing for a week. */
    private static Postgres withoutNodesOfOtherTests() {
        Postgres postgres = Postgres.started();
        postgres.execute("delete from tokentally_nodes");
        return postgres;
    }

    @Test
    @DisplayName("shows a tenant the API's figures of its calls, and an admin who selects the tenant the same figures")
    void figuresOfATenant() {
        for (String tenant : List.of(TENANT, "Zürich-Hilfe", "o'brien & sons")) {
            for (String who : List.of(tenant, ADMIN)) {
                page.show("#" + WEEK.substring(1) + "&tenant=" + URLEncoder.encode(tenant, UTF_8), Reports.key(who));
                JsonObject now = json(tenant, "/usage" + WEEK_QUERY);
                JsonObject before = json(tenant, "/usage" + WEEK_BEFORE_QUERY);
                tiles(now, before);
                table("operation", now, before);
                table(
                        "model",
                        json(tenant, "/usage/by-model" + WEEK_QUERY),
                        json(tenant, "/usage/by-model" + WEEK_BEFORE_QUERY));
                chart(json(tenant, "/usage/series" + WEEK_QUERY + "&bucket=day&group=operation"), "operation");
                assertThat(page.has("#by-tenant")).isFalse();
                assertThat(page.has("#recording")).isEqualTo(who.equals(ADMIN));
            }
        }
    }

    private static void tiles(JsonObject block, JsonObject before) {
        JsonObject calls = block.getJsonObject("llm_call_stats");
        Map<String, BigDecimal> right = cells(block);
        page.figure(".tile.spend .value").is("spend", right.get("cost"));
        page.figure(".tile.calls .value").is("calls", right.get("calls"));
        page.figure(".tile.calls .invocations").is("invocations", value(block, "total_calls"));
        page.figure(".tile.failed .value").is("failed", right.get("failed"));
        page.figure(".tile.tokens .value").is("tokens", right.get("input").add(right.get("output")));
        page.figure(".tile.tokens .input").is("input", right.get("input"));
        page.figure(".tile.tokens .output").is("output", right.get("output"));
        page.figure(".tile.unpriced .value").is("unpriced", right.get("unpriced"));
        assertThat(page.text(".tile.failed .failure-rate"))
                .isEqualTo(percent(value(calls, "failed_calls"), value(calls, "total_calls")));
        assertThat(page.has(".tile .moved")).isEqualTo(before != null);
        if (before != null) {
            Map<String, BigDecimal> earlier = cells(before);
            page.figure(".tile.spend .moved").is("spend before", earlier.get("cost"));
            page.figure(".tile.calls .moved").is("calls before", earlier.get("calls"));
            page.figure(".tile.failed .moved").is("failed before", earlier.get("failed"));
            page.figure(".tile.tokens .moved")
                    .is("tokens before", earlier.get("input").add(earlier.get("output")));
        }
    }

    private static String percent(BigDecimal part, BigDecimal all) {
        return part.compareTo(all) == 0
                ? "100%"
                : String.format(Locale.ROOT, "%.1f%%", part.doubleValue() / all.doubleValue() * 100);
    }

    /** The cells by the names of the table's columns. */
    private static Map<String, BigDecimal> cells(JsonObject block) {
        JsonObject calls = block.getJsonObject("llm_call_stats");
        return Map.of(
                "cost", value(block, "total_cost_usd"),
                "calls", value(calls, "total_calls"),
                "failed", value(calls, "failed_calls"),
                "p95", value(calls.getJsonObject("call_duration"), "p95"),
                "input", value(calls.getJsonObject("input_tokens"), "total"),
                "output", value(calls.getJsonObject("output_tokens"), "total"),
                "unpriced", value(calls, "unpriced_calls"));
    }

    private static void table(String kind, JsonObject report, JsonObject before) {
        Map<String, Map<String, Object>> shown = new HashMap<>(page.table("#by-" + kind));
        Map<String, JsonObject> right = blocks(report, kind);
        Map<String, JsonObject> earlier = before == null ? Map.of() : blocks(before, kind);
        Map<String, Object> total = shown.remove("All");
        if (report.containsKey("total")) {
            assertRow(kind + " All", total, cells(report.getJsonObject("total")));
        } else {
            assertRow(kind + " All", total, cells(report));
        }
        List<String> names = Stream.concat(right.keySet().stream(), earlier.keySet().stream())
                .distinct()
                .toList();
        assertThat(shown.keySet()).as(kind).containsExactlyInAnyOrderElementsOf(names);
        assertThat(total.containsKey("change")).as(kind + " change").isEqualTo(before != null);
        right.forEach((name, block) -> assertRow(kind + " " + name, shown.get(name), cells(block)));
        if (before == null) {
            return;
        }
        for (String name : names) {
            BigDecimal difference = cost(right.get(name)).subtract(cost(earlier.get(name)));
            String change = (String) shown.get(name).get("change");
            switch (difference.signum()) {
                case 0 -> assertThat(change).as(name).isEqualTo("±0%");
                case 1 -> assertThat(change).as(name).startsWith("+$");
                default -> assertThat(change).as(name).startsWith("−$");
            }
            if (difference.signum() != 0) {
                String amount = change.split(" ")[0].substring(1);
                new Shown(difference.abs(), amount).is(name + " change", difference.abs());
            }
            if (!right.containsKey(name)) {
                ((Shown) shown.get(name).get("cost")).is(name, BigDecimal.ZERO);
            }
        }
    }

    private static BigDecimal cost(JsonObject block) {
        return block == null ? BigDecimal.ZERO : value(block, "total_cost_usd");
    }

    private static Map<String, JsonObject> blocks(JsonObject report, String kind) {
        Map<String, JsonObject> blocks = new HashMap<>();
        for (JsonObject block : report.getJsonArray(kind + "s").getValuesAs(JsonObject.class)) {
            String name = block.getString(kind.equals("tenant") ? "tenant_id" : kind);
            blocks.put(name.isEmpty() ? "(no model)" : name, block);
        }
        return blocks;
    }

    /** The row has each figure, except for the unpriced calls if there are none, and nothing else but a name and a change. */
    private static void assertRow(String what, Map<String, Object> row, Map<String, BigDecimal> right) {
        Set<String> columns = new HashSet<>(row.keySet());
        columns.removeAll(Set.of("name", "change"));
        if (right.get("unpriced").signum() == 0) {
            columns.add("unpriced");
        }
        assertThat(columns).as(what).isEqualTo(right.keySet());
        right.forEach((column, figure) -> {
            if (row.containsKey(column)) {
                assertThat(row.get(column)).as(what + " " + column).isInstanceOf(Shown.class);
                ((Shown) row.get(column)).is(what + " " + column, figure);
            }
        });
    }

    private static void chart(JsonObject series, String group) {
        List<JsonObject> buckets = series.getJsonArray("buckets").getValuesAs(JsonObject.class);
        List<List<Shown>> rows = page.chart();
        assertThat(rows).hasSameSizeAs(buckets);
        List<String> names = page.texts(".as-table thead th");
        String member = group.equals("tenant") ? "tenant_id" : group;
        for (int i = 0; i < rows.size(); i++) {
            String start = buckets.get(i).getString("start");
            List<Shown> row = rows.get(i);
            row.get(row.size() - 1).is(start, value(buckets.get(i), "total_cost_usd"));
            BigDecimal parts = BigDecimal.ZERO;
            for (int part = 0; part < row.size() - 1; part++) {
                parts = parts.add(row.get(part).value());
                String name = names.get(part + 1);
                for (JsonObject each : buckets.get(i).getJsonArray("groups").getValuesAs(JsonObject.class)) {
                    if (each.getString(member).equals(name)) {
                        row.get(part).is(start + " " + name, value(each, "total_cost_usd"));
                    }
                }
            }
            row.get(row.size() - 1).is(start + " parts", parts);
        }
        assertThat(page.count(".bucket")).isEqualTo(buckets.size());
    }

    private static BigDecimal value(JsonObject object, String name) {
        return object.getJsonNumber(name).bigDecimalValue();
    }

    private static JsonObject json(String tenant, String path) {
        return Reports.json(tenant, path);
    }

    @Test
    @DisplayName("sorts its tables by each column in both directions, and a link keeps the order")
    void sorting() {
        page.show("#window=all&zone=UTC", Reports.key(ADMIN));
        assertThat(page.texts("#by-operation th[aria-sort=descending]")).containsExactly("Spend");
        assertThat(column("cost")).isSortedAccordingTo((a, b) -> b.compareTo(a));

        page.click("#by-operation th.calls button");
        assertThat(column("calls")).isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(page.texts("#by-operation th[aria-sort=descending]")).containsExactly("Calls");
        page.click("#by-operation th.calls button");
        assertThat(column("calls")).isSorted();
        assertThat(page.texts("#by-operation th[aria-sort=ascending]")).containsExactly("Calls");
        page.click("#by-operation th.name button");
        assertThat(names()).isSorted();

        page.showAnew(page.hash(), Reports.key(ADMIN));
        assertThat(names()).isSorted().hasSizeGreaterThan(3);
        assertThat(page.texts("#by-operation th[aria-sort=ascending]")).containsExactly("Operation");
        assertThat(page.texts("#by-tenant th[aria-sort=descending]"))
                .as("the other table as it was")
                .containsExactly("Spend");
    }

    private static List<BigDecimal> column(String name) {
        return page.table("#by-operation").entrySet().stream()
                .filter(row -> !row.getKey().equals("All"))
                .map(row -> ((Shown) row.getValue().get(name)).value())
                .toList();
    }

    private static List<String> names() {
        return page.table("#by-operation").keySet().stream()
                .filter(name -> !name.equals("All"))
                .toList();
    }

    @Test
    @DisplayName("groups and filters by any dimension, and the address holds all of it")
    void dimensions() {
        String query = "?operation=summarize&kind=chat";
        for (String dimension : List.of("kind", "environment", "user", "tag.team")) {
            page.show(
                    "#window=all&zone=UTC&operation=summarize&kind=chat&by=" + dimension + "&group=" + dimension,
                    Reports.key(ADMIN));

            tiles(json(ADMIN, "/usage/all/by-tenant" + query).getJsonObject("total"), null);
            table("model", json(ADMIN, "/usage/all/by-model" + query), null);
            Map<String, Map<String, Object>> shown = page.table("#by-" + dimension.replace(".", "-"));
            JsonObject report = json(ADMIN, "/usage/all/by" + query + "&dimension=" + dimension);
            for (JsonObject group : report.getJsonArray("groups").getValuesAs(JsonObject.class)) {
                String name = group.getString("value", null);
                String none = "(no " + dimension.replace("_", " ").replace("tag.", "") + ")";
                assertRow(dimension, shown.get(name == null || name.isEmpty() ? none : name), cells(group));
            }
            assertThat(shown)
                    .hasSize(report.getJsonArray("groups").size()
                            + (report.getJsonArray("groups").size() > 1 ? 1 : 0));
            assertThat(page.texts(".chips strong")).containsExactly("summarize", "chat");
        }
        page.show("#window=all&zone=UTC&by=kind", Reports.key(ADMIN));
        page.changing(() -> page.clickLink("chat"));

        assertThat(page.texts(".chips strong")).containsExactly("chat");
        tiles(json(ADMIN, "/usage/all/by-tenant?kind=chat").getJsonObject("total"), null);
    }

    @Test
    @DisplayName("says that users are not recorded and shows no links to traces, if the configuration says so")
    void withoutUsersAndTraces() {
        String callId = UUID.randomUUID().toString();
        Reports.load(Reports.HEADER.strip() + ",user_id,session_id,trace_id\n"
                + String.format(
                        "%s,%s,ours,chat,2026-03-12T10:00:00Z,100,gpt-4o-mini,1000,5,0,ok,,none,,talk,"
                                + "0af7651916cd43dd8448eb211c80319c%n",
                        UUID.randomUUID(), callId));
        page.show("#view=users" + WEEK, Reports.key("ours"));

        assertThat(page.text("#users-off")).contains("Users are not recorded: tokentally.user is off");
        assertThat(page.text(".empty")).contains("No call here has a user");
        for (String view : List.of("calls", "session&session=talk", "invocation&call=" + callId)) {
            page.show("#view=" + view + WEEK, Reports.key("ours"));
            assertThat(page.count(".calls tbody tr")).isOne();
            assertThat(page.has("td.trace, a.trace")).isFalse();
        }
    }

    @Test
    @DisplayName("leads from a tenant to its operation, to single calls and to all calls of one invocation, and back")
    void drillDown() {
        page.show("#" + WEEK.substring(1), Reports.key(ADMIN));
        page.changing(() -> page.clickLink(TENANT));
        assertThat(page.heading()).isEqualTo(TENANT);

        page.changing(() -> page.clickLink("summarize"));

        String query = WEEK_QUERY + "&operation=summarize&limit=50";
        List<JsonObject> calls =
                json(TENANT, "/usage/calls" + query).getJsonArray("calls").getValuesAs(JsonObject.class);
        assertThat(page.heading()).isEqualTo("Single calls");
        assertThat(page.focused()).as("whoever does not see the page is told").isEqualTo("Single calls");
        assertThat(page.texts(".chips strong")).containsExactly(TENANT, "summarize");
        calls(calls);

        String callId = calls.stream()
                .map(call -> call.getString("call_id"))
                .filter(id -> calls.stream()
                                .filter(call -> call.getString("call_id").equals(id))
                                .count()
                        > 1)
                .findFirst()
                .orElseThrow();
        page.changing(() -> page.click("a[href*='" + callId + "']"));

        List<JsonObject> all = json(TENANT, "/usage/calls?call_id=" + callId)
                .getJsonArray("calls")
                .getValuesAs(JsonObject.class);
        List<JsonObject> inOrder = new ArrayList<>(all);
        Collections.reverse(inOrder);
        calls(inOrder);
        page.figure(".tiles .tile:nth-child(1)")
                .is("cost", all.stream().map(call -> value(call, "cost_usd")).reduce(BigDecimal.ZERO, BigDecimal::add));
        page.figure(".tiles .tile:nth-child(2)").is("calls", BigDecimal.valueOf(all.size()));
        page.figure(".tiles .tile:nth-child(3)")
                .is(
                        "failed",
                        BigDecimal.valueOf(all.stream()
                                .filter(call -> call.getString("status").equals("error"))
                                .count()));
        assertThat(page.count(".timeline li")).isEqualTo(all.size()).isGreaterThan(1);

        page.changing(() -> browser.driver().navigate().back());
        page.changing(() -> browser.driver().navigate().back());
        assertThat(page.heading()).isEqualTo(TENANT);
    }

    private static void calls(List<JsonObject> right) {
        assertThat(right).isNotEmpty();
        assertThat(page.run("return [...document.querySelectorAll('.calls tbody tr')].map((row) => row.dataset.id)"))
                .isEqualTo(right.stream().map(call -> call.getString("id")).toList());
        List<?> rows = (List<?>) page.run("""
                return [...document.querySelectorAll('.calls tbody tr')].map((row) =>
                  [...row.querySelectorAll('data')].map((data) => ({ value: data.value, text: data.textContent })))""");
        for (int i = 0; i < right.size(); i++) {
            List<Shown> shown = ((List<?>) rows.get(i))
                    .stream().map(each -> Shown.of((Map<?, ?>) each)).toList();
            List<String> names = List.of("call_duration_ms", "input_tokens", "output_tokens", "cost_usd");
            assertThat(shown).hasSameSizeAs(names);
            for (int column = 0; column < names.size(); column++) {
                shown.get(column).is(names.get(column), value(right.get(i), names.get(column)));
            }
        }
    }

    @Test
    @DisplayName(
            "shows more calls on demand, only those of one status on demand, and offers them as the API's CSV file")
    void singleCalls(@TempDir Path downloads) throws IOException, InterruptedException {
        page.show("#view=calls&window=all&zone=UTC", Reports.key(TENANT));
        assertThat(page.count(".calls tbody tr")).isEqualTo(50);

        page.click(".more button");
        page.await("return document.querySelectorAll('.calls tbody tr').length === 100");

        calls(json(TENANT, "/usage/calls?limit=100").getJsonArray("calls").getValuesAs(JsonObject.class));
        page.changing(() -> page.choose("call-status", "error"));
        calls(json(TENANT, "/usage/calls?limit=50&status=error")
                .getJsonArray("calls")
                .getValuesAs(JsonObject.class));
        browser.downloadTo(downloads);
        page.click(".heading button");
        Path file = downloads.resolve("llm-calls.csv");
        for (int i = 0; i < 200 && !Files.exists(file); i++) {
            Thread.sleep(50);
        }
        assertThat(file)
                .hasContent(Reports.send(TENANT, "/usage/calls?status=error", "Accept", "text/csv")
                        .body());
    }

    @Test
    @DisplayName("works by keyboard alone: one key skips the header, arrows move along the bars, Enter opens a bar")
    void keyboard() {
        page.show("#" + WEEK.substring(1), Reports.key(TENANT));
        page.changing(() -> browser.driver().navigate().refresh());
        page.press(Keys.TAB);
        assertThat(page.focused()).isEqualTo("Skip to the content");
        page.press(Keys.ENTER);
        assertThat(page.run("return document.activeElement.id")).isEqualTo("main");
        assertThat(page.hash()).as("the view stays").contains("from=2026-03-11");

        page.run("document.querySelector('.bucket[tabindex=\"0\"]').focus()");
        assertThat(page.focused()).startsWith("Tue, 17 Mar 2026: $");
        page.press(Keys.ARROW_LEFT);
        page.press(Keys.ARROW_LEFT);
        assertThat(page.focused()).startsWith("Sun, 15 Mar 2026: $");
        assertThat(page.has(".tooltip:not([hidden])")).isTrue();
        page.press(Keys.END);
        page.press(Keys.ESCAPE);
        assertThat(page.has(".tooltip:not([hidden])")).isFalse();
        page.changing(() -> page.press(Keys.ENTER));

        assertThat(page.hash()).contains("from=2026-03-17", "to=2026-03-18");
        assertThat(page.count(".bucket")).isEqualTo(24);
        tiles(
                json(TENANT, "/usage?from=2026-03-17T00:00:00Z&to=2026-03-18T00:00:00Z"),
                json(TENANT, "/usage?from=2026-03-16T00:00:00Z&to=2026-03-17T00:00:00Z"));
    }

    @Test
    @DisplayName("begins days at midnight of the chosen zone, even when the clocks change")
    void timeZone() {
        String day = "#window=custom&from=2026-03-29&to=2026-03-30";
        page.show(day + "&zone=Europe/Amsterdam", Reports.key(ADMIN));
        tiles(
                total("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
                total("2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"));
        assertThat(page.count(".bucket")).as("hours of that day").isEqualTo(23);

        page.changing(() -> page.choose("zone", "America/New_York"));

        tiles(
                total("2026-03-29T04:00:00Z", "2026-03-30T04:00:00Z"),
                total("2026-03-28T04:00:00Z", "2026-03-29T04:00:00Z"));
        assertThat(page.count(".bucket")).isEqualTo(24);
        assertThat(page.hash()).contains("zone=America%2FNew_York");
        page.changing(() -> page.clickLink("Single calls"));
        String first = json(ADMIN, "/usage/all/calls?limit=1&from=2026-03-29T04:00:00Z&to=2026-03-30T04:00:00Z")
                .getJsonArray("calls")
                .getJsonObject(0)
                .getString("started_at");
        int hour = Instant.parse(first).atZone(ZoneId.of("America/New_York")).getHour();
        assertThat(page.texts(".calls tbody time").get(0)).contains(String.format(", %02d:", hour), "GMT-4");
    }

    private static JsonObject total(String from, String to) {
        return json(ADMIN, "/usage/all/by-tenant?from=" + from + "&to=" + to).getJsonObject("total");
    }

    @Test
    @DisplayName("begins every day of every zone at the same instant as the server")
    void midnights() {
        page.openForScripts();
        List<LocalDate> days = new ArrayList<>();
        // The time zone data of Java and of the browser are not of the same age, so the test takes no time in the
        // future.
        for (LocalDate day = LocalDate.of(2023, 3, 1);
                day.isBefore(LocalDate.of(2023, 11, 30));
                day = day.plusDays(1)) {
            days.add(day);
        }
        // Many zones have the same days. One of them is enough.
        Map<List<Long>, String> zones = new LinkedHashMap<>();
        ZoneId.getAvailableZoneIds().stream()
                .filter(zone -> zone.matches("(Africa|America|Asia|Australia|Europe|Pacific)/.*"))
                .sorted()
                .forEach(zone -> zones.putIfAbsent(
                        days.stream()
                                .map(day -> day.atStartOfDay(ZoneId.of(zone))
                                        .toInstant()
                                        .toEpochMilli())
                                .toList(),
                        zone));
        List<?> wrong = (List<?>) page.runAsync(
                """
                const [zones, days, right, done] = arguments;
                import('./assets/time.js').then(({ instantOf, isZone }) => done(
                  zones.flatMap((zone, row) => !isZone(zone) ? [] : days
                    .filter((day, column) => instantOf(day, zone) !== right[row][column])
                    .map((day) => `${zone} ${day} ${instantOf(day, zone)}`))), (failure) => done([String(failure)]));
                """,
                List.copyOf(zones.values()),
                days.stream().map(LocalDate::toString).toList(),
                List.copyOf(zones.keySet()));
        assertThat(wrong).isEmpty();
        assertThat(zones).hasSizeGreaterThan(50);
    }

    @Test
    @DisplayName("compares a window that is not over yet with the same part of the window before")
    void windows() {
        page.openForScripts();
        Object windows = page.runAsync("""
                const done = arguments[arguments.length - 1];
                const now = Date.parse('2026-03-30T10:15:00Z');
                const zone = 'Europe/Amsterdam';
                const text = (instant) => instant === null ? null : new Date(instant).toISOString().slice(0, 16);
                import('./assets/time.js').then(({ PRESETS, windowOf }) => done(Object.fromEntries(
                  [...Object.keys(PRESETS), 'custom'].map((window) => {
                    const { from, to, before } = windowOf({ window, zone, from: '2026-03-01', to: '2026-04-01' }, now);
                    return [window, [from, to, before?.from ?? null, before?.to ?? null].map(text).join(' ')];
                  }))));
                """);
        assertThat(windows)
                .isEqualTo(Map.of(
                        "last-24-hours", "2026-03-29T11:00 2026-03-30T11:00 2026-03-28T11:00 2026-03-29T10:15",
                        "today", "2026-03-29T22:00 2026-03-30T22:00 2026-03-28T23:00 2026-03-29T10:15",
                        "yesterday", "2026-03-28T23:00 2026-03-29T22:00 2026-03-27T23:00 2026-03-28T23:00",
                        "last-7-days", "2026-03-23T23:00 2026-03-30T22:00 2026-03-16T23:00 2026-03-23T11:15",
                        "last-30-days", "2026-02-28T23:00 2026-03-30T22:00 2026-01-29T23:00 2026-02-28T11:15",
                        "this-month", "2026-02-28T23:00 2026-03-30T22:00 2026-01-31T23:00 2026-02-28T11:15",
                        "last-month", "2026-01-31T23:00 2026-02-28T23:00 2025-12-31T23:00 2026-01-31T23:00",
                        "this-year", "2025-12-31T23:00 2026-03-30T22:00 2024-12-31T23:00 2025-03-30T10:15",
                        "all", "   ",
                        "custom", "2026-02-28T23:00 2026-03-31T22:00 2026-01-31T23:00 2026-02-28T11:15"));
    }

    @Test
    @DisplayName("ends a long window before at a full quarter of an hour, which needs no calls besides the rollups")
    void quarters() {
        page.openForScripts();
        Object ends = page.runAsync("""
                const done = arguments[arguments.length - 1];
                const now = Date.parse('2026-03-30T10:22:33Z');
                import('./assets/time.js').then(({ windowOf }) => done(
                  ['last-24-hours', 'today', 'last-7-days', 'this-month', 'this-year']
                    .map((window) => windowOf({ window, zone: 'Asia/Kathmandu' }, now).before.to)
                    .map((instant) => new Date(instant).toISOString().slice(0, 19))
                    .join(' ')), (failure) => done(String(failure)));
                """);
        assertThat(ends)
                .isEqualTo("2026-03-29T10:22:33 2026-03-29T10:22:33 2026-03-23T10:15:00 2026-02-28T10:15:00"
                        + " 2025-03-30T10:15:00");
    }

    @ParameterizedTest(name = "{0} on {1}")
    @DisplayName("names whole days as days and compares them with whole days, also where the clocks change at midnight")
    @CsvSource(
            delimiter = '|',
            value = {
                "Africa/Cairo     | 2026-04-24 | 23 Apr 2026 against 22 Apr 2026",
                "Africa/Cairo     | 2026-04-25 | 24 Apr 2026 against 23 Apr 2026",
                "America/Santiago | 2026-09-06 | 5 Sept 2026 against 4 Sept 2026",
                "America/Santiago | 2026-09-07 | 6 Sept 2026 against 5 Sept 2026",
                "Asia/Beirut      | 2026-03-29 | 28 Mar 2026 against 27 Mar 2026",
                "America/Havana   | 2026-03-08 | 7 Mar 2026 against 6 Mar 2026",
                "America/Havana   | 2026-11-02 | 1 Nov 2026 against 31 Oct 2026",
                "America/New_York | 2026-03-09 | 8 Mar 2026 against 7 Mar 2026",
            })
    void yesterday(String zone, String today, String names) {
        page.openForScripts();

        assertThat(names(zone, today, "{ window: 'yesterday' }")).isEqualTo(names);
    }

    @Test
    @DisplayName("compares whole months with whole months and names other windows by their times")
    void otherWindows() {
        page.openForScripts();

        assertThat(names(
                        "America/Asuncion", "2024-01-01", "{ window: 'custom', from: '2023-10-01', to: '2023-11-01' }"))
                .as("the clocks skip the first midnight")
                .isEqualTo("1 Oct – 31 Oct 2023 against 1 Sept – 30 Sept 2023");
        String secondMidnight = "{ window: 'custom', from: '2026-11-01T05:00:00Z', to: '2026-11-02T05:00:00Z' }";
        assertThat(names("America/Havana", "2026-11-20", secondMidnight))
                .as("the second midnight of a day is not its start")
                .startsWith("1 Nov 2026, 00:00 – ");
        assertThat(names("UTC", "2026-11-20", "{ window: 'custom', from: '0050-03-01', to: '0050-04-01' }"))
                .as("in the years before 100")
                .isEqualTo("1 Mar – 31 Mar 50 against 1 Feb – 28 Feb 50");
    }

    private static String names(String zone, String today, String window) {
        return (String) page.runAsync("""
                const [zone, today, done] = arguments;
                Promise.all([import('./assets/time.js'), import('./assets/format.js')]).then(([{ windowOf }, { span }]) => {
                  const shown = windowOf({ zone, ...%s }, Date.parse(`${today}T15:00:00Z`));
                  done(`${span(shown, zone)} against ${span(shown.before, zone)}`);
                }).catch((failure) => done(String(failure)));
                """.formatted(window), zone, today);
    }

    @Test
    @DisplayName("takes the years from 1 to 9999 from a link, as the API does")
    void years() {
        page.openForScripts();
        Object instants = page.runAsync("""
                const done = arguments[arguments.length - 1];
                import('./assets/time.js').then(({ instantOf }) => done(
                  ['0000-12-31', '0002-01-15', '0099-12-31', '2026-03-12', '9999-12-31', '9999-12-31T23:59:59Z',
                   '+010000-01-01T00:00:00Z', '+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z', 'yesterday']
                    .map((text) => instantOf(text, 'UTC'))
                    .map((instant) => instant === null ? 'none' : new Date(instant).toISOString())
                    .join(' ')), (failure) => done(String(failure)));
                """);
        assertThat(instants)
                .isEqualTo("none 0002-01-15T00:00:00.000Z 0099-12-31T00:00:00.000Z 2026-03-12T00:00:00.000Z"
                        + " 9999-12-31T00:00:00.000Z 9999-12-31T23:59:59.000Z none none none none");
    }

    @Test
    @DisplayName("shows a table of 70,000 names")
    void manyNames() {
        page.openForScripts();
        Object table = page.runAsync("""
                const done = arguments[arguments.length - 1];
                import('./assets/table.js').then(({ emptyRow, figuresTable }) => {
                  const rows = Array.from({ length: 70_000 }, (_, index) => (
                    { ...emptyRow(`user ${index}`), cost: index, before: emptyRow(`user ${index}`) }));
                  const shown = figuresTable({
                    caption: 'Spend by user', label: 'User', rows, total: { ...emptyRow('All'), before: emptyRow('All') },
                    sort: '-cost', sorted: () => {}, name: (each) => [each.name], colours: new Map(),
                  });
                  done(`${shown.querySelectorAll('tbody tr').length} ${shown.querySelector('tbody th').textContent}`);
                }).catch((failure) => done(String(failure)));
                """);
        assertThat(table).isEqualTo("50 user 69999");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("offers a link that shows the same figures to whoever opens it later")
    @CsvSource(
            delimiter = '|',
            value = {
                "last-24-hours | 2 | 1 | '' | ''",
                "this-month    | 6 | 1 | '' | ''",
                "all           | 9 | 0 | '' | ''",
                "custom        | 6 | 1 | 2026-03-01 | 2026-04-01",
                "custom        | 6 | 1 | 2026-03-01T00:00:00Z | 2026-04-01T00:00:00Z"
            })
    void link(String window, int calls, int callsBefore, String from, String to) {
        Instant copiedAt = Instant.parse("2026-03-15T12:00:00Z");
        loadCallsAt(
                "2026-02-01T10:00:00Z",
                "2026-02-15T20:00:00Z",
                "2026-02-25T10:00:00Z",
                "2026-03-05T10:00:00Z",
                "2026-03-10T10:00:00Z",
                "2026-03-13T20:00:00Z",
                "2026-03-14T12:30:00Z",
                "2026-03-14T20:00:00Z",
                "2026-03-15T09:00:00Z");
        browser.allowClipboard();
        String ends = from.isEmpty() ? "" : "&from=" + from + "&to=" + to;
        List<String> shown;
        String link;
        Runnable rightClock = browser.clock(copiedAt);
        try {
            page.show("#window=" + window + ends + "&zone=UTC&metric=calls&group=operation", Reports.key("ours"));
            shown = figures();
            page.click(".tools button:nth-child(2)");
            page.await("return document.querySelector('.tools button:nth-child(2)').textContent === 'Copied'");
            link = (String) page.runAsync("navigator.clipboard.readText().then(arguments[arguments.length - 1])");
        } finally {
            rightClock.run();
        }
        assertThat(link)
                .startsWith(uri("/").toString())
                .contains("window=" + window, "metric=calls", "group=operation", "zone=UTC");
        addCallsAt("2026-03-15T12:00:01Z", "2026-03-15T19:00:00Z", "2026-03-18T10:00:00Z", "2026-03-25T10:00:00Z");
        rightClock = browser.clock(copiedAt.plus(Duration.ofDays(30)));
        try {
            page.showAnew(link.substring(link.indexOf('#')), Reports.key("ours"));

            assertThat(figures()).isEqualTo(shown);
            page.figure(".tile.calls .value").is("calls", BigDecimal.valueOf(calls));
            assertThat(page.has(".tile.calls .from data")).isEqualTo(callsBefore > 0);
            if (callsBefore > 0) {
                page.figure(".tile.calls .from").is("calls before", BigDecimal.valueOf(callsBefore));
            }
            page.changing(() -> page.click(".tools button:nth-child(1)"));
            assertThat(page.hash()).doesNotContain("at=");
            assertThat(page.text(".tools button:nth-child(1)")).isEqualTo("Refresh");
        } finally {
            rightClock.run();
        }
    }

    /** What the overview shows, except where its window ends: a copied link ends when it was copied. */
    private static List<String> figures() {
        List<String> figures = new ArrayList<>(page.texts(".tiles, .summary, #by-operation table, .legend"));
        String[] windows = page.text(".window").split(" · ");
        figures.add(windows.length > 1 ? windows[1] : "");
        // A copied link has no bars after the time at which it was copied.
        figures.addAll(page.chart().stream()
                .map(String::valueOf)
                .filter(bar -> bar.matches(".*value=[1-9].*"))
                .toList());
        return figures;
    }

    private static void loadCallsAt(String... starts) {
        Reports.load(Reports.HEADER);
        addCallsAt(starts);
    }

    private static void addCallsAt(String... starts) {
        StringBuilder rows = new StringBuilder(Reports.HEADER);
        for (String start : starts) {
            rows.append(Reports.row(
                    UUID.randomUUID(), UUID.randomUUID().toString(), "ours", "chat", start, "m", "0.5", "ok", ""));
        }
        Reports.add(rows.toString());
    }

    @Test
    @DisplayName("keeps the time of a copied link from view to view, until another window is chosen")
    void timeOfALink() {
        loadCallsAt("2026-03-10T10:00:00Z", "2026-03-15T19:00:00Z");
        page.show("#window=this-month&zone=UTC&at=2026-03-15T12:00:00.000Z", Reports.key("ours"));
        page.figure(".tile.calls .value").is("calls", BigDecimal.ONE);

        page.changing(() -> page.clickLink("chat"));
        assertThat(page.hash()).contains("view=calls", "at=2026-03-15T12%3A00%3A00.000Z");
        assertThat(page.count(".calls tbody tr")).isOne();

        page.changing(() -> page.choose("window", "all"));
        assertThat(page.hash()).doesNotContain("at=");
        assertThat(page.count(".calls tbody tr")).isEqualTo(2);

        for (String noTime : List.of("yesterday", "%2B275760-09-13T00:00:00Z", "%2B010000-01-01T00:00:00Z")) {
            page.show("#window=all&zone=UTC&at=" + noTime, Reports.key("ours"));
            page.figure(".tile.calls .value").is("calls", BigDecimal.valueOf(2));
        }
    }

    @Test
    @DisplayName("leads from a name in which characters were replaced to its calls")
    void replacedCharacters() {
        String model = "a\ufffdb\ufffd";
        Reports.load(Reports.HEADER
                + Reports.row(
                        UUID.randomUUID(),
                        UUID.randomUUID().toString(),
                        "ours",
                        "chat",
                        "2026-03-12T10:00:00Z",
                        model,
                        "1",
                        "ok",
                        ""));
        page.show("#" + WEEK.substring(1), Reports.key("ours"));

        page.changing(() -> page.click("#by-model tbody a"));

        assertThat(page.heading()).isEqualTo("Single calls");
        assertThat(page.count(".calls tbody tr")).isOne();
        assertThat(page.text(".chips strong")).isEqualTo(model);
    }

    @Test
    @DisplayName(
            "never sends more than two requests at a time, also if one begins in the moment in which another one ends")
    void twoRequestsAtATime() {
        page.open("");
        Object most = page.runAsync("""
                const done = arguments[arguments.length - 1];
                import('./assets/api.js').then(async ({ Api }) => {
                  let running = 0;
                  let most = 0;
                  const ends = [];
                  window.fetch = async () => {
                    most = Math.max(most, ++running);
                    await new Promise((resolve) => ends.push(resolve));
                    running--;
                    return new Response('{}');
                  };
                  const api = new Api('key');
                  const asked = [];
                  const ask = () => asked.push(api.get('usage'));
                  const nextTask = () => new Promise((resolve) => setTimeout(resolve));
                  for (let moment = 0; moment < 30; moment++) {
                    ask();
                    ask();
                    ask();
                    await nextTask();
                    ends.shift()();
                    for (let i = 0; i < moment; i++) {
                      await null;
                    }
                    ask();
                    while (running > 0) {
                      await nextTask();
                      ends.shift()?.();
                    }
                  }
                  await Promise.all(asked);
                  done(`${asked.length} requests, ${most} at a time`);
                }).catch((failure) => done(String(failure)));
                """);
        assertThat(most).isEqualTo("120 requests, 2 at a time");
    }

    @Test
    @DisplayName("asks for no more reports of a view once one of them took too long, but for those of a shorter window")
    void tooLongReport() {
        page.open("#window=all&zone=UTC");
        page.run("""
                const real = window.fetch;
                window.asked = [];
                window.aborted = 0;
                window.fetch = (url, options) => {
                  window.asked.push(url);
                  if (!url.includes('/usage/')) {
                    return real(url, options);
                  }
                  if (window.asked.filter((each) => each.includes('/usage/')).length === 1) {
                    return Promise.resolve(new Response('{"code": "report_timeout"}', { status: 503 }));
                  }
                  return new Promise((resolve, reject) => options.signal.addEventListener('abort', () => {
                    window.aborted++;
                    reject(options.signal.reason);
                  }));
                };
                window.answering = () => { window.fetch = real; };
                """);
        page.changing(() -> page.signIn(Reports.key(ADMIN)));

        assertThat(page.text(".failed h2")).isEqualTo("That took too long");
        page.await("return window.asked.filter((each) => each.endsWith('/recording')).length === 2");
        assertThat(page.run("return [window.asked.filter((each) => each.includes('/usage/')).length, window.aborted]"))
                .isEqualTo(List.of(2L, 1L));

        page.run("window.answering()");
        page.changing(() -> page.run("location.hash = arguments[0]", "#" + WEEK.substring(1)));
        assertThat(page.heading()).isEqualTo("Overview");
    }

    @Test
    @DisplayName("does not blame the store if too many reports are made at once, and asks again")
    void tooManyReports() {
        page.openForScripts();
        Object said = page.runAsync("""
                const done = arguments[arguments.length - 1];
                const modules = [import('./assets/api.js'), import('./assets/states.js')];
                Promise.all(modules).then(([{ Problem }, { explained, passes }]) => {
                  const problem = new Problem(503, 'too_many_reports', 'detail');
                  const title = explained(problem, { again() {}, reset() {} }).querySelector('h2').textContent;
                  done(`${title}: ${passes(problem)}`);
                }).catch((failure) => done(String(failure)));
                """);
        assertThat(said).isEqualTo("Too many reports at once: true");
    }

    @Test
    @DisplayName("shows a name that looks like markup as plain text")
    void markup() {
        String script = "<script>alert(2)</script>";
        Reports.load(Reports.HEADER
                + Reports.row(
                        UUID.randomUUID(),
                        UUID.randomUUID().toString(),
                        Reports.MARKUP,
                        script,
                        "2026-03-12T10:00:00Z",
                        "<b>model</b>",
                        "0.0000001",
                        "error",
                        ""));
        for (String who : List.of(ADMIN, Reports.MARKUP)) {
            page.show("#" + WEEK.substring(1) + "&group=operation", Reports.key(who));
            assertThat(page.text("#by-operation tbody th")).isEqualTo(script);
            assertThat(page.text("#by-model tbody th")).isEqualTo("<b>model</b>");
            assertThat(page.text(".legend .label")).isEqualTo(script);
            page.figure(".tile.spend .value").is("a tiny cost", new BigDecimal("0.0000001"));
            // The chart draws its bars once it knows its width.
            page.await("return document.querySelectorAll('.bucket').length > 1");
            page.run("document.querySelectorAll('.bucket')[1].focus()");
            assertThat(page.text(".tooltip")).contains(script);
            withoutMarkup();
            page.changing(() -> page.clickLink(script));
            withoutMarkup();
            page.changing(() -> page.click(".calls tbody a"));
            withoutMarkup();
        }
        page.show("#" + WEEK.substring(1), Reports.key(ADMIN));
        page.changing(() -> page.clickLink(Reports.MARKUP));
        assertThat(page.heading()).isEqualTo(Reports.MARKUP);
        assertThat(page.text(".summary")).contains(script);
        withoutMarkup();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("explains the cost of a call, and says so plainly if today's list gives another cost")
    @CsvSource(
            delimiter = '|',
            value = {
                "other    | openai | gpt-4o-mini      | 0.5     | price-list | Today's list gives another cost than the row has",
                "same     | openai | gpt-4o-mini      | 0.00042 | price-list | Today's list gives the cost that the row has: $",
                "provider | openai | gpt-4o-mini      | 0.5     | provider   | A cost that the provider named is never changed",
                "unsure   | openai | gpt-4o-mini      | 0.00042 | partial    | but how sure it is differs",
                "first    | openai | gpt-4o-mini      | 0       | none       | Today's list gives another cost than the row has",
            })
    void price(String what, String provider, String model, String cost, String source, String verdict) {
        JsonObject call = onlyCall(provider, model, 1000, 500, 400, cost, source, "", "", "", "chat");
        // 600 * 0.15 + 400 * 0.075 + 500 * 0.6 = 420 millionths of a dollar
        JsonObject quote = quote("""
                {"provider": "openai", "model": "gpt-4o-mini", "at": "2026-03-12T10:00:00Z",
                 "tokens": {"input_tokens": 1000, "output_tokens": 500, "cache_read_tokens": 400}}""");
        assertThat(value(quote, "cost_usd")).isEqualByComparingTo("0.00042");

        page.show("#view=invocation&call=" + call.getString("call_id"), Reports.key("ours"));
        page.await("return document.querySelector('.price .verdict') !== null");

        assertThat(page.text(".price .verdict")).contains(verdict);
        assertThat(page.has(".price .verdict.note")).isEqualTo(what.equals("other") || what.equals("first"));
        List<JsonObject> items = quote.getJsonArray("items").getValuesAs(JsonObject.class);
        assertThat(page.texts(".price .items .meter"))
                .isEqualTo(items.stream().map(item -> item.getString("meter")).toList())
                .hasSize(3);
        for (int i = 0; i < items.size(); i++) {
            String line = ".price .items tbody tr:nth-child(" + (i + 1) + ") ";
            page.figure(line + ".quantity").is("quantity", value(items.get(i), "quantity"));
            page.figure(line + ".price-usd").is("price", value(items.get(i), "price_usd"));
            page.figure(line + ".per").is("per", value(items.get(i), "per"));
            page.figure(line + ".cost").is("cost", value(items.get(i), "cost_usd"));
        }
        page.figure(".price .items tfoot").is("sum", value(quote, "cost_usd"));
        JsonObject price = quote.getJsonObject("price");
        assertThat(page.text(".price .origin"))
                .contains(price.getString("list"), price.getString("provider"), price.getString("model"));
        assertThat(page.has(".price .remedy")).isFalse();
        if (what.equals("unsure")) {
            assertThat(browser.accessibilityFindings()).isEmpty();
        }
        browser.pictureOnDemand("price-" + what + "-1600");
    }

    @ParameterizedTest(name = "{0} {1} {5}")
    @DisplayName("says why a call has no price, and which line in a price file would give it one")
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = true,
            value = {
                "mine     | nobody-s-model      | 20 | 5 | 0 | none | input_audio_tokens=5 web_searches=2 | '' | chat"
                        + " | provider,model,from,input,output,input_audio,web_searches~mine,nobody-s-model,2026-03-12,?,?,?,?",
                "a, \"b\" | <b>nobody</b>       | 20 | 5 | 3 | none | '' | output_unknown | chat"
                        + " | provider,model,from,input,output,cached_input~\"a, \"\"b\"\"\",<b>nobody</b>,2026-03-12,?,?,?",
                "mine     | nobody-s-voice      | 20 | 5 | 0 | none | '' | '' | speech"
                        + " | provider,model,from,input,output~mine,nobody-s-voice,2026-03-12,?,?",
                "''       | nobody-s-embedding  | 20 | 0 | 0 | none | '' | '' | embedding"
                        + " | provider,model,from,input,output,kind~,nobody-s-embedding,2026-03-12,?,,embedding",
                "mine     | nobody-s-reranker   | 0  | 0 | 0 | none | search_units=1 | '' | rerank"
                        + " | provider,model,from,input,output,search_units,kind~mine,nobody-s-reranker,2026-03-12,,,?,rerank",
                "openai   | gpt-4o-mini         | 20 | 5 | 0 | none | '' | contradictory | chat | ''",
                "openai   | gpt-4o-mini         | 0  | 0 | 0 | maybe-billed | '' | '' | chat | ''",
                "openai   | ''                  | 20 | 5 | 0 | none | '' | '' | chat | ''",
            })
    void unpriced(
            String provider,
            String model,
            int input,
            int output,
            int cached,
            String source,
            String meters,
            String doubts,
            String kind,
            String line) {
        JsonObject call = onlyCall(provider, model, input, output, cached, "0", source, meters, doubts, "", kind);

        page.show("#view=invocation&call=" + call.getString("call_id"), Reports.key("ours"));
        page.await("return document.querySelector('.price .verdict') !== null");

        assertThat(page.has(".price .items")).isFalse();
        assertThat(page.has(".price .line")).isEqualTo(!line.isEmpty());
        if (!line.isEmpty()) {
            assertThat(page.text(".price .line")).isEqualTo(line.replace('~', '\n'));
            assertThat(page.text(".price .notes")).contains("no list knows the model");
        }
        withoutMarkup();
        if (kind.equals("rerank") || source.equals("maybe-billed")) {
            assertThat(browser.accessibilityFindings()).isEmpty();
        }
        browser.width(Dashboard.NARROW);
        assertThat(page.run("return document.documentElement.scrollWidth")).isEqualTo((long) Dashboard.NARROW);
    }

    @Test
    @DisplayName("shows a line for shorter prompts, too, if the list has prices for those only")
    void tooLongPrompt() {
        JsonObject call = onlyCall("anthropic", "claude-sonnet-4", 300_000, 5, 3, "0", "none", "", "", "", "chat");

        page.show("#view=invocation&call=" + call.getString("call_id"), Reports.key("ours"));
        page.await("return document.querySelector('.price .verdict') !== null");

        assertThat(page.text(".price .line").lines())
                .containsExactly(
                        "provider,model,from,up_to_input,input,output,cached_input",
                        "anthropic,claude-sonnet-4,2026-03-12,200000,?,?,?",
                        "anthropic,claude-sonnet-4,2026-03-12,,?,?,?");
        assertThat(page.text(".price .remedy")).contains("up to 200,000 tokens");
        assertThat(browser.accessibilityFindings()).isEmpty();
        browser.width(Dashboard.NARROW);
        assertThat(page.run("return document.documentElement.scrollWidth")).isEqualTo((long) Dashboard.NARROW);
    }

    @Test
    @DisplayName("asks for the price of a call only when the user opens that call")
    void priceOfOneOfSeveral() {
        String callId = UUID.randomUUID().toString();
        StringBuilder rows = new StringBuilder(PRICED);
        for (int i = 1; i <= 3; i++) {
            rows.append(String.format(
                    "%s,%s,ours,chat,2026-03-12T10:00:0%dZ,100,gpt-4o-mini,%d000,5,0,ok,,none,openai,0,,,,chat\n",
                    UUID.randomUUID(), callId, i, i));
        }
        Reports.load(rows.toString());

        page.show("#view=invocation&call=" + callId, Reports.key("ours"));
        assertThat(page.count(".prices details")).isEqualTo(3);
        assertThat(page.has(".prices details[open]")).isFalse();
        assertThat(page.has(".price .verdict")).isFalse();

        page.click(".prices details:nth-of-type(2) summary");
        page.await("return document.querySelector('.price .verdict') !== null");

        assertThat(page.count(".price .verdict")).isOne();
        page.figure(".price .items tbody tr:nth-child(1) .quantity").is("quantity", new BigDecimal(2000));
    }

    @Test
    @DisplayName("shows the attributes of an invocation's calls, each value once and never as markup")
    void attributes() {
        String callId = UUID.randomUUID().toString();
        StringBuilder rows = new StringBuilder(Reports.HEADER.strip()
                + ",user_id,session_id,environment,tags,trace_id,span_id,response_id,requested_model\n");
        for (int i = 1; i <= 7; i++) {
            rows.append(String.format(
                    "%s,%s,ours,chat,2026-03-12T10:00:0%dZ,100,gpt-4o-mini,1000,5,0,ok,,none,"
                            + "<b>ann</b>,talk-1,production,\"{\"\"team\"\":\"\"<i>r&d</i>\"\"}\","
                            + "0af7651916cd43dd8448eb211c80319c,,answer-%d,gpt-4o\n",
                    UUID.randomUUID(), callId, i, i));
        }
        Reports.load(rows.toString());

        page.show("#view=invocation&call=" + callId, Reports.key("ours"));

        assertThat(page.text(".known").lines())
                .containsSubsequence(
                        "User",
                        "<b>ann</b>",
                        "Session",
                        "talk-1",
                        "Environment",
                        "production",
                        "Tag team",
                        "<i>r&d</i>",
                        "Model asked for",
                        "gpt-4o",
                        "Trace",
                        "0af7651916cd43dd8448eb211c80319c",
                        "Provider's id of the answer",
                        "answer-1, answer-2, answer-3, answer-4, answer-5 and 2 more")
                .doesNotContain("Span");
        withoutMarkup();
        assertThat(browser.accessibilityFindings()).isEmpty();
        browser.width(Dashboard.NARROW);
        assertThat(page.run("return document.documentElement.scrollWidth")).isEqualTo((long) Dashboard.NARROW);
    }

    private static final String PRICED =
            Reports.HEADER.strip() + ",provider,cached_input_tokens,meters,usage_doubts,service_tier,kind\n";

    private static JsonObject onlyCall(
            String provider,
            String model,
            int input,
            int output,
            int cached,
            String cost,
            String source,
            String meters,
            String doubts,
            String tier,
            String kind) {
        String callId = UUID.randomUUID().toString();
        Reports.load(PRICED
                + Stream.of(
                                UUID.randomUUID(),
                                callId,
                                "ours",
                                "chat",
                                "2026-03-12T10:00:00Z",
                                100,
                                model,
                                input,
                                output,
                                cost,
                                "ok",
                                "",
                                source,
                                provider,
                                cached,
                                meters,
                                doubts,
                                tier,
                                kind)
                        .map(cell -> "\"" + String.valueOf(cell).replace("\"", "\"\"") + "\"")
                        .collect(Collectors.joining(",")));
        return json("ours", "/usage/calls?call_id=" + callId)
                .getJsonArray("calls")
                .getJsonObject(0);
    }

    private static JsonObject quote(String body) {
        HttpResponse<String> answer = Http.send(Reports.request("ours", "/prices/quotes")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
        try (JsonReader reader = Json.createReader(new StringReader(answer.body()))) {
            return reader.readObject();
        }
    }

    private static void withoutMarkup() {
        assertThat(page.has("#content img, #content script, #content b")).isFalse();
    }

    @Test
    @DisplayName("sends one completion and shows its row when it arrives")
    void sendsACompletion() {
        page.show("#view=try", Reports.key(TENANT));
        page.click("form.try button");
        page.await("return document.querySelector('.calls tbody tr') !== null");

        JsonObject call =
                json(TENANT, "/usage/calls?limit=1").getJsonArray("calls").getJsonObject(0);
        assertThat(call.getString("operation")).isEqualTo("try-it");
        assertThat(page.text(".answer code")).isEqualTo(call.getString("call_id"));
        calls(List.of(call));
        assertThat(page.text(".answer blockquote")).isNotBlank();
        assertThat(page.text(".answer .hint"))
                .as("the answer does not say whether a cost of 0 is known")
                .doesNotContain("$");
    }

    @Test
    @DisplayName(
            "says what to do while the store is down, and shows the figures and the waiting records when it is back")
    void storeDown() {
        Postgres postgres = Postgres.started();
        withoutNodesOfOtherTests();
        page.show("#window=all&zone=UTC", Reports.key(ADMIN));
        assertThat(page.has(".tile.failed")).isTrue();
        postgres.stop();
        try {
            page.click(".tools button");
            page.await("return document.querySelector('.tile') === null");
            assertThat(page.text(".message.failed h2")).isEqualTo("The store is out of reach");

            page.showAnew("#window=all&zone=UTC", Reports.key(ADMIN));
            assertThat(page.text(".failed h2")).isEqualTo("The store is out of reach");
            assertThat(page.text(".failed p")).contains("tokentally.datasource");
            assertThat(browser.accessibilityFindings()).isEmpty();
            for (int i = 0; i < 3; i++) {
                assertThat(Http.send(Reports.request(TENANT, "/completions")
                                        .header("Content-Type", "application/json")
                                        .POST(BodyPublishers.ofString("{\"operation\":\"o\",\"user_message\":\"u\"}")))
                                .statusCode())
                        .isEqualTo(200);
            }
            page.click(".failed button");
            page.await("return /3 records wait/.test(document.querySelector('#alarms').textContent)");
            assertThat(page.text("#alarms")).contains("The store is down since");
            browser.pictureOnDemand("store-down-1600");
        } finally {
            postgres.start();
        }
        page.await("return document.querySelector('.tile.spend') !== null");
        // A refresh ends the one before, so each has some time.
        page.await("""
                if (document.querySelector('#alarms').textContent === '') {
                    return true;
                }
                if (!(Date.now() - window.refreshedAt < 2000)) {
                    window.refreshedAt = Date.now();
                    document.querySelector('.tools button').click();
                }
                return false;""");
    }

    @Test
    @DisplayName("says that there are no calls, and what to do about it")
    void empty() {
        page.show("#window=custom&from=2001-01-01&to=2001-02-01&zone=UTC", Reports.key(TENANT));
        assertThat(page.text(".empty h2")).isEqualTo("No calls in this window");
        page.changing(() -> page.clickLink("Show all time"));
        tiles(json(TENANT, "/usage"), null);
        for (String ends : List.of("from=0900-01-01&to=2027-01-01", "from=2020-01-01&to=9999-12-31")) {
            page.show("#window=custom&" + ends + "&zone=UTC", Reports.key(TENANT));
            tiles(json(TENANT, "/usage"), null);
            assertThat(page.has(".bucket")).isTrue();
        }

        page.show("#view=invocation&call=" + UUID.randomUUID(), Reports.key(TENANT));
        assertThat(page.text(".empty h2")).contains("Nothing has been recorded");
        page.show("#view=nonsense&window=custom&from=x&zone=Mars&sort-tenant=%3Cb%3E", Reports.key(TENANT));
        assertThat(page.heading()).isEqualTo("Overview");
    }

    @Test
    @DisplayName("shows the same calls in the chart as in the tiles if a window has more months than the API allows")
    void longWindows() {
        loadCallsAt("1969-01-10T10:00:00Z", "1969-06-10T10:00:00Z", "2026-03-10T10:00:00Z", "2790-01-10T10:00:00Z");
        for (String ends : List.of(
                "from=1969-06-01&to=9999-12-31|3",
                "from=1969-06-15&to=2780-01-01|1",
                "from=0900-01-01&to=2780-01-01|3")) {
            String[] parts = ends.split("\\|");
            page.show("#window=custom&zone=UTC&metric=calls&group=operation&" + parts[0], Reports.key("ours"));

            page.figure(".tile.calls .value").is("calls", new BigDecimal(parts[1]));
            assertThat(page.chart().stream()
                            .map(bar -> bar.get(bar.size() - 1).value())
                            .reduce(BigDecimal.ZERO, BigDecimal::add))
                    .as(ends)
                    .isEqualByComparingTo(parts[1]);
        }
    }

    @Test
    @DisplayName("has no serious finding of axe-core and no horizontal scroll bar, light and dark, wide and narrow")
    void accessible() {
        String callId = json(ADMIN, "/usage/all/calls?limit=1&operation=summarize")
                .getJsonArray("calls")
                .getJsonObject(0)
                .getString("call_id");
        String month = "window=custom&from=2026-03-15&to=2026-04-14&zone=Europe/Amsterdam";
        // In the order of their names, so that the last one differs from the one after it.
        Map<String, String> views = new TreeMap<>(Map.of(
                "overview", "#" + month,
                "tenant", "#" + month + "&tenant=" + TENANT + "&group=model&metric=tokens",
                "calls", "#view=calls&" + month,
                "drill-down", "#view=invocation&call=" + callId,
                "try", "#view=try"));
        page.open("");
        page.fitsAndIsAccessible("sign-in");
        page.show("", Reports.key(ADMIN));
        views.forEach((name, hash) -> {
            page.changing(() -> page.run("location.hash = arguments[0]", hash));
            page.fitsAndIsAccessible(name);
        });
        page.changing(() -> page.run("location.hash = arguments[0]", views.get("overview")));
        page.click("#theme");
        page.click("#theme");
        assertThat(page.text("#theme")).isEqualTo("Theme: dark");
        assertThat(page.run("return getComputedStyle(document.body).backgroundColor"))
                .isEqualTo("rgb(18, 19, 24)");
    }
}
