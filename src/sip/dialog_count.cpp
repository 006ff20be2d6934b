#include "dialog_count.hpp"

#include <functional>
#include <string>

namespace phyllo::sip {

dialog_count::key dialog_count::key_of(std::string_view call_id, std::string_view tag, std::string_view other_tag) {
  if (other_tag < tag) std::swap(tag, other_tag);
  std::string text(call_id);
  text.append("\n").append(tag).append("\n").append(other_tag);
  return std::hash<std::string>{}(text);
}

void dialog_count::answered(std::string_view call_id, std::string_view tag, std::string_view other_tag, core::time_point now) {
  const auto id = key_of(call_id, tag, other_tag);
  if (!since_.emplace(id, now).second) return;
  order_.emplace_back(now, id);
  while (order_.size() > max_ || order_.front().first + forget_after_ < now) {  // ends: `now` itself is in it
    const auto [when, old] = order_.front();
    order_.pop_front();
    if (const auto found = since_.find(old); found != since_.end() && found->second == when) since_.erase(found);
  }
}

void dialog_count::ended(std::string_view call_id, std::string_view tag, std::string_view other_tag) {
  since_.erase(key_of(call_id, tag, other_tag));
}

}  // namespace phyllo::sip
