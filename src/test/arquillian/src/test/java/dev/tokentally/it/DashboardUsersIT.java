package dev.tokentally.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

@OnOneServer
@EnabledIf(value = "dev.tokentally.it.Browser#isInstalled", disabledReason = Browser.MISSING)
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The dashboard's users, sessions and traces in a real browser")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class DashboardUsersIT {

    private static final String ADMIN = "the admin";
    private static final String OURS = "ours";
    private static final String THEIRS = "theirs";

    /** How many pages of a long session the test looks through, one after the other. There are 50. */
    private static final int PAGES = Integer.getInteger("pages", 8);

    private static final String DAY = "&window=custom&from=2026-03-12&to=2026-03-13&zone=UTC";
    private static final String DAY_QUERY = "&from=2026-03-12T00:00:00Z&to=2026-03-13T00:00:00Z";

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String TRACE_URL = "https://tracing.example.com/search?id={trace_id}#trace={trace_id}";

    private static final String HEADER = Reports.HEADER.strip()
            + ",user_id,session_id,environment,tags,trace_id,span_id,response_id,requested_model\n";

    /** Texts that would do something to a page, a sheet, a line of text or an address if they were not treated as names. */
    private static final List<String> HOSTILE = List.of(
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "<b>bold</b>",
            "=HYPERLINK(\"http://example.com\",\"x\")",
            "javascript:alert(1)",
            "\u202Eevil\u202D \u05E9\u05DC\u05D5\u05DD",
            "&lt;i&gt;#&user=bob&tenant=theirs%00",
            "__proto__",
            "{trace_id}$&$1",
            "w".repeat(255));

    /** A chart puts more names than these together. */
    private static final int BARS_OF_THEIR_OWN = 5;

    private static Browser browser;
    private static Dashboard page;

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        return Reports.productOn(
                DataSources.POSTGRES,
                Stream.of(OURS, THEIRS),
                Map.of("tokentally.trace-url", TRACE_URL, "tokentally.user", "plain"));
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
        StringBuilder rows = new StringBuilder(HEADER);
        for (int i = 0; i < 12; i++) {
            rows.append(
                    call(OURS, i, i % 4 == 3 ? "" : List.of("ann", "bob", "eve").get(i % 3), "talk-" + i % 2, TRACE));
            rows.append(call(THEIRS, i, "ann", "talk-0", ""));
        }
        Reports.load(rows.toString());
    }

    @AfterEach
    void withoutComplaints() {
        assertThat(browser.complaints())
                .as("on the console, where the browser tells what the page's policy forbids")
                .isEmpty();
    }

    private static String call(String tenant, int second, String user, String session, String trace) {
        return call(tenant, second, "gpt-4o-mini", "ok", user, session, "", "", trace, "");
    }

    private static String call(
            String tenant,
            int second,
            String model,
            String status,
            String user,
            String session,
            String environment,
            String tags,
            String trace,
            String requested) {
        return Reports.row(
                                UUID.randomUUID(),
                                UUID.randomUUID().toString(),
                                tenant,
                                "chat",
                                Instant.parse("2026-03-12T10:00:00Z")
                                        .plusSeconds(second)
                                        .toString(),
                                model,
                                "0." + (second % 10) + "000000007",
                                status,
                                "price-list")
                        .strip()
                + Stream.of(user, session, environment, tags, trace, "", "", requested)
                        .map(cell -> ",\"" + cell.replace("\"", "\"\"") + "\"")
                        .collect(Collectors.joining("", "", "\n"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    /** The parameter that makes an admin see what the tenant sees. */
    private static String asTenant(String who) {
        return who.equals(ADMIN) ? "&tenant=" + OURS : "";
    }

    @Test
    @DisplayName(
            "shows how much each user used, and leads from a user to the sessions and their calls, for a tenant and an admin")
    void users() {
        for (String who : List.of(OURS, ADMIN)) {
            page.show("#view=users" + DAY + asTenant(who), Reports.key(who));
            assertThat(page.heading()).isEqualTo("Users");
            figures("user", json("/usage/by?dimension=user" + DAY_QUERY), "(no user)");
            assertThat(page.text("#without-user")).startsWith("3 of 12 calls have no user");
            assertThat(page.has("#users-off")).isFalse();
            if (who.equals(OURS)) {
                page.fitsAndIsAccessible("users");
            }

            page.changing(() -> page.clickLink("bob"));
            assertThat(page.heading()).isEqualTo("Sessions of bob");
            figures("session", json("/usage/by?dimension=session&user=bob" + DAY_QUERY), "(no session)");
            if (who.equals(OURS)) {
                page.fitsAndIsAccessible("sessions");
            }

            page.changing(() -> page.clickLink("talk-1"));
            assertThat(page.heading()).isEqualTo("Session talk-1");
            List<JsonObject> calls = calls("/usage/calls?session=talk-1&user=bob" + DAY_QUERY);
            timeline(calls);
            assertThat(page.text(".shown")).isEqualTo("Its one call is shown.");
            String link = page.hash();
            assertThat(link).contains("view=session", "session=talk-1", "user=bob", "from=2026-03-12");
            if (who.equals(OURS)) {
                page.fitsAndIsAccessible("session");
            }

            page.showAnew(link, Reports.key(who));
            assertThat(page.heading()).isEqualTo("Session talk-1");
            timeline(calls);
            page.changing(() -> page.clickLink("Single calls"));
            assertThat(page.run(
                            "return [...document.querySelectorAll('.calls tbody tr')].map((row) => row.dataset.id)"))
                    .isEqualTo(ids(calls));
            page.changing(() -> page.clickLink("Timeline of the session"));
            timeline(calls);
        }
    }

    @Test
    @DisplayName("says of a table by user that its calls were dropped, and compares it with no window before")
    void droppedCallsOfUsers() {
        showWithDroppedCalls("#view=overview&by=user" + DAY, "/usage/by.*dimension=user");

        saysOnceThatCallsWereDropped();
        assertThat(page.has("#by-user .kept-from")).isTrue();
        assertThat(page.has("#by-user th.change")).isFalse();
        assertThat(page.has("#by-operation th.change")).isTrue();
        assertThat(page.has(".tile .moved")).isTrue();
        assertThat(page.text(".window")).contains("against");
        assertThat(browser.accessibilityFindings()).isEmpty();
    }

    @Test
    @DisplayName("compares nothing with a window before whose calls were dropped, and says so once")
    void droppedCallsBefore() {
        showWithDroppedCalls("#view=overview&by=user" + DAY, "/usage/(by|series).*from=2026-03-11");

        saysOnceThatCallsWereDropped();
        assertThat(page.has("th.change, .tile .moved, .swatch.before")).isFalse();
        assertThat(page.text(".window")).doesNotContain("against");
        assertThat(page.text(".summary")).contains("in all").doesNotContain("before");

        showWithDroppedCalls("#view=overview&group=operation" + DAY, "/usage/series.*from=2026-03-11");
        saysOnceThatCallsWereDropped();
        assertThat(page.has("section[aria-labelledby=over-time] .kept-from")).isTrue();
        assertThat(page.has(".swatch.before")).isFalse();
        assertThat(page.has("#by-operation th.change")).isTrue();
    }

    @Test
    @DisplayName("says of a session and of an invocation that calls were dropped, also if none are left")
    void droppedCallsOfSessions() {
        for (String report : List.of("/usage/by", "/usage/calls")) {
            showWithDroppedCalls("#view=session&session=talk-1" + DAY, report);
            saysOnceThatCallsWereDropped();
            assertThat(page.has(".session-calls")).isTrue();
        }
        showWithDroppedCalls("#view=session&session=gone" + DAY, "/usage/by");
        saysOnceThatCallsWereDropped();
        assertThat(page.has(".empty")).isTrue();
        showWithDroppedCalls("#view=overview&user=gone" + DAY, "/usage/by");
        saysOnceThatCallsWereDropped();
        assertThat(page.has(".empty")).isTrue();

        showWithDroppedCalls("#view=invocation&call=" + UUID.randomUUID(), "/usage/calls");
        saysOnceThatCallsWereDropped();
        assertThat(page.text(".empty")).contains("may have been dropped");
        String callId = calls("/usage/calls?limit=1").get(0).getString("call_id");
        showWithDroppedCalls("#view=invocation&call=" + callId, "/usage/calls");
        saysOnceThatCallsWereDropped();
        page.show("#view=invocation&call=" + callId, Reports.key(OURS));
        assertThat(page.has(".kept-from")).isFalse();
    }

    private static void saysOnceThatCallsWereDropped() {
        assertThat(page.texts(".kept-from"))
                .singleElement()
                .asString()
                .startsWith("Calls before 12 Mar 2026, 09:00:00 ")
                .endsWith(" were dropped.");
    }

    /** Shows a view to the tenant. The answers from addresses of this pattern say that earlier calls were dropped. */
    private static void showWithDroppedCalls(String hash, String pattern) {
        page.open(hash);
        page.run("""
                const real = window.fetch;
                const pattern = new RegExp(arguments[0]);
                window.fetch = async (url, options) => {
                  const answer = await real(url, options);
                  return pattern.test(decodeURIComponent(url))
                    ? new Response(JSON.stringify({ ...await answer.json(), calls_kept_from: '2026-03-12T09:00:00Z' }))
                    : answer;
                };
                """, pattern);
        page.changing(() -> page.signIn(Reports.key(OURS)));
    }

    @Test
    @DisplayName("lets an admin choose the tenant first if several tenants have users or sessions of the same name")
    void tenants() {
        for (String view : List.of("users", "sessions", "session&session=talk-0")) {
            page.show("#view=" + view + DAY, Reports.key(ADMIN));
            assertThat(page.table("#by-tenant")).containsOnlyKeys(OURS, THEIRS, "All");
            assertThat(page.has("#by-user, #by-session, .session-calls")).isFalse();
            if (view.equals("users")) {
                assertThat(browser.accessibilityFindings()).isEmpty();
            }

            page.changing(() -> page.clickLink(OURS));

            assertThat(page.hash()).contains("tenant=" + OURS);
            assertThat(page.has("#by-user, #by-session, .session-calls")).isTrue();
        }
        timeline(calls("/usage/calls?session=talk-0" + DAY_QUERY));
        page.show("#view=session&session=talk-1" + DAY, Reports.key(ADMIN));
        timeline(calls("/usage/calls?session=talk-1" + DAY_QUERY));
    }

    @Test
    @DisplayName("says plainly that no call has a user, and leads to those calls")
    void noUsers() {
        Reports.load(HEADER + call(OURS, 1, "", "", "") + call(OURS, 2, "", "", ""));
        page.show("#view=users" + DAY, Reports.key(OURS));
        assertThat(page.text(".empty")).contains("No call here has a user", "2 calls were recorded without one");
        assertThat(browser.accessibilityFindings()).isEmpty();
        page.changing(() -> page.clickLink("Show them"));
        assertThat(page.count(".calls tbody tr")).isEqualTo(2);

        page.show("#view=sessions&user=" + DAY, Reports.key(OURS));
        assertThat(page.heading()).isEqualTo("Sessions of (no user)");
        assertThat(page.text(".empty")).contains("No call here has a session");
        page.show("#view=session&session=other" + DAY, Reports.key(OURS));
        assertThat(page.text(".empty")).contains("No calls of this session here");
        page.show("#view=users&window=custom&from=2001-01-01&to=2001-01-02&zone=UTC", Reports.key(OURS));
        assertThat(page.text(".empty h2")).isEqualTo("No calls in this window");
        page.show("#view=session" + DAY, Reports.key(OURS));
        assertThat(page.heading()).isEqualTo("Sessions");
    }

    @Test
    @DisplayName("shows a session of 10,000 calls page by page, each call once, and a link leads to the same page")
    void longSession() {
        int all = 10_000;
        StringBuilder rows = new StringBuilder(HEADER);
        for (int i = 0; i < all; i++) {
            rows.append(call(OURS, i, "ann", "long", TRACE));
        }
        Reports.load(rows.toString());
        String query = "/usage/calls?session=long&limit=400" + DAY_QUERY;
        List<JsonObject> right = calls(query);

        page.show("#view=session&session=long" + DAY, Reports.key(OURS));

        page.figure(".tile.calls").is("calls", new BigDecimal(all));
        page.figure(".tile.spend").is("spend", cost(json("/usage/by?dimension=session&session=long" + DAY_QUERY)));
        assertThat(page.text(".shown")).startsWith("200 of 10,000 calls are shown: page 1 ");
        timeline(right.subList(0, 200));
        browser.pictureOnDemand("long-session-1600");
        page.run("document.querySelector('#earlier').focus()");
        page.changing(() -> page.press(Keys.ENTER));
        assertThat(page.run("return document.activeElement.id")).isEqualTo("earlier");
        assertThat(page.text(".shown")).startsWith("200 of 10,000 calls are shown: page 2 ");
        timeline(right.subList(200, 400));
        assertThat(browser.accessibilityFindings()).isEmpty();
        String link = page.hash();
        page.showAnew(link, Reports.key(OURS));
        assertThat(page.text(".shown")).contains("page 2 ");
        timeline(right.subList(200, 400));
        page.changing(() -> page.choose("zone", "Europe/Amsterdam"));
        assertThat(page.hash()).as("the place stays").contains("cursor=", "page=2");

        page.changing(() -> page.clickLink("Newest calls"));
        assertThat(page.hash()).doesNotContain("cursor", "page=");

        page.show("#view=session&session=long" + DAY, Reports.key(OURS));
        Set<String> seen = new HashSet<>(shownIds());
        int pages = 1;
        while (pages < PAGES && page.has("#earlier")) {
            page.changing(() -> page.click("#earlier"));
            List<String> ids = shownIds();
            assertThat(ids).hasSize(200).doesNotContainAnyElementsOf(seen);
            seen.addAll(ids);
            pages++;
        }
        assertThat(seen).hasSize(200 * PAGES);
        assertThat(page.has("#earlier")).isEqualTo(PAGES < all / 200);
        page.show("#view=session&session=long&cursor=nonsense" + DAY, Reports.key(OURS));
        assertThat(page.text(".failed")).contains("cursor");
    }

    @Test
    @DisplayName("draws each call of a session at its time on one axis, and marks a failed one")
    void bars() {
        Reports.load(HEADER
                + call(OURS, 0, "m", "ok", "ann", "s", "", "", "", "")
                + call(OURS, 10, "m", "error", "ann", "s", "", "", "", "")
                + call(OURS, 40, "m", "ok", "ann", "s", "", "", "", ""));
        page.show("#view=session&session=s" + DAY, Reports.key(OURS));

        List<?> places = (List<?>) page.run("""
                return [...document.querySelectorAll('.session-calls tbody .lane')].map((lane) => {
                  const bar = lane.lastElementChild;
                  return `${Math.round(bar.getAttribute('x'))} ${bar.getAttribute('class')}`;
                });""");
        assertThat(places.stream().map(String::valueOf).toList())
                .containsExactly("0 fill-0", "249 fill-bad", "994 fill-0");
        assertThat(page.texts(".session-calls td.after")).containsExactly("+0 ms", "+10.0 s", "+40.0 s");
        assertThat(page.texts(".session-calls td.status")).containsExactly("ok", "TimeoutException", "ok");
        assertThat(page.text(".axis")).contains("40.1 s");
    }

    @Test
    @DisplayName("says of each view whose spend is not exact why, and not that nothing was spent if nobody knows it")
    void notExact() {
        String callId = UUID.randomUUID().toString();
        Reports.load(HEADER
                + cost(callId, "2026-03-12T10:00:00Z", "3", "ok", "partial", "ann")
                + cost(callId, "2026-03-12T10:00:01Z", "0", "error", "maybe-billed", "ann")
                + cost(callId, "2026-03-12T10:00:02Z", "0", "error", "none", "ann")
                + cost(callId, "2026-03-12T10:00:03Z", "0", "error", "none", "ann")
                        .replace(",\"11\",\"5\",", ",\"0\",\"0\",")
                + cost("", "2026-03-12T10:00:04Z", "0", "ok", "none", "bob")
                + cost("", "2026-03-11T10:00:00Z", "5", "ok", "price-list", "ann")
                + cost("", "2026-03-13T10:00:00Z", "1", "ok", "price-list", "bob"));
        String why = "1 without a price, 1 priced in part, 1 maybe billed";

        page.show("#view=users" + DAY, Reports.key(OURS));
        assertThat(page.text("#by-user .not-exact")).isEqualTo("Spend is not exact: 2" + why.substring(1) + ".");
        assertThat(page.run("return document.querySelector('#by-user tbody .cost data').title"))
                .isEqualTo("$3.00, not exact: " + why);
        page.changing(() -> page.clickLink("ann"));
        assertThat(page.text("#by-session .not-exact")).isEqualTo("Spend is not exact: " + why + ".");
        page.changing(() -> page.clickLink("talk of ann"));
        assertThat(page.text(".tile.spend .below")).isEqualTo("Not exact: " + why);
        List<String> costs = List.of("$3.00", "maybe billed", "unpriced", "$0.00");
        assertThat(page.texts(".session-calls td.cost")).isEqualTo(costs);
        assertThat(browser.accessibilityFindings()).isEmpty();
        page.changing(() -> page.click(".session-calls tbody a"));
        assertThat(page.text(".tile:first-child .below")).isEqualTo("Not exact: " + why);
        assertThat(page.texts("td.cost")).isEqualTo(costs);
        assertThat(page.text(".prices details:last-child")).endsWith(": failed, and used nothing");
        page.click(".prices details:last-child summary");
        page.await("return document.querySelector('.price .verdict') !== null");
        assertThat(page.text(".price .verdict")).isEqualTo("The call failed and used nothing, so it costs nothing.");
        page.show("#view=users&window=custom&from=2026-03-11&to=2026-03-12&zone=UTC", Reports.key(OURS));
        assertThat(page.has(".not-exact")).isFalse();
        page.show("#view=users" + DAY, Reports.key(ADMIN));
        assertThat(page.text("#by-tenant .not-exact")).startsWith("Spend is not exact: 2");

        for (Map.Entry<String, String> summary : Map.of(
                        "&user=bob" + DAY,
                        "What was spent is not known: 1 without a price.",
                        "&user=ann" + DAY,
                        "Known spend fell by $2.00 (−40%), mostly through chat (−$2.00).",
                        "&user=ann&window=all&zone=UTC",
                        "$8.00 of known spend, the most of it by chat (100%).",
                        "&user=bob&window=custom&from=2026-03-13&to=2026-03-14&zone=UTC",
                        "$1.00 in all, the most of it by chat (100%); what was spent in the window before is not known.")
                .entrySet()) {
            page.show("#view=overview&tenant=" + OURS + summary.getKey(), Reports.key(ADMIN));
            assertThat(page.text(".summary")).isEqualTo(summary.getValue());
        }
    }

    private static String cost(
            String callId, String startedAt, String cost, String status, String source, String user) {
        return Reports.row(
                                UUID.randomUUID(),
                                callId.isEmpty() ? UUID.randomUUID().toString() : callId,
                                OURS,
                                "chat",
                                startedAt,
                                "m",
                                cost,
                                status,
                                source)
                        .strip()
                + "," + user + ",talk of " + user + ",,,,,,\n";
    }

    @Test
    @DisplayName("links each valid trace id by the configured template, in a new tab, in each table of calls")
    void traces() {
        String capitals = "ABCDEF0123456789ABCDEF0123456789";
        List<String> noTraces =
                List.of("<b>no</b>", "javascript:alert(1)", "0af7/../../x", "0xAF", "\u0660\u0661\u0662");
        StringBuilder rows = new StringBuilder(HEADER);
        rows.append(call(OURS, 0, "ann", "s", TRACE));
        rows.append(call(OURS, 1, "ann", "s", capitals));
        rows.append(call(OURS, 2, "ann", "s", ""));
        for (int i = 0; i < noTraces.size(); i++) {
            rows.append(call(OURS, 3 + i, "ann", "s", noTraces.get(i)));
        }
        Reports.load(rows.toString());

        for (String view : List.of("calls", "session&session=s")) {
            page.show("#view=" + view + DAY, Reports.key(OURS));
            assertThat(hrefs(".calls tbody td.trace a")).containsExactlyInAnyOrder(linkOf(TRACE), linkOf(capitals));
            assertThat(page.run("return [...document.querySelectorAll('td.trace a')].every((link) =>"
                            + " link.target === '_blank' && link.relList.contains('noopener'))"))
                    .isEqualTo(true);
            assertThat(page.count(".calls tbody td.trace")).isEqualTo(3 + noTraces.size());
            withoutMarkup();
            assertThat(browser.accessibilityFindings()).isEmpty();
        }
        for (JsonObject call : calls("/usage/calls?session=s")) {
            page.show("#view=invocation&call=" + call.getString("call_id"), Reports.key(OURS));
            String id = call.getString("trace_id", "");
            boolean isTrace = id.equals(TRACE) || id.equals(capitals);
            assertThat(hrefs("td.trace a, .known a.trace"))
                    .isEqualTo(isTrace ? List.of(linkOf(id), linkOf(id)) : List.of());
            if (!id.isEmpty()) {
                assertThat(page.text(".known")).contains(id);
            }
            withoutMarkup();
        }
    }

    private static String linkOf(String id) {
        return TRACE_URL.replace("{trace_id}", id);
    }

    private static List<String> hrefs(String css) {
        return texts(page.run(
                "return [...document.querySelectorAll(arguments[0])].map((link) => link.getAttribute('href'))", css));
    }

    @Test
    @DisplayName("makes no link from an invalid template or an invalid trace id, wherever they come from")
    void hostileTemplates() {
        page.open("");
        List<?> made = (List<?>) page.runAsync(
                """
                const [templates, ids, done] = arguments;
                import('./assets/trace.js').then(({ traceUrl }) => done(
                  templates.flatMap((template) => ids.map((id) => traceUrl(template, id)))), (failure) => done([String(failure)]));
                """,
                Stream.of(
                                "javascript:alert('{trace_id}')",
                                " javascript:alert('{trace_id}')",
                                "java\nscript:alert('{trace_id}')",
                                "JAVASCRIPT://x/%0Aalert('{trace_id}')",
                                "data:text/html,{trace_id}",
                                "vbscript:{trace_id}",
                                "/{trace_id}",
                                "{trace_id}",
                                "https://example.com/",
                                "https://")
                        .toList(),
                List.of(TRACE, "<b>", ""));
        assertThat(made).containsOnlyNulls().hasSize(30);
        List<Object> ids = new ArrayList<>(HOSTILE);
        ids.add("");
        ids.add(TRACE + " ");
        ids.add(TRACE + "\n");
        ids.add(null);
        ids.add(17);
        List<?> ofIds = (List<?>) page.runAsync("""
                const [template, ids, done] = arguments;
                import('./assets/trace.js').then(({ traceUrl }) => done(ids.map((id) => traceUrl(template, id))));
                """, TRACE_URL, ids);
        assertThat(ofIds).containsOnlyNulls();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("shows a hostile name as plain text: of a user, a session, an environment, a tag, a model and a trace")
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void hostileNames(int which) {
        String name = HOSTILE.get(which);
        String tags = "{\"team\":" + Json.createValue(name) + "}";
        String traceId = cut(name, 32);
        String environment = cut(name, 64);
        Reports.load(HEADER
                + call(OURS, 1, name, "ok", name, name, environment, tags, traceId, name)
                + call(OURS, 2, name, "ok", "ann", "talk", "", "", TRACE, "")
                + call(THEIRS, 2, name, "ok", name, name, environment, tags, traceId, name));
        String id = encoded(name);
        String who = which % 2 == 0 ? OURS : ADMIN;
        page.show("#view=users" + DAY + asTenant(who), Reports.key(who));
        assertThat(page.table("#by-user")).containsOnlyKeys("ann", name, "All");
        shownSafely();
        page.changing(() -> page.run(
                "document.querySelector(`#by-user tbody a[href*='user=${arguments[0]}']`).click()", formEncoded(name)));
        assertThat(page.run("return document.querySelector('h1').textContent")).isEqualTo("Sessions of " + name);
        assertThat(page.table("#by-session")).containsKey(name);
        shownSafely();
        page.changing(() -> page.click("#by-session tbody a"));
        assertThat(page.run("return document.querySelector('h1').textContent")).isEqualTo("Session " + name);
        assertThat(page.count(".session-calls tbody tr")).isOne();
        assertThat(page.has(".session-calls td.trace a")).isFalse();
        shownSafely();
        if (which == 0) {
            assertThat(browser.accessibilityFindings()).isEmpty();
        }
        page.changing(() -> page.click(".session-calls tbody a"));
        assertThat(page.run("return document.querySelector('.known').textContent"))
                .asString()
                .containsSubsequence("User" + name, "Session" + name, "Environment" + environment, "Tag team" + name);
        shownSafely();
        page.show(
                "#view=calls&user=" + id + "&session=" + id + "&environment=" + encoded(environment) + "&tag.team=" + id
                        + "&requested_model=" + id + DAY + asTenant(who),
                Reports.key(who));
        assertThat(page.count(".calls tbody tr")).isOne();
        shownSafely();
    }

    @Test
    @DisplayName("shows hostile names as plain text in the tables and charts of all dimensions")
    void hostileNamesInTables() {
        for (int first = 0; first < HOSTILE.size(); first += BARS_OF_THEIR_OWN) {
            String who = first == 0 ? OURS : ADMIN;
            List<String> names = HOSTILE.subList(first, Math.min(first + BARS_OF_THEIR_OWN, HOSTILE.size()));
            StringBuilder rows = new StringBuilder(HEADER);
            for (String tenant : List.of(OURS, THEIRS)) {
                for (String name : names) {
                    String tags = "{\"team\":" + Json.createValue(name) + "}";
                    rows.append(call(tenant, 1, name, "ok", name, name, cut(name, 64), tags, cut(name, 32), name));
                }
            }
            Reports.load(rows.toString());
            for (String dimension : List.of("user", "session", "environment", "tag.team", "model", "provider")) {
                page.show("#by=" + dimension + "&group=" + dimension + DAY + asTenant(who), Reports.key(who));
                String table = dimension.equals("model") ? "#by-answering-model" : "#by-" + dimension.replace('.', '-');
                if (!dimension.equals("provider")) {
                    assertThat(page.table(table))
                            .containsOnlyKeys(Stream.concat(
                                            names.stream()
                                                    .map(name ->
                                                            dimension.equals("environment") ? cut(name, 64) : name),
                                            Stream.of("All"))
                                    .toArray(String[]::new));
                }
                page.await("return document.querySelector('.bucket') !== null");
                page.run("document.querySelector('.bucket').focus()");
                shownSafely();
            }
        }
    }

    private static String cut(String text, int length) {
        return text.length() > length ? text.substring(0, length) : text;
    }

    /** The text as the page writes it into an address, escaped for a selector. */
    private static String formEncoded(String name) {
        return ((String) page.run("return String(new URLSearchParams([['user', arguments[0]]]))", name))
                .substring("user=".length())
                .replace("'", "\\'");
    }

    private static void shownSafely() {
        withoutMarkup();
        browser.width(Dashboard.NARROW);
        assertThat(page.run("return document.documentElement.scrollWidth")).isEqualTo((long) Dashboard.NARROW);
        browser.width(Dashboard.WIDE);
        assertThat(page.run("return document.documentElement.scrollWidth")).isEqualTo((long) Dashboard.WIDE);
    }

    private static void withoutMarkup() {
        assertThat(page.has("#content img, #content script, #content b, #content i"))
                .isFalse();
        assertThat(page.has("#content a[href^='javascript' i], #content a[href^='data' i]"))
                .isFalse();
    }

    @Test
    @DisplayName("groups failed and answered calls under the one model that was requested")
    void requestedModel() {
        Reports.load(HEADER
                + call(OURS, 1, "gpt-4o", "error", "", "", "", "", "", "gpt-4o")
                + call(OURS, 2, "gpt-4o-2024-08-06", "ok", "", "", "", "", "", "gpt-4o")
                + call(OURS, 3, "other", "ok", "", "", "", "", "", "")
                + call(THEIRS, 4, "gpt-4o", "ok", "", "", "", "", "", ""));
        for (String who : List.of(OURS, ADMIN)) {
            for (String group : List.of("requested_model", "model")) {
                page.show("#group=" + group + DAY + asTenant(who), Reports.key(who));
                figures("model", json("/usage/by?dimension=requested_model" + DAY_QUERY), "(no model)");
                assertThat(page.table("#by-model")).containsOnlyKeys("gpt-4o", "other", "All");
                assertThat(page.texts(".legend .label")).containsExactlyInAnyOrder("gpt-4o", "other");
            }
            page.changing(() -> page.clickLink("gpt-4o"));
            assertThat(page.texts(".calls td.model")).containsExactly("gpt-4o-2024-08-06", "gpt-4o");
            assertThat(page.hash()).contains("requested_model=gpt-4o");

            page.show("#by=model" + DAY + asTenant(who), Reports.key(who));
            assertThat(page.table("#by-answering-model"))
                    .containsOnlyKeys("gpt-4o", "gpt-4o-2024-08-06", "other", "All");
        }
    }

    @Test
    @DisplayName("asks the API only for the tenant that an admin selected, and never for all tenants")
    void oneTenant() {
        for (String view : List.of("overview", "users", "sessions", "session&session=talk-0", "calls")) {
            page.showAnew("#view=" + view + DAY + "&by=environment&tenant=" + OURS, Reports.key(ADMIN));
            List<?> asked = (List<?>) page.run("return performance.getEntriesByType('resource').map(({ name }) => name)"
                    + ".filter((name) => name.includes('/usage'))");
            assertThat(asked.stream().map(String::valueOf))
                    .isNotEmpty()
                    .allMatch(url -> url.contains("/usage/all/") && url.contains("tenant=" + OURS));
        }
    }

    @Test
    @DisplayName("adds and subtracts amounts exactly")
    void amounts() {
        page.open("");
        Object sums = page.runAsync("""
                const done = arguments[arguments.length - 1];
                import('./assets/amount.js').then(({ sum, difference }) => done([
                  sum([0.1, 0.2]), sum(Array(10).fill(0.1)), sum([]), sum([1e-10, 1e-10]), sum(Array(1000).fill(0.0000000003)),
                  sum([123456.0000000001, 0.0000000002]), difference(0.3, 0.1), difference(0.1, 0.3), difference(1e-10, 3e-10), sum([-0.5, 0.2]),
                ].map(String)));
                """);
        assertThat(sums)
                .isEqualTo(List.of(
                        "0.3", "1", "0", "2e-10", "3e-7", "123456.0000000003", "0.2", "-0.2", "-2e-10", "-0.3"));
    }

    private static JsonObject json(String path) {
        return Reports.json(OURS, path);
    }

    private static List<JsonObject> calls(String path) {
        return json(path).getJsonArray("calls").getValuesAs(JsonObject.class);
    }

    private static List<String> ids(List<JsonObject> calls) {
        return calls.stream().map(call -> call.getString("id")).toList();
    }

    private static BigDecimal cost(JsonObject report) {
        return report.getJsonObject("total").getJsonNumber("total_cost_usd").bigDecimalValue();
    }

    private static List<String> shownIds() {
        return texts(page.run(
                "return [...document.querySelectorAll('.session-calls tbody tr')].map((row) => row.dataset.id)"));
    }

    private static List<String> texts(Object list) {
        return ((List<?>) list).stream().map(String::valueOf).toList();
    }

    /** A table shows what the API says. */
    private static void figures(String table, JsonObject report, String none) {
        Map<String, Map<String, Object>> shown = page.table("#by-" + table);
        List<JsonObject> groups = report.getJsonArray("groups").getValuesAs(JsonObject.class);
        assertThat(shown).hasSize(groups.size() + 1);
        groups.forEach(group -> row(shown.get(group.getString("value", none)), group));
        row(shown.get("All"), report.getJsonObject("total"));
    }

    private static void row(Map<String, Object> shown, JsonObject block) {
        JsonObject calls = block.getJsonObject("llm_call_stats");
        Map.of(
                        "cost", block.getJsonNumber("total_cost_usd"),
                        "calls", calls.getJsonNumber("total_calls"),
                        "failed", calls.getJsonNumber("failed_calls"),
                        "input", calls.getJsonObject("input_tokens").getJsonNumber("total"),
                        "output", calls.getJsonObject("output_tokens").getJsonNumber("total"))
                .forEach((column, right) -> ((Shown) shown.get(column)).is(column, right.bigDecimalValue()));
    }

    /** The page shows the calls of a list oldest first, each with its figures. The list has them newest first. */
    private static void timeline(List<JsonObject> newestFirst) {
        List<JsonObject> right = new ArrayList<>(newestFirst);
        Collections.reverse(right);
        assertThat(right).isNotEmpty();
        assertThat(shownIds()).isEqualTo(ids(right));
        List<?> rows = (List<?>) page.run("""
                return [...document.querySelectorAll('.session-calls tbody tr')].map((row) => ({
                  started: row.querySelector('time').dateTime,
                  lane: row.querySelectorAll('.when .lane').length,
                  figures: [...row.querySelectorAll('data')].map((data) => ({ value: data.value, text: data.textContent })),
                }));""");
        List<String> names = List.of("call_duration_ms", "input_tokens", "output_tokens", "cost_usd");
        for (int i = 0; i < right.size(); i++) {
            Map<?, ?> row = (Map<?, ?>) rows.get(i);
            assertThat(row.get("started")).isEqualTo(right.get(i).getString("started_at"));
            assertThat(row.get("lane")).isEqualTo(1L);
            List<?> figures = (List<?>) row.get("figures");
            assertThat(figures).hasSameSizeAs(names);
            for (int column = 0; column < names.size(); column++) {
                Shown.of((Map<?, ?>) figures.get(column))
                        .is(
                                names.get(column),
                                right.get(i).getJsonNumber(names.get(column)).bigDecimalValue());
            }
        }
    }
}
