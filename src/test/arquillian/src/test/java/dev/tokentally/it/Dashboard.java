package dev.tokentally.it;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/** The dashboard in a browser. Tests use it by what a person sees and does there. */
final class Dashboard {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String FIGURE = "const figure = (data) => ({ value: data.value, text: data.textContent });";

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

    private final Browser browser;
    private final ChromeDriver driver;
    private final String address;

    Dashboard(Browser browser, String address) {
        this.browser = browser;
        this.driver = browser.driver();
        this.address = address;
    }

    /** Opens a link, or the dashboard itself if the link is empty, without a key. */
    void open(String hash) {
        // It first opens a file without a script, because a script could put the key back.
        driver.get(address + "assets/icon.svg");
        driver.executeScript("sessionStorage.clear(); localStorage.clear();");
        driver.get(address + hash);
        await(IS_SHOWN);
    }

    void signIn(String key) {
        WebElement field = driver.findElement(By.id("key"));
        field.clear();
        field.sendKeys(key);
        driver.findElement(By.cssSelector(".sign-in button")).click();
    }

    /** Shows the view of a link to the owner of this key. */
    void show(String hash, String key) {
        open(hash);
        changing(() -> signIn(key));
    }

    /** Does something that leads to another view, and waits for that view. */
    void changing(Runnable action) {
        driver.executeScript("document.querySelector('#content').firstElementChild.dataset.old = true");
        action.run();
        await(IS_SHOWN);
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
        WebElement data = driver.findElement(By.cssSelector(css + " data"));
        return new Shown(new BigDecimal(data.getDomAttribute("value")), data.getText());
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

    void await(String condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        JavascriptExecutor page = driver;
        while (!Boolean.TRUE.equals(page.executeScript(condition))) {
            if (System.nanoTime() > deadline) {
                browser.screenshot("awaited in vain");
                throw new AssertionError("Awaited in vain: " + condition + "\nThe console: " + browser.complaints()
                        + "\nThe page: " + page.executeScript("return document.body.innerText"));
            }
            try {
                Thread.sleep(30);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
