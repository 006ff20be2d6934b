#include "reload/forward_buffer.hpp"

#include <algorithm>

namespace phyllo::overlay {

std::uint64_t forward_buffer::keep(kept_message m) {
  if (messages_.size() >= messages_max) return 0;
  messages_.emplace(++last_token_, std::move(m));
  return last_token_;
}

std::optional<kept_message> forward_buffer::take(std::uint64_t token) {
  auto node = messages_.extract(token);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

std::vector<kept_message> forward_buffer::take_of(const transport::link* l) {
  std::vector<std::uint64_t> tokens;
  for (const auto& [token, m] : messages_) {
    if (m.link == l) tokens.push_back(token);
  }
  std::ranges::sort(tokens);
  std::vector<kept_message> out;
  for (const auto token : tokens) out.push_back(*take(token));
  return out;
}

}  // namespace phyllo::overlay
