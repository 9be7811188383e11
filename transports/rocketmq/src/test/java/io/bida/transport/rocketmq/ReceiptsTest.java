package io.bida.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.transport.Receipt;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingConnectException;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.exception.RemotingSendRequestException;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReceiptsTest {

    @Test
    void whatIsStoredIsAcceptedAndTheProofIsItsPlace() {
        assertThat(Receipts.of(result(SendStatus.SEND_OK), true))
                .isEqualTo(new Receipt.Accepted("broker-a/orders/3@42"));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SEND_OK")
    void whatIsNotAsDurableAsItShouldBeIsUnknown(SendStatus status) {
        assertThat(Receipts.of(result(status), true)).isInstanceOf(Receipt.Unknown.class);
    }

    @Test
    void whereTheReplicaIsOptionalTheMasterIsEnoughYetItsDiskIsNot() {
        assertThat(Receipts.of(result(SendStatus.SLAVE_NOT_AVAILABLE), false)).isInstanceOf(Receipt.Accepted.class);
        assertThat(Receipts.of(result(SendStatus.FLUSH_SLAVE_TIMEOUT), false)).isInstanceOf(Receipt.Accepted.class);
        assertThat(Receipts.of(result(SendStatus.FLUSH_DISK_TIMEOUT), false)).isInstanceOf(Receipt.Unknown.class);
    }

    @Test
    void aBrokerThatIsBusyOrForbidsItMayTakeItLater() {
        assertThat(Receipts.of(new MQBrokerException(ResponseCode.SYSTEM_BUSY, "[TIMEOUT_CLEAN_QUEUE]broker busy")))
                .isEqualTo(new Receipt.Failed("The broker refused it (2): [TIMEOUT_CLEAN_QUEUE]broker busy"));
        assertThat(Receipts.of(new MQBrokerException(ResponseCode.NO_PERMISSION, "no")))
                .isInstanceOf(Receipt.Failed.class);
    }

    @Test
    void aBrokerWhoseDiskIsFullIsUnavailable() {
        assertThat(Receipts.of(new MQBrokerException(ResponseCode.SERVICE_NOT_AVAILABLE, "disk full")))
                .isInstanceOfSatisfying(
                        Receipt.Failed.class,
                        failed -> assertThat(failed.unavailable()).isTrue());
    }

    @Test
    void whatMayHaveBeenWrittenIsUnknownAndWhatWasNotIsUnavailable() {
        assertThat(Receipts.of(new MQClientException("send request failed", new RemotingSendRequestException("a"))))
                .isInstanceOf(Receipt.Unknown.class);
        assertThat(Receipts.of(new MQClientException("unknown reason", new RemotingConnectException("a"))))
                .isInstanceOfSatisfying(
                        Receipt.Failed.class,
                        failed -> assertThat(failed.unavailable()).isTrue());
    }

    @Test
    void whatARequestSaysOfItselfIsNotRepeated() {
        assertThat(Receipts.of(new RemotingException("RemotingCommand [extFields={Signature=abc}]"))
                        .toString())
                .doesNotContain("abc");
    }

    private static SendResult result(SendStatus status) {
        return new SendResult(status, "id", "offset-id", new MessageQueue("orders", "broker-a", 3), 42);
    }
}
