/** What a customer writes: models, services and a WAR that know of the product only the published jar. */
package dev.tokentally.it.customer;
