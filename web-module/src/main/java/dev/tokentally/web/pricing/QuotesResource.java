package dev.tokentally.web.pricing;

import dev.tokentally.pricing.PriceList;
import dev.tokentally.pricing.Quote;
import dev.tokentally.web.body.BodyLimit;
import dev.tokentally.web.json.JsonBody;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;

/** Says what a usage costs by the price list, and why. Safe for use by many threads. */
@Path("prices/quotes")
@ApplicationScoped
public class QuotesResource {

    private final PriceList prices;
    private final BodyLimit limit;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public QuotesResource() {
        this(null, null);
    }

    @Inject
    QuotesResource(PriceList prices, BodyLimit limit) {
        this.prices = prices;
        this.limit = limit;
    }

    /**
     * Makes a quote. Nothing is recorded.
     *
     * @param http the request, whose body is read here
     * @return the quote, as JSON
     */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] quote(@Context HttpServletRequest http) {
        QuoteRequest request = QuoteRequest.parse(limit.read(http), Instant.now());
        Quote quote = prices.quote(request.usage());
        return JsonBody.object(json -> QuoteJson.write(request, quote, json));
    }
}
