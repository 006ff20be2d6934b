#include "dialog_count.hpp"

#include <string>
#include <utility>

namespace phyllo::sip {

std::uint64_t dialog_count::id_of(std::string_view call_id, std::string_view tag, std::string_view other_tag) const {
  if (other_tag < tag) std::swap(tag, other_tag);
  std::string text(call_id);
  text.append("\n").append(tag).append("\n").append(other_tag);
  return core::keyed_hash(key_, text);
}

void dialog_count::answered(std::string_view call_id, std::string_view tag, std::string_view other_tag, core::time_point now) {
  while (!since_.empty() && since_.oldest()->second + forget_after_ < now) since_.erase(since_.oldest()->first);
  const auto id = id_of(call_id, tag, other_tag);
  if (!since_.contains(id)) since_.try_emplace(id, now);
}

void dialog_count::ended(std::string_view call_id, std::string_view tag, std::string_view other_tag) {
  since_.erase(id_of(call_id, tag, other_tag));
}

}  // namespace phyllo::sip
