// What the message layer counts: messages received by code, and those dropped by reason.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/overlay/name.hpp"
#include "reload/message_codes.hpp"

namespace phyllo::overlay {

class message_counters {
 public:
  // `metrics` outlives it.
  message_counters(core::metrics& metrics, core::logger log);

  void received(std::uint16_t code);
  // `from`: by whose link it came; none: it is this node's own.
  void dropped(std::string_view reason, const std::optional<node_id>& from);
  // What would have been sent besides, and was not since there was too much of it.
  void spared(std::string_view reason) { metrics_.drop(reason); }

 private:
  core::metrics& metrics_;
  core::logger log_;
  // phyllo_reload_messages_total by code, those without a name under 0.
  std::array<core::counter*, code::path_track_req + 2> counters_{};
  core::counter* errors_ = nullptr;
};

}  // namespace phyllo::overlay
