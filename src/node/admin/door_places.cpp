#include "admin/door_places.hpp"

namespace phyllo::node {

door_places::place::place(door_places& of, transport::stream& s) : of_(of), stream_(s), at_(of.idle_.insert(of.idle_.end(), this)) {
  ++of_.size_;
}

door_places::place::~place() {
  if (answered_) --of_.answered_;
  if (out_) return;
  if (!answered_) of_.idle_.erase(at_);
  --of_.size_;
}

bool door_places::place::begin_answer() {
  if (out_ || of_.answered_ >= of_.most_.answered) return false;
  of_.idle_.erase(at_);
  ++of_.answered_;
  answered_ = true;
  return true;
}

void door_places::place::end_answer() {
  at_ = of_.idle_.insert(of_.idle_.end(), this);
  --of_.answered_;
  answered_ = false;
}

void door_places::make_room() {
  if (size_ < most_.all || idle_.empty()) return;
  auto& oldest = *idle_.front();
  idle_.pop_front();
  oldest.out_ = true;
  --size_;
  evicted_.add();
  oldest.stream_.close();  // its coroutine sees that and ends
}

}  // namespace phyllo::node
