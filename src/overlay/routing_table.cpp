#include "routing_table.hpp"

#include "ring.hpp"

namespace phyllo::overlay {
namespace {

// Measurements jitter: a newcomer must be nearer by a fifth, or entries change for nothing.
bool clearly_nearer(core::duration a, core::duration b) { return a > core::duration::zero() && a * 5 < b * 4; }

}  // namespace

bool routing_table::insert(const node_id& n, core::duration rtt) {
  if (n == self_) return false;
  const auto [at, fresh] = entries_.try_emplace(slot_of(n), entry{n, rtt});
  if (fresh) return true;
  if (at->second.node != n && !clearly_nearer(rtt, at->second.rtt)) return false;
  at->second = {n, rtt};
  return true;
}

bool routing_table::erase(const node_id& n) {
  const auto at = entries_.find(slot_of(n));
  if (at == entries_.end() || at->second.node != n) return false;
  entries_.erase(at);
  return true;
}

bool routing_table::contains(const node_id& n) const noexcept {
  const auto at = entries_.find(slot_of(n));
  return at != entries_.end() && at->second.node == n;
}

bool routing_table::wants(const node_id& n) const noexcept { return n != self_ && !entries_.contains(slot_of(n)); }

routing_table::slot routing_table::slot_of(const node_id& n) const noexcept {
  const auto row = common_digits(self_, n, bits_);
  return {row, row < digits_of(bits_) ? digit(n, row, bits_) : 0};
}

const routing_table::entry* routing_table::at(unsigned row, unsigned column) const noexcept {
  const auto found = entries_.find({row, column});
  return found == entries_.end() ? nullptr : &found->second;
}

const routing_table::entry* routing_table::towards(const node_id& key) const noexcept {
  const auto [row, column] = slot_of(key);
  return at(row, column);
}

std::vector<node_id> routing_table::row(unsigned r) const {
  std::vector<node_id> out;
  for (auto i = entries_.lower_bound({r, 0}); i != entries_.end() && i->first.first == r; ++i) out.push_back(i->second.node);
  return out;
}

std::vector<table_row> routing_table::rows(unsigned first, unsigned last) const {
  std::vector<table_row> out;
  for (auto r = first; r <= last && r < digits_of(bits_); ++r) {
    auto nodes = row(r);
    if (!nodes.empty()) out.push_back({static_cast<std::uint8_t>(r), std::move(nodes)});
  }
  return out;
}

}  // namespace phyllo::overlay
