package io.bida.broker.kafka;

import kafka.Kafka;
import kafka.tools.StorageTool;

/** Makes the storage that a file of server properties names, where it is not made yet, and runs the server. */
public final class KafkaMain {

    /** Any: the server is a cluster of its own. */
    private static final String CLUSTER_ID = "YmlkYS1iaWRhLWJpZGEtYg";

    private KafkaMain() {}

    /** @param args the file */
    public static void main(String[] args) {
        String[] format = {"format", "--cluster-id", CLUSTER_ID, "--config", args[0], "--ignore-formatted"};
        int code = StorageTool.execute(format, System.out);
        if (code != 0) {
            System.exit(code);
        }
        Kafka.main(args);
    }
}
