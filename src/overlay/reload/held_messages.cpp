#include "reload/held_messages.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::overlay {

void held_messages::hold(forwarding_header h, payload_ptr payload, const std::optional<node_id>& from, core::time_point now) {
  messages_.push_back({std::move(h), std::move(payload), from, now + held_for});
}

std::vector<held_message> held_messages::take_all() { return std::exchange(messages_, {}); }

void held_messages::expire(core::time_point now) {
  std::erase_if(messages_, [&](const held_message& m) { return m.until <= now; });
}

core::time_point held_messages::next_due() const {
  auto out = core::time_point::max();
  for (const auto& m : messages_) out = std::min(out, m.until);
  return out;
}

}  // namespace phyllo::overlay
