package io.bida.transport.http;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request: refuse what its head tells, read the body, verify, read the envelope, ask the intake, answer. The body
 * is read without holding a thread; the intake runs on one of the server's. Thread-safe.
 */
final class EventHandler extends Handler.Abstract.NonBlocking {

    private static final Logger log = LoggerFactory.getLogger(EventHandler.class);

    private record Reply(int status, String text, @Nullable Duration retryAfter) {

        Reply(int status, String text) {
            this(status, text, null);
        }
    }

    private final String path;
    private final int maxPayload;
    private final @Nullable WebhookSignature signature;
    private final InstantSource clock;
    private final Intake intake;

    EventHandler(
            String path, int maxPayload, @Nullable WebhookSignature signature, InstantSource clock, Intake intake) {
        this.path = path;
        this.maxPayload = maxPayload;
        this.signature = signature;
        this.clock = clock;
        this.intake = intake;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Optional<Reply> refusal = refusal(request);
        if (refusal.isPresent()) {
            write(response, callback, refusal.get());
            return true;
        }
        Executor workers = request.getComponents().getExecutor();
        PayloadReader.read(
                request,
                maxPayload,
                (body, failure) -> workers.execute(() -> write(response, callback, reply(request, body, failure))));
        return true;
    }

    private Optional<Reply> refusal(Request request) {
        if (!Request.getPathInContext(request).equals(path)) {
            return Optional.of(new Reply(404, "Messages are taken at " + path + "."));
        }
        if (!request.getMethod().equals("POST")) {
            return Optional.of(new Reply(405, "Messages are taken by POST."));
        }
        String contentType = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (contentType != null && contentType.strip().toLowerCase(Locale.ROOT).startsWith("application/cloudevents")) {
            return Optional.of(new Reply(415, "Only the binary mode of CloudEvents is read, not " + contentType + "."));
        }
        return request.getLength() > maxPayload ? Optional.of(tooLong()) : Optional.empty();
    }

    private Reply reply(Request request, byte @Nullable [] body, @Nullable Throwable failure) {
        if (failure instanceof PayloadReader.TooLongException) {
            return tooLong();
        }
        if (body == null) {
            return new Reply(400, "The body did not arrive whole.");
        }
        Optional<String> mistrust = mistrust(request.getHeaders(), ByteBuffer.wrap(body));
        if (mistrust.isPresent()) {
            return new Reply(401, mistrust.get());
        }
        try {
            return reply(CloudEventHeaders.read(headers(request.getHeaders()), Payload.wrap(body)));
        } catch (RefusedException e) {
            return new Reply(400, String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> mistrust(HttpFields headers, ByteBuffer body) {
        return signature == null
                ? Optional.empty()
                : signature.refusal(
                        headers.get(WebhookSignature.ID),
                        headers.get(WebhookSignature.TIMESTAMP),
                        headers.get(WebhookSignature.SIGNATURE),
                        clock.instant(),
                        body);
    }

    private Reply reply(Message message) {
        try {
            return reply(intake.receive(message));
        } catch (RuntimeException | Error e) {
            log.error("The intake threw on message {}; it is answered 500 and will be sent again", message.id(), e);
            return new Reply(500, "Message " + message.id() + " was not handled: the intake failed.");
        }
    }

    private static Reply reply(Answer answer) {
        if (answer instanceof Answer.Conflict conflict) {
            return new Reply(422, conflict.reason());
        }
        if (answer instanceof Answer.Rejected rejected) {
            return new Reply(422, rejected.reason());
        }
        if (answer instanceof Answer.Retry retry) {
            return new Reply(503, retry.reason(), retry.after());
        }
        return new Reply(200, answer instanceof Answer.Duplicate ? "duplicate" : "handled");
    }

    private Reply tooLong() {
        return new Reply(413, "The payload is longer than " + maxPayload + " bytes.");
    }

    private static List<Map.Entry<String, String>> headers(HttpFields fields) {
        return fields.stream().map(EventHandler::entry).toList();
    }

    private static Map.Entry<String, String> entry(HttpField field) {
        return Map.entry(field.getName(), field.getValue() == null ? "" : field.getValue());
    }

    private static void write(Response response, Callback callback, Reply reply) {
        response.setStatus(reply.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain;charset=utf-8");
        if (reply.status() == 405) {
            response.getHeaders().put(HttpHeader.ALLOW, "POST");
        }
        Duration wait = reply.retryAfter();
        if (wait != null) {
            response.getHeaders()
                    .put(
                            HttpHeader.RETRY_AFTER,
                            Math.max(0, wait.plusNanos(999_999_999).toSeconds()));
        }
        response.write(true, StandardCharsets.UTF_8.encode(reply.text()), callback);
    }
}
