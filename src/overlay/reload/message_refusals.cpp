#include "reload/message_refusals.hpp"

#include <memory>
#include <utility>

#include "reload/message.hpp"

namespace phyllo::overlay {

// "In this case, the intermediate peer returns an error response to the initiator node, reporting any malfunction node information
// available" (RFC 7851 s.6.2).
std::uint16_t error_of_diagnosis(const diagnostics_request& d, const forwarding_header& h, bool in_circle, std::uint64_t now_ms) noexcept {
  if (d.expiration_ms <= now_ms) return error_code::message_expired;
  if (in_circle) return error_code::loop_detected;
  return h.ttl == 0 ? error_code::ttl_hops_exceeded : std::uint16_t{0};
}

std::optional<message_refusals::refusal> message_refusals::refuse(const forwarding_header& h, core::byte_view payload,
                                                                  const std::optional<node_id>& from, std::uint16_t error,
                                                                  std::string_view info, core::time_point now) {
  if (!is_request(peek_code(payload))) return std::nullopt;
  auto back = return_path(h.via, from);
  if (back.empty()) return std::nullopt;
  // Nobody has verified what it answers to, and it costs a signature.
  if (!rate_.take(now)) {
    counters_.spared("refusals");
    return std::nullopt;
  }
  auto answer = std::make_shared<core::bytes>(maker_.seal(make_error(error, info), h.transaction_id));
  auto header = maker_.header(h.transaction_id, std::move(back));
  header.options = copied_to_response(h.options);
  return refusal{std::move(header), std::move(answer)};
}

}  // namespace phyllo::overlay
