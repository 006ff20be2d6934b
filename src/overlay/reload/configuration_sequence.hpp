// Whose configuration document is newer, by the sequences in forwarding headers (RFC 6940 s.6.3.2.1).
#pragma once

#include <cstdint>

#include "reload/messenger_observer.hpp"

namespace phyllo::overlay {

enum class configuration_age { same, older, newer };

// Of another node's document beside ours. any_sequence goes with all.
[[nodiscard]] configuration_age compare_sequences(std::uint16_t theirs, std::uint16_t ours) noexcept;

// Tells `up` where a message of `who` differs. Neither node is refused (reload.md, Differences): whoever has the newer document hands it
// on, and meanwhile both go on. `way_back`: to `who`.
void tell_of_configuration(const forwarding_header& h, std::uint16_t ours, const node_id& who, destination_list way_back,
                           messenger_observer& up);

}  // namespace phyllo::overlay
