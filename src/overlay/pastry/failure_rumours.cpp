#include "pastry/failure_rumours.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace phyllo::overlay {

void failure_rumours::hear(const node_id& n, const node_id& from, const leaf_set_state& s, const leaf_set& theirs) {
  auto [r, first] = rumours_.try_emplace(n);
  if (r.informed.size() < informed_max) r.informed.insert(from);
  // Whose leaf set it was too far for has missed it in its table, and told nobody.
  const bool told_all = !r.spread && theirs.would_take(n);
  r.spread |= told_all;
  // The first to say so has told all that it names. Others tell nobody, and who comes to be named later was not told.
  if (first && told_all) {
    r.informed.insert(s.left.begin(), s.left.end());
    r.informed.insert(s.right.begin(), s.right.end());
  }
  r.named_by = from;
  r.names = s.left;
  r.names.insert(r.names.end(), s.right.begin(), s.right.end());
  r.places = s.named;
}

void failure_rumours::refute(const node_id& n, core::time_point now) {
  if (rumours_.erase(n)) refuted_.try_emplace(n).first = now + refuted_for;
}

bool failure_rumours::refuted(const node_id& n, core::time_point now) const {
  const auto* until = refuted_.find(n);
  return until != nullptr && now < *until;
}

failure_rumour failure_rumours::take(const node_id& n) {
  failure_rumour out;
  if (auto* heard = rumours_.find(n)) out = std::move(*heard);
  rumours_.erase(n);
  return out;
}

void failure_rumours::forget_old(core::time_point now) {
  refuted_.erase_if([&](const auto& r) { return now >= r.second; });
}

// Who has found it silent tells the others; they ask it themselves, and tell nobody. But its two neighbours, whose views of those that are
// concerned are the best, tell whom the first did not know; and who has heard it only of one that told nobody tells them, too. A link that
// breaks is seen by all that have one: again the neighbours tell the others.
bool tells_of(const leaf_set& l, const node_id& failed, suspicion why, const failure_rumour& heard) {
  if (why == suspicion::told && !heard.spread) return true;
  return why == suspicion::overdue || why == suspicion::silent || l.has_neighbour(failed);
}

std::vector<node_id> concerned(const node_id& self, const leaf_set& l, const node_id& failed, std::size_t reach,
                               const std::set<node_id>& informed) {
  auto line = l.left();
  std::ranges::reverse(line);
  line.push_back(self);
  for (const auto& m : l.right()) line.push_back(m);
  const auto at = std::ranges::find(line, failed) - line.begin();
  const auto span = static_cast<std::ptrdiff_t>(reach);
  std::vector<node_id> out;
  for (auto i = std::max<std::ptrdiff_t>(0, at - span); i < std::min(std::ssize(line), at + span + 1); ++i) {
    const auto& m = line[static_cast<std::size_t>(i)];
    const bool twice = std::ranges::find(out, m) != out.end();  // in a small ring it stands on both sides
    if (m != failed && m != self && !twice && !informed.contains(m)) out.push_back(m);
  }
  return out;
}

}  // namespace phyllo::overlay
