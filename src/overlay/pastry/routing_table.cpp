#include "pastry/routing_table.hpp"

#include <algorithm>

#include "reload/ring.hpp"

namespace phyllo::overlay {
namespace {

// Measurements jitter: a newcomer must be nearer by a tenth, or entries change for nothing.
bool clearly_nearer(core::duration a, core::duration b) { return a > core::duration::zero() && a * 10 < b * 9; }

constexpr std::size_t growth = 16;  // of a table whose size is known but for a few entries: to double it would waste a third

}  // namespace

routing_table::place routing_table::find(const slot& s) const noexcept { return std::ranges::lower_bound(entries_, s, {}, &placed::first); }

bool routing_table::insert(const node_id& n, core::duration rtt) {
  if (n == self_) return false;
  const auto s = slot_of(n);
  if (entries_.size() == entries_.capacity()) entries_.reserve(entries_.size() + growth);
  const auto i = entries_.begin() + (find(s) - entries_.begin());
  if (i == entries_.end() || i->first != s) {
    entries_.insert(i, {s, {n, rtt}});
    note_changed(s.first);
    return true;
  }
  if (i->second.node != n && !clearly_nearer(rtt, i->second.rtt)) return false;
  if (i->second.node != n) note_changed(s.first);
  i->second = {n, rtt};
  return true;
}

bool routing_table::take_changed(unsigned r) {
  if (r >= changed_.size() || !changed_[r]) return false;
  changed_[r] = false;
  return true;
}

void routing_table::note_changed(unsigned r) {
  if (changed_.size() <= r) changed_.resize(r + 1);
  changed_[r] = true;
}

bool routing_table::erase(const node_id& n) {
  const auto i = find(slot_of(n));
  if (i == entries_.end() || i->second.node != n) return false;
  entries_.erase(i);
  return true;
}

bool routing_table::contains(const node_id& n) const noexcept {
  const auto* e = towards(n);
  return e != nullptr && e->node == n;
}

bool routing_table::wants(const node_id& n) const noexcept { return n != self_ && towards(n) == nullptr; }

bool routing_table::would_take(const node_id& n, core::duration rtt) const noexcept {
  if (n == self_) return false;
  const auto* e = towards(n);
  return e == nullptr || (e->node != n && clearly_nearer(rtt, e->rtt));
}

routing_table::slot routing_table::slot_of(const node_id& n) const noexcept {
  const auto row = common_digits(self_, n, bits_);
  return {row, row < digits_of(bits_) ? digit(n, row, bits_) : 0};
}

const routing_table::entry* routing_table::at(unsigned row, unsigned column) const noexcept {
  const slot s{row, column};
  const auto i = find(s);
  return i == entries_.end() || i->first != s ? nullptr : &i->second;
}

const routing_table::entry* routing_table::towards(const node_id& key) const noexcept {
  const auto [row, column] = slot_of(key);
  return at(row, column);
}

std::vector<node_id> routing_table::row(unsigned r) const {
  std::vector<node_id> out;
  for (auto i = find({r, 0}); i != entries_.end() && i->first.first == r; ++i) out.push_back(i->second.node);
  return out;
}

std::vector<node_id> routing_table::nearest_of(unsigned r, std::size_t count) const {
  std::vector<entry> found;
  for (auto i = find({r, 0}); i != entries_.end() && i->first.first == r; ++i) found.push_back(i->second);
  std::ranges::sort(found, {}, &entry::rtt);
  std::vector<node_id> out;
  for (std::size_t i = 0; i < std::min(count, found.size()); ++i) out.push_back(found[i].node);
  return out;
}

std::vector<table_row> routing_table::rows(unsigned first, unsigned last) const {
  std::vector<table_row> out;
  for (auto i = find({first, 0}); i != entries_.end() && i->first.first <= last; ++i) {
    const auto r = static_cast<std::uint8_t>(i->first.first);
    if (out.empty() || out.back().row != r) out.push_back({.row = r, .entries = {}, .rtts = {}, .named = {}});
    out.back().entries.push_back(i->second.node);
    out.back().rtts.push_back(microseconds(i->second.rtt));
  }
  return out;
}

}  // namespace phyllo::overlay
