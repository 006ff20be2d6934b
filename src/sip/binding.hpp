// One contact bound to an address-of-record (RFC 3261 s.10), as the registrar that took it knows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialog_token.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/overlay.hpp"
#include "uri.hpp"

namespace phyllo::sip {

struct binding {
  overlay::binding key{};  // the dictionary's key: which device
  sip::uri contact;
  std::string instance;      // +sip.instance without quotes; empty: none
  std::uint32_t reg_id = 0;  // RFC 5626
  std::string features{};    // RFC 3840, as the Contact had them
  std::uint16_t q_thousandths = 1000;
  std::string call_id;  // of the last REGISTER; empty for a binding learnt from the overlay
  std::uint32_t cseq = 0;
  std::vector<std::string> path;   // RFC 3327, nearest to callers first: the supernode that holds it, then the phone's edges
  core::wall_time expires;         // as promised to the phone
  bool here = false;               // registered through this node
  core::wall_time stored_until;    // when its record ends
  std::uint64_t stored_at_ms = 0;  // learnt from the overlay: when it was written
  std::optional<node_way> holder;  // learnt from the overlay: the supernode that wrote the record; none: it can not be spoken to
  bool own_word = false;           // learnt from the overlay: the user wrote it, no node with authority for the domain
};

// The device's key (overlay::binding_of): so a phone that comes back elsewhere replaces its own entry.
[[nodiscard]] overlay::binding binding_key(std::string_view instance, std::uint32_t reg_id, const uri& contact);

}  // namespace phyllo::sip
