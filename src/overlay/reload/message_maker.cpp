#include "reload/message_maker.hpp"

#include <utility>

#include "reload/message.hpp"

namespace phyllo::overlay {

message_maker::message_maker(std::shared_ptr<const identity::credential> self, const identity::trust& trust, std::uint8_t initial_ttl)
    : self_(std::move(self)), trust_(trust), initial_ttl_(initial_ttl) {}

core::bytes message_maker::seal(const message_contents& m, std::uint64_t transaction) const {
  return seal_payload(m, trust_.overlay_hash(), transaction, *self_);
}

forwarding_header message_maker::header(std::uint64_t transaction, destination_list to) const {
  forwarding_header h;
  h.overlay = trust_.overlay_hash();
  h.configuration_sequence = sequence_;
  h.ttl = initial_ttl_;
  h.transaction_id = transaction;
  h.destinations = std::move(to);
  return h;
}

}  // namespace phyllo::overlay
