package io.bida.relay;

import io.bida.transport.Receipt;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/** Flights leave when somebody asks for one: who asked first gets the first. */
final class FetchGate implements Gate {

    private final Landings landings;
    private final Queue<Ask> asks = new ArrayDeque<>();

    FetchGate(Landings landings) {
        this.landings = landings;
    }

    /** From any thread. What landed before is looked at before, so that its successor may be what is given. */
    void ask(Ask ask) {
        landings.post(() -> asks.add(ask));
    }

    @Override
    public int room() {
        asks.removeIf(Ask::isAnswered);
        return asks.size();
    }

    @Override
    public int leave(List<Flight> flights) {
        int left = 0;
        while (left < flights.size() && give(flights.get(left))) {
            left++;
        }
        return left;
    }

    /** False when all who asked have withdrawn meanwhile. */
    private boolean give(Flight flight) {
        CompletableFuture<Receipt> receipt = new CompletableFuture<>();
        for (Ask ask = asks.poll(); ask != null; ask = asks.poll()) {
            if (ask.give(new Ask.Given(flight.claim, receipt))) {
                landings.await(flight, receipt);
                return true;
            }
        }
        return false;
    }

    @Override
    public void turned() {
        asks.stream().filter(ask -> !ask.isPatient()).forEach(Ask::none);
    }
}
