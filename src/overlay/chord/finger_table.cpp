#include "chord/finger_table.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

uint128 width_of(unsigned i) { return uint128(1) << (finger_table::fingers_max - i); }

}  // namespace

unsigned finger_table::index_of(const node_id& n) const noexcept { return common_digits(clockwise(self_, n), node_id{}, 1) + 1; }

node_id finger_table::first_of(unsigned i) const noexcept { return from_integer(to_integer(self_) + width_of(i)); }

node_id finger_table::last_of(unsigned i) const noexcept { return from_integer(to_integer(self_) + width_of(i) + width_of(i) - 1); }

node_id finger_table::point_of(unsigned i, uint128 random) const noexcept {
  return from_integer(to_integer(first_of(i)) + (random & (width_of(i) - 1)));
}

bool finger_table::insert(const node_id& n) {
  if (n == self_) return false;
  auto& entry = entries_[index_of(n) - 1];
  if (entry) return false;
  entry = n;
  return true;
}

bool finger_table::erase(const node_id& n) {
  if (!contains(n)) return false;
  entries_[index_of(n) - 1].reset();
  return true;
}

bool finger_table::contains(const node_id& n) const noexcept { return n != self_ && at(index_of(n)) == n; }

std::vector<node_id> finger_table::entries() const {
  std::vector<node_id> out;
  for (const auto& e : entries_) {
    if (e) out.push_back(*e);
  }
  std::ranges::sort(out);
  return out;
}

std::size_t finger_table::count() const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(entries_, [](const auto& e) { return e.has_value(); }));
}

std::vector<unsigned> finger_table::missing(const std::optional<node_id>& farthest) const {
  const auto size = std::max(size_min, farthest ? index_of(*farthest) : 0);
  const auto reach = farthest ? clockwise(self_, *farthest) : node_id{};
  std::vector<unsigned> out;
  for (unsigned i = 1; i <= size; ++i) {
    if (!at(i) && clockwise(self_, last_of(i)) > reach) out.push_back(i);
  }
  return out;
}

}  // namespace phyllo::overlay
