package dev.tokentally.web.pricing;

import dev.tokentally.pricing.Quote;
import dev.tokentally.web.json.PlainDecimal;
import jakarta.json.stream.JsonGenerator;

/** A quote as the API shows it. */
final class QuoteJson {

    private QuoteJson() {}

    static void write(QuoteRequest request, Quote quote, JsonGenerator json) {
        if (quote.costUsd() == null) {
            json.writeNull("cost_usd");
        } else {
            json.write("cost_usd", PlainDecimal.of(quote.costUsd()));
        }
        json.write("cost_source", quote.source().label()).writeStartObject("tokens");
        request.told().forEach((meter, quantity) -> json.write(meter.label(), quantity));
        json.writeEnd().write("service_tier", request.usage().serviceTier()).writeStartArray("items");
        for (Quote.Item item : quote.items()) {
            json.writeStartObject()
                    .write("meter", item.meter().label())
                    .write("quantity", item.quantity())
                    .write("price_usd", PlainDecimal.of(item.priceUsd()))
                    .write("per", item.per())
                    .write("cost_usd", PlainDecimal.of(item.costUsd()))
                    .writeEnd();
        }
        json.writeEnd();
        write(quote.price(), json);
        if (quote.pricedUpTo() == 0) {
            json.writeNull("priced_up_to");
        } else {
            json.write("priced_up_to", quote.pricedUpTo());
        }
        json.writeStartArray("notes");
        request.notes().forEach(json::write);
        quote.notes().forEach(json::write);
        json.writeEnd();
    }

    private static void write(Quote.Origin price, JsonGenerator json) {
        if (price == null) {
            json.writeNull("price");
            return;
        }
        json.writeStartObject("price")
                .write("list", price.list())
                .write("provider", price.provider())
                .write("model", price.model());
        if (price.from() == null) {
            json.writeNull("from");
        } else {
            json.write("from", price.from().toString());
        }
        json.writeEnd();
    }
}
