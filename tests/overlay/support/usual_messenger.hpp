// How a peer's messenger is made where nobody says otherwise: by a document's defaults, and it forwards.
#pragma once

#include <chrono>

#include "phyllo/identity/configuration.hpp"
#include "phyllo/overlay/peer.hpp"
#include "reload/messenger.hpp"

namespace phyllo::testing {

inline overlay::messenger_options usual_messenger() {
  const identity::configuration document;
  return {.initial_ttl = document.initial_ttl,
          .end_to_end_timer = std::chrono::milliseconds(document.overlay_reliability_timer_ms),
          .message_max = document.max_message_size,
          .sends_max = overlay::peer_options().end_to_end_sends,
          .forwards = true};
}

}  // namespace phyllo::testing
