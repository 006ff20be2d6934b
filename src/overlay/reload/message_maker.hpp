// Makes this node's messages: signs their contents and writes their forwarding headers (RFC 6940 s.6.3.2, s.6.3.4).
#pragma once

#include <cstdint>
#include <memory>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "reload/forwarding_header.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

class message_maker {
 public:
  // `trust` outlives it.
  message_maker(std::shared_ptr<const identity::credential> self, const identity::trust& trust, std::uint8_t initial_ttl);

  [[nodiscard]] core::bytes seal(const message_contents& m, std::uint64_t transaction) const;
  [[nodiscard]] forwarding_header header(std::uint64_t transaction, destination_list to) const;

  // Of the document that this node goes by.
  [[nodiscard]] std::uint16_t configuration_sequence() const noexcept { return sequence_; }
  void set_configuration_sequence(std::uint16_t s) noexcept { sequence_ = s; }
  [[nodiscard]] const identity::certificate& certificate() const noexcept { return self_->certificate; }

 private:
  std::shared_ptr<const identity::credential> self_;
  const identity::trust& trust_;
  std::uint8_t initial_ttl_;
  std::uint16_t sequence_ = 1;
};

}  // namespace phyllo::overlay
