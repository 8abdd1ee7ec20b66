/** The code of a customer: models, services and a WAR. They use only the published jar of the product. */
package dev.tokentally.it.customer;
