package dev.tokentally.scope;

/**
 * Says what is known about the current caller's calls beside the tenant. An application adds its own bean, in the EJB module or in
 * a WAR. Without one, scopes have only the attributes that they inherit:
 *
 * <pre>{@code
 * @ApplicationScoped
 * class LoggedInUser implements CallAttributesResolver {
 *     public CallAttributes currentAttributes() { return new CallAttributes(login.name(), login.session(), null, null); }
 * }
 * }</pre>
 *
 * <p>It is called for each scope of {@link LlmOperation}, on the thread that enters the scope. Nothing that it returns or throws
 * makes a call fail. A value that cannot be recorded is left out, and one WARNING in the log says which.
 */
public interface CallAttributesResolver {

    /**
     * The attributes of the current caller's calls.
     *
     * @return the attributes; null where there are none
     */
    CallAttributes currentAttributes();
}
