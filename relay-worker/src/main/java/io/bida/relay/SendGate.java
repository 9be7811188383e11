package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.transport.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Flights leave by being sent, however many they are. */
final class SendGate implements Gate {

    private final String destination;
    private final ClaimSender sender;
    private final Landings landings;

    SendGate(String destination, ClaimSender sender, Landings landings) {
        this.destination = destination;
        this.sender = sender;
        this.landings = landings;
    }

    @Override
    public int room() {
        return Integer.MAX_VALUE;
    }

    /** Whatever the sender does, each flight lands once; a receipt beyond the first changes nothing. */
    @Override
    public int leave(List<Flight> flights) {
        int answered = 0;
        String fault = " gave no answer.";
        try {
            List<Claim.Sendable> claims = new ArrayList<>(flights.size());
            flights.forEach(flight -> claims.add(flight.claim));
            for (CompletionStage<Receipt> stage : sender.send(claims)) {
                if (answered == flights.size()) {
                    return answered;
                }
                landings.await(flights.get(answered), stage);
                answered++;
            }
        } catch (RuntimeException | Error e) {
            fault = " broke: " + e;
        }
        for (Flight flight : flights.subList(answered, flights.size())) {
            landings.land(flight, new Receipt.Unknown(destination + fault));
        }
        return flights.size();
    }

    @Override
    public void turned() {}
}
