#include "storage/write_quorum.hpp"

#include <algorithm>

#include "storage/storage_extension.hpp"

namespace phyllo::overlay {
namespace {

// What another round may bring: the views agree, a document has come, the replica is less busy. All else is said of the values themselves.
bool may_heal(const error_response& e, const message_contents& m) {
  switch (e.code) {
    case error_code::forbidden: return replica_state::of(m).has_value();  // with F004: of the view
    case error_code::request_timeout:
    case error_code::config_too_old:
    case error_code::config_too_new:
    case error_code::unknown_kind:
    case error_code::in_progress: return true;
    default: return false;
  }
}

}  // namespace

write_quorum::write_quorum(const std::vector<member>& set, const node_id& self) : size_(set.size()), needed_(quorum(set.size())) {
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
  if (e->code == error_code::data_too_old) {
    newer_ = from;
  } else if (may_heal(*e, a->contents)) {
    disagreeing_.push_back(from);
  } else {
    ++refusing_;
    if (!refusal_) refusal_ = *e;
  }
}

write_quorum::step write_quorum::next() const {
  if (newer_) return step::superseded;
  if (holders_ >= needed_) return step::done;
  if (size_ - refusing_ < needed_) return step::refused;
  const bool hope = std::ranges::any_of(waiting_, [&](const node_id& n) { return !suspects_.contains(n); });
  if (!hope || holders_ + waiting_.size() < needed_) return step::again;
  return step::wait;
}

}  // namespace phyllo::overlay
