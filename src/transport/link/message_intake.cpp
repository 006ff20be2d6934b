#include "link/message_intake.hpp"

namespace phyllo::transport {

message_intake::message_intake(reassembly_pool& pool, core::metrics& m) : pool_(pool), metrics_(m), reassembler_(max_message, &pool) {}

core::bytes message_intake::acknowledge(std::uint32_t sequence) { return encode_ack(sequence, receiver_.received(sequence)); }

std::optional<core::byte_view> message_intake::take(core::byte_view part, bool datagrams, core::time_point now, core::bytes& made) {
  if (datagrams && !receiver_.fresh(part, now)) {
    metrics_.drop("link_duplicate");
    return std::nullopt;
  }
  if (!is_fragment(part)) return part;
  const auto given_up = pool_.given_up();
  auto whole = reassembler_.add(part, now);
  for (auto n = given_up; n < pool_.given_up(); ++n) metrics_.drop("fragment_host_full");
  if (!whole) metrics_.drop(pool_.has_room(part.size()) ? "fragment_refused" : "fragment_host_full");
  if (!whole || !*whole) return std::nullopt;
  made = std::move(**whole);
  return made;
}

}  // namespace phyllo::transport
