#include "perfect_tables.hpp"

#include <algorithm>

namespace phyllo::simulate {
namespace {

__extension__ using wide_number = unsigned __int128;
constexpr std::size_t id_bits = 128;
constexpr std::size_t hops_max = 64;

wide_number value(const identity::node_id& id) {
  wide_number v = 0;
  for (const auto o : id.octets) v = v << 8 | o;
  return v;
}

wide_number distance(wide_number a, wide_number b) { return std::min(a - b, b - a); }

}  // namespace

perfect_tables::perfect_tables(sim::ring& ring, unsigned digit_bits, std::size_t leaf_set)
    : bits_(digit_bits), half_(std::min(leaf_set, ring.active() - 1) / 2), network_(ring.network()) {
  for (const auto& [id, node] : ring.active_nodes()) {  // in the order of their ids
    ids_.push_back(value(id));
    nodes_.push_back(node);
  }
  tables_.resize(nodes_.size());
  for (place p = 0; p < nodes_.size(); ++p) fill(p, network_);
}

void perfect_tables::fill(place p, sim::network& n) {
  std::vector<core::duration> least;
  auto& table = tables_[p];
  for (place other = 0; other < nodes_.size(); ++other) {
    if (other == p) continue;
    const auto row = common_digits(ids_[p], ids_[other]);
    const auto slot = (row << bits_) + digit(ids_[other], row);
    if (slot >= table.size()) {
      table.resize((row + 1) << bits_, nobody);
      least.resize(table.size(), core::duration::max());
    }
    const auto away = n.distance(nodes_[p]->index, nodes_[other]->index);
    if (away >= least[slot]) continue;
    least[slot] = away;
    table[slot] = other;
  }
}

std::size_t perfect_tables::common_digits(wide_number a, wide_number b) const {
  std::size_t same = 0;
  while (same * bits_ < id_bits && digit(a, same) == digit(b, same)) ++same;  // ends with the digits
  return same;
}

std::size_t perfect_tables::digit(wide_number id, std::size_t row) const {
  return static_cast<std::size_t>(id << (row * bits_) >> (id_bits - bits_));
}

perfect_tables::place perfect_tables::place_of(const sim::node& n) const {
  return static_cast<place>(std::ranges::lower_bound(ids_, value(n.id())) - ids_.begin());
}

std::vector<perfect_tables::place> perfect_tables::leafs(place p) const {
  std::vector<place> out;
  for (std::size_t i = 1; i <= half_; ++i) {
    out.push_back((p + i) % ids_.size());
    out.push_back((p + ids_.size() - i) % ids_.size());
  }
  return out;
}

std::vector<perfect_tables::place> perfect_tables::entries(place p) const {
  auto out = leafs(p);
  std::ranges::copy_if(tables_[p], std::back_inserter(out), [](place e) { return e != nobody; });
  return out;
}

perfect_tables::place perfect_tables::next(place at, wide_number key) const {
  auto best = at;
  const auto consider = [&](place p) {
    if (distance(ids_[p], key) < distance(ids_[best], key)) best = p;
  };
  const auto left = ids_[(at + ids_.size() - half_) % ids_.size()];
  const auto right = ids_[(at + half_) % ids_.size()];
  if (key - left <= right - left || 2 * half_ + 1 >= ids_.size()) {
    std::ranges::for_each(leafs(at), consider);
    return best;
  }
  const auto row = common_digits(ids_[at], key);
  const auto slot = (row << bits_) + digit(key, row);
  if (slot < tables_[at].size() && tables_[at][slot] != nobody) return tables_[at][slot];
  for (const auto p : entries(at)) {
    if (common_digits(ids_[p], key) >= row) consider(p);
  }
  return best;
}

perfect_tables::place perfect_tables::nearest_sought(place at, const std::vector<sim::node*>& sought) const {
  const auto is_sought = [&](place p) { return std::ranges::find(sought, nodes_[p]) != sought.end(); };
  if (is_sought(at)) return at;
  auto best = at;
  auto least = core::duration::max();
  for (const auto p : entries(at)) {
    const auto away = network_.distance(nodes_[at]->index, nodes_[p]->index);
    if (away >= least || !is_sought(p)) continue;
    best = p;
    least = away;
  }
  return best;
}

std::vector<sim::node*> perfect_tables::way(const sim::node& from, const identity::node_id& key,
                                            const std::vector<sim::node*>& sought) const {
  const auto k = value(key);
  auto at = place_of(from);
  std::vector<sim::node*> out{nodes_[at]};
  while (out.size() < hops_max) {  // ends at the root, or with a way that goes in a circle
    auto to = nearest_sought(at, sought);
    if (to == at) to = next(at, k);
    if (to == at) break;
    at = to;
    out.push_back(nodes_[at]);
  }
  return out;
}

}  // namespace phyllo::simulate
