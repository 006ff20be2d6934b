#include "way_memory.hpp"

#include <algorithm>

namespace phyllo::sip {

void way_memory::sent(const node_way& to, std::uint64_t request, core::time_point now) {
  auto& n = nodes_.try_emplace(to.id).first;
  n.way = to;
  if (n.waiting.size() < waiting_max) n.waiting.push_back(request);
  if (n.due != core::time_point::max()) return;
  n.due = now + patience;
  n.asked = false;
  next_ = std::min(next_, n.due);
}

// What it owes to phones may take as long as they do: that it lives is enough.
void way_memory::heard(const identity::node_id& from) {
  auto* n = nodes_.find(from);
  if (n == nullptr) return;
  n->waiting.clear();
  n->due = core::time_point::max();
  n->dead_until = {};
}

bool way_memory::dead(const identity::node_id& n, core::time_point now) const {
  const auto* known = nodes_.find(n);
  return known != nullptr && now < known->dead_until;
}

way_memory::step way_memory::on_time(core::time_point now) {
  step s;
  next_ = core::time_point::max();
  for (auto& [id, n] : nodes_) {
    if (n.due <= now && !n.asked) {
      n.asked = true;
      n.due = now + answer_time;
      s.ask.push_back(n.way);
    } else if (n.due <= now) {
      n.due = core::time_point::max();
      n.dead_until = now + dead_for;
      s.gone.push_back(id);
      s.in_vain.insert(s.in_vain.end(), n.waiting.begin(), n.waiting.end());
      n.waiting.clear();
    }
    next_ = std::min(next_, n.due);
  }
  return s;
}

std::uint64_t way_memory::hash_of(const transport::endpoint& e) const { return core::keyed_hash(key_, e.text()); }

void way_memory::silent(const transport::endpoint& contact, core::time_point now) {
  deaf_.try_emplace(hash_of(contact)).first = now + deaf_for;
}

bool way_memory::deaf(const transport::endpoint& contact, core::time_point now) const {
  const auto* until = deaf_.find(hash_of(contact));
  return until != nullptr && now < *until;
}

}  // namespace phyllo::sip
