#include "reload/configuration_sequence.hpp"

#include <utility>

namespace phyllo::overlay {

// "greater than or less than are interpreted by modulo arithmetic as in TCP"
configuration_age compare_sequences(std::uint16_t theirs, std::uint16_t ours) noexcept {
  if (theirs == ours || theirs == any_sequence) return configuration_age::same;
  const auto ahead = static_cast<std::int16_t>(static_cast<std::uint16_t>(theirs - ours));
  return ahead < 0 ? configuration_age::older : configuration_age::newer;
}

void tell_of_configuration(const forwarding_header& h, std::uint16_t ours, const node_id& who, destination_list way_back,
                           messenger_observer& up) {
  switch (compare_sequences(h.configuration_sequence, ours)) {
    case configuration_age::same: return;
    case configuration_age::older: return up.on_old_configuration(std::move(way_back), who);
    case configuration_age::newer: return up.on_new_configuration(who);
  }
}

}  // namespace phyllo::overlay
