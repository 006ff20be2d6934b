#include "reload/message_counters.hpp"

#include <string>
#include <utility>

namespace phyllo::overlay {

message_counters::message_counters(core::metrics& metrics, core::logger log) : metrics_(metrics), log_(std::move(log)) {
  const auto counter = [this](const std::string& name) {
    return &metrics_.get_counter("phyllo_reload_messages_total", "RELOAD messages received, by code.", {{"code", name}});
  };
  errors_ = counter(code_name(code::error));
  counters_[0] = counter(code_name(0));
  for (std::uint16_t c = 1; c < counters_.size(); ++c) {
    const auto name = code_name(c);
    counters_[c] = name == "other" ? counters_[0] : counter(name);
  }
}

void message_counters::received(std::uint16_t code) {
  auto* known = code < counters_.size() ? counters_[code] : counters_[0];
  (code == code::error ? errors_ : known)->add();
}

void message_counters::dropped(std::string_view reason, const std::optional<node_id>& from) {
  metrics_.drop(reason);
  log_.debug("dropped a message from {}: {}", from ? from->hex() : "here", reason);
}

}  // namespace phyllo::overlay
