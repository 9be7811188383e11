package io.bida.transport.jms;

class ActiveMqTransportTest extends JmsContract<ActiveMqCarrier> {

    ActiveMqTransportTest() {
        super(new ActiveMqCarrier());
    }
}
