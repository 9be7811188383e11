package io.bida.relay;

import java.util.List;

/** How flights leave a dock. For the shipper's thread only. */
interface Gate {

    /** How many may leave now. */
    int room();

    /** Lets flights leave; answers how many did, from the first on. Each of them lands once. */
    int leave(List<Flight> flights);

    /** All has left that can leave for now. */
    void turned();
}
