package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/** The dashboard in a browser. Tests use it by what a person sees and does there. */
final class Dashboard {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String FIGURE = "const figure = (data) => ({ value: data.value, text: data.textContent });";

    private static final String ONE_FIGURE = """
            const data = document.querySelector(arguments[0]);
            return { value: data.value, text: data.checkVisibility() ? data.innerText : 'hidden' };
            """;

    private static final String TABLE = FIGURE + """
            return [...document.querySelectorAll(`${arguments[0]} tbody tr, ${arguments[0]} tfoot tr`)].map((row) =>
              Object.fromEntries([...row.cells].map((cell) => {
                const data = cell.querySelector('data');
                return [cell.className, data ? figure(data) : cell.textContent];
              })));
            """;

    private static final String CHART = FIGURE + """
            return [...document.querySelectorAll('.as-table tbody tr')].map((row) =>
              [...row.querySelectorAll('data')].map(figure));
            """;

    /** True if nothing of the last view is left, and the page waits for nothing. */
    private static final String IS_SHOWN = """
            return document.readyState === 'complete'
                && document.querySelector('#content')?.childElementCount > 0
                && !document.querySelector('[data-old]')
                && !document.querySelector('main[aria-busy]')
                && !document.querySelector('.loading');
            """;

    /** Waits in the page, because each question from here takes longer than most answers. */
    private static final String AWAIT = """
            const done = arguments[arguments.length - 1];
            const isTrue = () => { %s };
            const deadline = performance.now() + %d;
            const look = () => {
              try {
                if (isTrue() === true) {
                  done('true');
                } else if (performance.now() < deadline) {
                  setTimeout(look, 10);
                } else {
                  done('not yet');
                }
              } catch (failure) {
                done(String(failure));
              }
            };
            look();
            """;

    private static final long LOOK_MILLIS = 2_000;

    private static final String FOLLOW = """
            document.querySelector('#content').firstElementChild.dataset.old = true;
            const before = location.href;
            location.hash = arguments[0];
            if (location.href === before) {
              // The browser tells of a change only.
              dispatchEvent(new HashChangeEvent('hashchange'));
            }
            """;

    static final int WIDE = 1600;
    static final int NARROW = 360;

    private final Browser browser;
    private final ChromeDriver driver;
    private final String address;

    /** The key that is signed in on this page; null if nobody is, or if a test may have changed the page. */
    private String signedIn;

    Dashboard(Browser browser, String address) {
        this.browser = browser;
        this.driver = browser.driver();
        this.address = address;
    }

    /** Opens a link, or the dashboard itself if the link is empty, without a key. */
    void open(String hash) {
        signedIn = null;
        // It first opens a file without a script, because a script could put the key back.
        driver.get(address + "assets/icon.svg");
        driver.executeScript("sessionStorage.clear(); localStorage.clear();");
        driver.get(address + hash);
        awaitView();
    }

    /** Opens the dashboard if it is not open. This is for tests of its scripts alone, which need some page of its server. */
    void openForScripts() {
        if (!driver.getCurrentUrl().startsWith(address)) {
            open("");
        }
    }

    void signIn(String key) {
        WebElement field = driver.findElement(By.id("key"));
        field.clear();
        field.sendKeys(key);
        driver.findElement(By.cssSelector(".sign-in button")).click();
    }

    /**
     * Shows the view of a link to the owner of this key. If the owner is signed in, the page itself follows the link, which is
     * faster than {@link #showAnew}.
     */
    void show(String hash, String key) {
        if (!key.equals(signedIn)) {
            showAnew(hash, key);
            return;
        }
        driver.executeScript(FOLLOW, hash);
        awaitView();
    }

    /** Shows the view of a link to the owner of this key, who opens it in a new page and signs in. */
    void showAnew(String hash, String key) {
        open(hash);
        changing(() -> signIn(key));
        signedIn = key;
    }

    /** Makes the next view be shown in a new page. Each test begins so, whatever the test before did to its page. */
    void forget() {
        signedIn = null;
    }

    /** Does something that leads to another view, and waits for that view. */
    void changing(Runnable action) {
        driver.executeScript("document.querySelector('#content').firstElementChild.dataset.old = true");
        action.run();
        awaitView();
    }

    /** Waits for the view, and checks that its scripts wrote no object where a text belongs. */
    private void awaitView() {
        await(IS_SHOWN);
        assertThat(run("return document.body.textContent.match(/.{0,40}\\[object .{0,40}/)?.[0] ?? ''"))
                .as("an object in a text")
                .isEqualTo("");
    }

    void click(String css) {
        driver.findElement(By.cssSelector(css)).click();
    }

    void clickLink(String text) {
        driver.findElement(By.linkText(text)).click();
    }

    void choose(String id, String value) {
        driver.findElement(By.cssSelector("#" + id + " option[value='" + value + "']"))
                .click();
    }

    void press(CharSequence keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    String focused() {
        return driver.switchTo().activeElement().getAccessibleName();
    }

    String hash() {
        return (String) driver.executeScript("return location.hash");
    }

    String heading() {
        return text("#content h1");
    }

    String text(String css) {
        return driver.findElement(By.cssSelector(css)).getText();
    }

    boolean has(String css) {
        return !driver.findElements(By.cssSelector(css)).isEmpty();
    }

    int count(String css) {
        return driver.findElements(By.cssSelector(css)).size();
    }

    List<String> texts(String css) {
        return driver.findElements(By.cssSelector(css)).stream()
                .map(WebElement::getText)
                .toList();
    }

    Shown figure(String css) {
        return Shown.of((Map<?, ?>) driver.executeScript(ONE_FIGURE, css + " data"));
    }

    /** The rows of a table of figures by their names. Each has its columns by name, with a {@link Shown} or a text. */
    Map<String, Map<String, Object>> table(String css) {
        Map<String, Map<String, Object>> rows = new LinkedHashMap<>();
        for (Object row : (List<?>) driver.executeScript(TABLE, css)) {
            Map<String, Object> cells = new LinkedHashMap<>();
            ((Map<?, ?>) row)
                    .forEach((column, cell) -> cells.put(
                            (String) column, cell instanceof Map<?, ?> figure ? Shown.of(figure) : (String) cell));
            rows.put((String) cells.get("name"), cells);
        }
        return rows;
    }

    /** The table below the chart: each bar has a row with its parts, then one with the sum. */
    List<List<Shown>> chart() {
        if (!has(".as-table[open]")) {
            click(".as-table summary");
            await("return document.querySelector('.as-table table') !== null");
        }
        return ((List<?>) driver.executeScript(CHART))
                .stream()
                        .map(row -> ((List<?>) row)
                                .stream()
                                        .map(figure -> Shown.of((Map<?, ?>) figure))
                                        .toList())
                        .toList();
    }

    Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    Object runAsync(String script, Object... arguments) {
        return driver.executeAsyncScript(script, arguments);
    }

    /** Checks a view in light and dark, wide and narrow: it has no horizontal scroll bar, and axe-core finds nothing serious. */
    void fitsAndIsAccessible(String name) {
        for (String scheme : List.of("light", "dark")) {
            browser.scheme(scheme);
            for (int width : new int[] {WIDE, NARROW}) {
                browser.width(width);
                await(
                        "return !document.querySelector('.plot svg')"
                                + " || document.querySelector('.plot svg').clientWidth <= document.querySelector('.plot').clientWidth");
                assertThat(run("return document.documentElement.scrollWidth"))
                        .as(name + " " + width)
                        .isEqualTo((long) width);
                browser.pictureOnDemand(name + "-" + scheme + "-" + width);
                if (scheme.equals("light")) {
                    assertThat(browser.accessibilityFindings())
                            .as(name + " " + width)
                            .isEmpty();
                } else if (width == WIDE) {
                    assertThat(browser.colourFindings()).as(name + " dark").isEmpty();
                }
            }
        }
        browser.scheme("light");
        browser.width(WIDE);
    }

    void await(String condition) {
        String look = String.format(Locale.ROOT, AWAIT, condition, LOOK_MILLIS);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String answer;
        do {
            try {
                answer = (String) driver.executeAsyncScript(look);
            } catch (JavascriptException leftThePage) {
                answer = leftThePage.getMessage();
            }
            if (answer.equals("true")) {
                return;
            }
        } while (System.nanoTime() < deadline);
        browser.picture("awaited in vain");
        throw new AssertionError("Awaited in vain: " + condition + "\nThe last answer: " + answer + "\nThe console: "
                + browser.complaints() + "\nThe page: " + driver.executeScript("return document.body.innerText"));
    }
}
