// Messages that this node is responsible for unless a suspect turns out alive: they wait until that is known (MSPastry). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "phyllo/core/time.hpp"
#include "reload/forwarding_header.hpp"

namespace phyllo::overlay {

struct held_message {
  forwarding_header header;
  payload_ptr payload;
  std::optional<node_id> from;  // by whose link it came; none: it is this node's own
  core::time_point until;
};

class held_messages {
 public:
  static constexpr std::size_t held_max = 1024;
  static constexpr core::duration held_for = std::chrono::seconds(8);  // longer than a suspect stays one

  [[nodiscard]] bool full() const noexcept { return messages_.size() >= held_max; }
  void hold(forwarding_header h, payload_ptr payload, const std::optional<node_id>& from, core::time_point now);
  // To ask of each what is to become of it.
  [[nodiscard]] std::vector<held_message> take_all();
  // One that is to wait on, as long as it was to wait before.
  void put_back(held_message m) { messages_.push_back(std::move(m)); }
  void expire(core::time_point now);                // those that have waited in vain
  [[nodiscard]] core::time_point next_due() const;  // when the first has; max: none waits
  void clear() noexcept { messages_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }

 private:
  std::vector<held_message> messages_;
};

}  // namespace phyllo::overlay
