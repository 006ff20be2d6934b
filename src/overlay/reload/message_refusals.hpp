// Errors on behalf of destinations that a request can not reach (RFC 6940 s.6.3.3.1; RFC 7851 s.6.2), at a bounded rate. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "phyllo/core/time.hpp"
#include "reload/diagnostic_messages.hpp"
#include "reload/forwarding_header.hpp"
#include "reload/message_counters.hpp"
#include "reload/message_maker.hpp"
#include "reload/token_bucket.hpp"

namespace phyllo::overlay {

// What a node that would forward a diagnosis says of it instead; 0: nothing, it goes on. `in_circle`: it has been here before.
[[nodiscard]] std::uint16_t error_of_diagnosis(const diagnostics_request& d, const forwarding_header& h, bool in_circle,
                                               std::uint64_t now_ms) noexcept;

class message_refusals {
 public:
  // Both outlive it.
  message_refusals(const message_maker& maker, message_counters& counters) : maker_(maker), counters_(counters) {}

  struct refusal {
    forwarding_header header;
    payload_ptr payload;
  };
  // Of a message that came by the link of `from`. Nothing: it is an answer, which is dropped without a word, or this node's own, or there
  // have been too many.
  [[nodiscard]] std::optional<refusal> refuse(const forwarding_header& h, core::byte_view payload, const std::optional<node_id>& from,
                                              std::uint16_t error, std::string_view info, core::time_point now);

 private:
  const message_maker& maker_;
  message_counters& counters_;
  token_bucket rate_{100, 200};
};

}  // namespace phyllo::overlay
