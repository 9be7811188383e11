package io.bida.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WebhookSignatureTest {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static final Instant TIME = Instant.ofEpochSecond(1614265330);
    private static final ByteBuffer BODY = ByteBuffer.wrap("{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8))
            .asReadOnlyBuffer();
    private static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private final WebhookSignature signature = WebhookSignature.of("secret", SECRET);

    @Test
    void aKnownExampleHasItsKnownSignature() {
        assertThat(signature.headers(ID, TIME, BODY.duplicate()))
                .isEqualTo(Map.of("webhook-id", ID, "webhook-timestamp", "1614265330", "webhook-signature", SIGNATURE));
    }

    @Test
    void aSecretWithoutThePrefixIsTheSameKey() {
        assertThat(WebhookSignature.of("secret", SECRET.substring(6)).headers(ID, TIME, BODY.duplicate()))
                .containsEntry("webhook-signature", SIGNATURE);
    }

    @Test
    void aSecretThatIsNoBase64IsRefusedWithoutBeingShown() {
        assertThatThrownBy(() -> WebhookSignature.of("transports.web.secret", "whsec_top secret!"))
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("transports.web.secret")
                .hasMessageNotContaining("top secret")
                .hasNoCause();
    }

    @Test
    void oneFittingSignatureAmongSeveralIsEnough() {
        assertThat(refusal(ID, "1614265330", "v1,AAAA v1a,x " + SIGNATURE, TIME))
                .isNull();
    }

    @Test
    void anyChangeIsNoticed() {
        assertThat(refusal("msg_other", "1614265330", SIGNATURE, TIME)).contains("webhook-signature");
        assertThat(refusal(ID, "1614265331", SIGNATURE, TIME)).contains("webhook-signature");
        assertThat(refusal(ID, "1614265330", "v1,", TIME)).contains("webhook-signature");
    }

    @Test
    void aTimeMoreThanFiveMinutesAwayIsRefused() {
        assertThat(refusal(ID, "1614265330", SIGNATURE, TIME.plusSeconds(300))).isNull();
        assertThat(refusal(ID, "1614265330", SIGNATURE, TIME.plusSeconds(301))).contains("webhook-timestamp");
        assertThat(refusal(ID, "1614265330", SIGNATURE, TIME.minusSeconds(301))).contains("webhook-timestamp");
        assertThat(refusal(ID, "soon", SIGNATURE, TIME)).contains("webhook-timestamp");
        assertThat(refusal(ID, "-9223372036854775808", SIGNATURE, TIME)).contains("webhook-timestamp");
    }

    private @Nullable String refusal(String id, String timestamp, String signatures, Instant now) {
        return signature
                .refusal(id, timestamp, signatures, now, BODY.duplicate())
                .orElse(null);
    }
}
