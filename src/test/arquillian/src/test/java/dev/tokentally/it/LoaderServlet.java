package dev.tokentally.it;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.Figures;
import dev.tokentally.usage.TokenCounts;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Code of a customer within the product. It fills the product's store with the calls of a file, and asks the store in Java.
 */
@WebServlet("/loader")
public class LoaderServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    private static final int BATCH = 500;

    @Inject
    transient UsageRepository repository;

    @Inject
    transient UsageReports reports;

    /** Adds the calls of a CSV file with a header. The columns that the corpus does not have may be absent. */
    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        request.setCharacterEncoding("UTF-8");
        List<CallRecord> batch = new ArrayList<>();
        try (CsvReader<NamedCsvRecord> rows = CsvReader.builder().ofNamedCsvRecord(request.getReader())) {
            for (NamedCsvRecord row : rows) {
                batch.add(call(row));
                if (batch.size() == BATCH) {
                    repository.storeAll(batch);
                    batch.clear();
                }
            }
            repository.storeAll(batch);
        } catch (UsageStoreException e) {
            throw new ServletException(e);
        }
    }

    private static CallRecord call(NamedCsvRecord row) {
        return new CallRecord(
                UUID.fromString(row.getField("id")),
                new CallOrigin(
                        UUID.fromString(row.getField("call_id")),
                        row.getField("tenant_id"),
                        row.getField("operation"),
                        told(row, "user_id", null),
                        told(row, "session_id", null),
                        told(row, "environment", null),
                        told(row, "tags", null)),
                new CallTiming(
                        OffsetDateTime.parse(row.getField("timestamp")).toInstant(),
                        Duration.ofMillis(Long.parseLong(row.getField("call_duration_ms"))),
                        null),
                new CallUsage(
                        told(row, "provider", ""),
                        row.getField("model"),
                        new TokenCounts(
                                Integer.parseInt(row.getField("input_tokens")),
                                Integer.parseInt(row.getField("output_tokens")),
                                Integer.parseInt(told(row, "cached_input_tokens", "0")),
                                0,
                                0,
                                meters(told(row, "meters", "")),
                                Set.of(words(told(row, "usage_doubts", "")))),
                        told(row, "service_tier", ""),
                        told(row, "kind", CallUsage.CHAT),
                        told(row, "requested_model", null)),
                new Cost(
                        new BigDecimal(row.getField("cost_usd")).setScale(CallRecord.COST_SCALE),
                        CostSource.ofLabel(told(row, "cost_source", "provider"))),
                new CallOutcome(
                        row.getField("status").equals("ok") ? CallStatus.OK : CallStatus.ERROR,
                        row.getField("error_class").isEmpty() ? null : row.getField("error_class")),
                new CallLinks(told(row, "trace_id", null), told(row, "span_id", null), told(row, "response_id", null)));
    }

    private static String told(NamedCsvRecord row, String column, String otherwise) {
        return row.findField(column).filter(text -> !text.isEmpty()).orElse(otherwise);
    }

    private static String[] words(String text) {
        return text.isEmpty() ? new String[0] : text.split(" ");
    }

    private static Map<String, Long> meters(String text) {
        Map<String, Long> meters = new HashMap<>();
        for (String meter : words(text)) {
            meters.put(meter.split("=")[0], Long.valueOf(meter.split("=")[1]));
        }
        return meters;
    }

    /** Removes all calls. */
    @Override
    protected void doDelete(HttpServletRequest request, HttpServletResponse response) throws ServletException {
        String name = ConfigProvider.getConfig().getValue("tokentally.datasource", String.class);
        try (Connection connection = ((DataSource) new InitialContext().lookup(name)).getConnection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("delete from llm_calls");
        } catch (NamingException | SQLException e) {
            throw new ServletException(e);
        }
    }

    /** A tenant's calls and costs of all time, as the Java API gives them. */
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        request.setCharacterEncoding("UTF-8");
        try {
            Figures figures = reports.ofTenant(request.getParameter("tenant"), Window.ALWAYS)
                    .perCall();
            response.getWriter()
                    .print(figures.totalCalls() + " "
                            + figures.totalCostUsd().stripTrailingZeros().toPlainString());
        } catch (UsageStoreException e) {
            throw new ServletException(e);
        }
    }
}
