package io.bida.transport.nats;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Streams for subjects that no stream has. */
final class NatsStreams {

    private static final Logger log = LoggerFactory.getLogger(NatsStreams.class);
    private static final String NO_PART_OF_A_NAME = "[^A-Za-z0-9_-]";

    private NatsStreams() {}

    /** Creates a stream in files, with the server's defaults, unless one has the subject. */
    static void create(JetStreamManagement management, String subject) throws IOException, JetStreamApiException {
        if (management.getStreamNames(subject).isEmpty()) {
            String name = subject.replaceAll(NO_PART_OF_A_NAME, "_");
            management.addStream(StreamConfiguration.builder()
                    .name(name)
                    .subjects(subject)
                    .storageType(StorageType.File)
                    .build());
            log.info("bida: the stream {} for the subject {} was created", name, subject);
        }
    }
}
