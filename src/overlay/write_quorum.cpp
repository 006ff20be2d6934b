#include "write_quorum.hpp"

#include <algorithm>

#include "message.hpp"

namespace phyllo::overlay {

write_quorum::write_quorum(const std::vector<member>& set, const node_id& self) : needed_(quorum(set.size())) {
  for (const auto& m : set) {
    if (m.node == self) {
      ++holders_;
      continue;
    }
    waiting_.insert(m.node);
    if (m.suspect) suspects_.insert(m.node);
  }
}

void write_quorum::take(const node_id& from, const core::result<answer>& a) {
  if (waiting_.erase(from) == 0) return;
  if (!a) return;
  if (a->contents.code == code::store_req + 1) {
    ++holders_;
    return;
  }
  const auto e = read_error(a->contents);
  if (!e) return;
  if (e->code == error_code::data_too_old) newer_ = from;
  if (e->code == error_code::forbidden) disagreeing_.push_back(from);
}

write_quorum::step write_quorum::next() const {
  if (newer_) return step::superseded;
  if (holders_ >= needed_) return step::done;
  const bool hope = std::ranges::any_of(waiting_, [&](const node_id& n) { return !suspects_.contains(n); });
  if (!hope || holders_ + waiting_.size() < needed_) return step::again;
  return step::wait;
}

}  // namespace phyllo::overlay
